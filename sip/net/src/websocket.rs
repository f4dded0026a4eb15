//! SIP over WebSocket (RFC 7118): one message a frame, subprotocol `sip`.

use crate::{
    Limits,
    flow::{Finish, FromFlow},
};
use bytes::Bytes;
use carillon_sip_core::{FlowId, limits::MESSAGE};
use futures_util::{SinkExt, StreamExt};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async_with_config,
    tungstenite::{
        Error, Message, Utf8Bytes,
        handshake::server::{ErrorResponse, Request, Response},
        http::{HeaderMap, HeaderValue, StatusCode, header},
        protocol::{Role, WebSocketConfig},
    },
};

/// The path that WebSockets for SIP are asked for at.
pub const PATH: &str = "/sip";
/// The subprotocol (RFC 7118 4.1).
pub const SUBPROTOCOL: &str = "sip";

/// Whether a client offers the subprotocol.
pub fn offers_sip(headers: &HeaderMap) -> bool {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    offered.flat_map(|value| value.split(',')).any(|name| name.trim().eq_ignore_ascii_case(SUBPROTOCOL))
}

/// Answers the handshake of a peer.
pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> io::Result<WebSocketStream<S>> {
    accept_hdr_async_with_config(stream, answer, Some(settings())).await.map_err(as_io)
}

/// A stream whose handshake was answered elsewhere.
pub(crate) async fn upgraded<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> WebSocketStream<S> {
    WebSocketStream::from_raw_socket(stream, Role::Server, Some(settings())).await
}

#[expect(clippy::result_large_err, reason = "the shape that the handshake wants")]
fn answer(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let refuse = |status: StatusCode, why: &str| {
        let mut refusal = ErrorResponse::new(Some(why.to_owned()));
        *refusal.status_mut() = status;
        Err(refusal)
    };
    if request.uri().path() != PATH {
        return refuse(StatusCode::NOT_FOUND, "SIP is at /sip\n");
    }
    if !offers_sip(request.headers()) {
        return refuse(StatusCode::BAD_REQUEST, "the subprotocol is sip\n");
    }
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

/// A frame holds a message, and a message has a limit; buffers are small, since most connections are silent most of the time.
fn settings() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * MESSAGE)
        .max_message_size(Some(MESSAGE))
        .max_frame_size(Some(MESSAGE))
}

/// Reads and writes until either side ends.
pub(crate) async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    flow: FlowId,
    limits: Limits,
    inbox: mpsc::Sender<FromFlow>,
    mut outbox: mpsc::Receiver<Bytes>,
) -> Finish {
    // A peer that has said nothing yet has less time than one that merely rests; one that rests is asked now and then.
    let mut spoke_by = Some(Instant::now() + limits.half_open);
    let mut check = Instant::now() + limits.ping;
    let mut is_asked = false;
    let finish = loop {
        let next = spoke_by.map_or(check, |by| by.min(check));
        let turn = tokio::select! {
            heard = socket.next() => {
                let Some(heard) = heard else { break Finish::because("closed by the peer") };
                (check, is_asked) = (Instant::now() + limits.ping, false);
                match heard {
                    Ok(Message::Text(text)) => Turn::of(text.into()),
                    Ok(Message::Binary(bytes)) => Turn::of(bytes),
                    // A ping is answered by the library with the next write or flush.
                    Ok(Message::Ping(_)) => Turn::Flush,
                    Ok(Message::Pong(_) | Message::Frame(_)) => Turn::Nothing,
                    Ok(Message::Close(_)) => break Finish::because("closed by the peer"),
                    Err(error) => break Finish::because(reason(&error)),
                }
            }
            message = outbox.recv() => match message {
                Some(message) => Turn::Send(frame(message)),
                None => break Finish::because("closed by us"),
            },
            () = tokio::time::sleep_until(next) => {
                if spoke_by.is_some_and(|by| by <= Instant::now()) {
                    break Finish::because("too slow or idle");
                }
                if std::mem::replace(&mut is_asked, true) {
                    break Finish::because("does not answer");
                }
                check = Instant::now() + limits.ping;
                Turn::Send(Message::Ping(Bytes::new()))
            }
        };
        let sent = match turn {
            Turn::Nothing => continue,
            Turn::Packet(packet) => {
                spoke_by = None;
                if inbox.send(FromFlow::Message(flow, packet)).await.is_err() {
                    break Finish::because("the loop has ended");
                }
                continue;
            }
            Turn::Flush => write(limits.write, socket.flush()).await,
            Turn::Send(frame) => {
                if matches!(frame, Message::Text(_)) {
                    spoke_by = None;
                }
                write(limits.write, socket.send(frame)).await
            }
        };
        if let Err(why) = sent {
            break Finish::because(why);
        }
    };
    // A peer that does not even take the close frame has gone.
    let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
    finish
}

/// What one turn asks for.
enum Turn {
    Nothing,
    Flush,
    Packet(Bytes),
    Send(Message),
}

impl Turn {
    /// RFC 5626 3.5.1 in a frame of its own: a double CRLF is answered with one, blank frames with nothing.
    fn of(packet: Bytes) -> Self {
        match packet.as_ref() {
            b"\r\n\r\n" => Turn::Send(Message::Text("\r\n".into())),
            b"" | b"\r\n" => Turn::Nothing,
            _ => Turn::Packet(packet),
        }
    }
}

/// RFC 7118 5: text where it is UTF-8.
fn frame(message: Bytes) -> Message {
    match Utf8Bytes::try_from(message.clone()) {
        Ok(text) => Message::Text(text),
        Err(_) => Message::Binary(message),
    }
}

async fn write(limit: Duration, sending: impl Future<Output = Result<(), Error>>) -> Result<(), &'static str> {
    match timeout(limit, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err("reset while writing"),
        Err(_) => Err("the peer does not read"),
    }
}

fn reason(error: &Error) -> &'static str {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => "closed by the peer",
        Error::Io(_) | Error::Tls(_) => "reset",
        Error::Capacity(_) => "message too large",
        _ => "no WebSocket",
    }
}

fn as_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::other(other),
    }
}
