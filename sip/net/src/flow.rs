//! One stream connection: framing what comes, writing what goes, and the time-outs of both.

use crate::{
    Limits,
    arrival::Wire,
    tls::Tls,
    websocket::{self, accept, upgraded},
};
use bytes::Bytes;
use carillon_sip_core::{
    FlowId, Hop, Transport,
    message::{FrameError, Framed, Response, StreamFramer},
};
use socket2::{SockRef, TcpKeepalive};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    net::TcpStream,
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

/// What a connection tells the loop.
pub(crate) enum FromFlow {
    Message(FlowId, Bytes),
    /// The last word of a connection: it is over, or it never was.
    Closed(FlowId, Was),
}

/// How far a connection came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Was {
    Open,
    /// The peer could not be connected to.
    Unconnected,
    /// The handshake of TLS or WebSocket failed.
    Unshaken,
}

/// The loop's end of one connection.
pub(crate) struct FlowTask {
    pub(crate) flow: FlowId,
    pub(crate) limits: Limits,
    pub(crate) tls: Tls,
    pub(crate) inbox: mpsc::Sender<FromFlow>,
    pub(crate) outbox: mpsc::Receiver<Bytes>,
}

const PONG: Bytes = Bytes::from_static(b"\r\n");

impl FlowTask {
    /// Serves a connection that a peer made.
    pub(crate) async fn serve(self, wire: Wire, hop: Hop) {
        let (flow, inbox) = (self.flow, self.inbox.clone());
        let was = match self.shake_and_talk(wire, hop.transport).await {
            Ok(finish) => {
                tracing::debug!(%flow, why = finish.why, "connection ended");
                Was::Open
            }
            Err(error) => {
                tracing::debug!(peer = %hop, %error, "no handshake");
                Was::Unshaken
            }
        };
        let _ = inbox.send(FromFlow::Closed(flow, was)).await;
    }

    /// Connects, then serves.
    pub(crate) async fn connect(self, hop: Hop) {
        let (flow, inbox) = (self.flow, self.inbox.clone());
        let was = match timeout(self.limits.connect, self.reach(hop)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(Reached::Plain(stream)) => self.talk(stream).await,
            Ok(Reached::Secured(stream)) => self.talk(stream).await,
            Err(error) => {
                tracing::debug!(peer = %hop, %error, "could not connect");
                let _ = inbox.send(FromFlow::Closed(flow, Was::Unconnected)).await;
                return;
            }
        };
        tracing::debug!(%flow, why = was.why, "connection ended");
        let _ = inbox.send(FromFlow::Closed(flow, Was::Open)).await;
    }

    async fn reach(&self, hop: Hop) -> io::Result<Reached> {
        let stream = TcpStream::connect(hop.remote).await?;
        tune(&stream);
        Ok(match hop.transport {
            Transport::Tls => Reached::Secured(Box::new(self.tls.connect(hop.remote, stream).await?)),
            _ => Reached::Plain(stream),
        })
    }

    /// Makes the handshakes of the transport, each in its time.
    async fn shake_and_talk(self, wire: Wire, transport: Transport) -> io::Result<Finish> {
        let limit = self.limits.half_open;
        let stream = match wire {
            Wire::Upgraded(stream) => return Ok(self.talk_by_frames(upgraded(stream).await).await),
            Wire::Fresh(stream) => stream,
        };
        tune(&stream);
        match transport {
            Transport::Tls => {
                let stream = within(limit, self.tls.accept(transport, stream)).await?;
                Ok(self.talk(stream).await)
            }
            Transport::Ws => {
                let socket = within(limit, accept(stream)).await?;
                Ok(self.talk_by_frames(socket).await)
            }
            Transport::Wss => {
                let stream = within(limit, self.tls.accept(transport, stream)).await?;
                let socket = within(limit, accept(stream)).await?;
                Ok(self.talk_by_frames(socket).await)
            }
            Transport::Tcp | Transport::Udp => Ok(self.talk(stream).await),
        }
    }

    async fn talk_by_frames<S: AsyncRead + AsyncWrite + Unpin>(self, socket: tokio_tungstenite::WebSocketStream<S>) -> Finish {
        websocket::talk(socket, self.flow, self.limits, self.inbox, self.outbox).await
    }

    /// Reads and writes until either side ends; an error of one ends both.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(self, stream: S) -> Finish {
        let (read, mut write) = split(stream);
        let (pong, pongs) = mpsc::channel(4);
        let reading = Reading { flow: self.flow, half_open: self.limits.half_open, idle: self.limits.idle, inbox: self.inbox, pong };
        let finish = tokio::select! {
            finish = reading.run(read) => finish,
            why = write_all(&mut write, self.outbox, pongs, self.limits.write) => Finish::because(why),
        };
        if let Some(words) = &finish.last_words {
            let _ = timeout(self.limits.write, write.write_all(words)).await;
        }
        // Says goodbye where the transport has a word for it.
        let _ = timeout(Duration::from_secs(1), write.shutdown()).await;
        finish
    }
}

enum Reached {
    Plain(TcpStream),
    Secured(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

async fn within<T>(limit: Duration, shaking: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, shaking).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Why a connection ended, and what its peer still ought to hear.
pub(crate) struct Finish {
    pub(crate) why: &'static str,
    last_words: Option<Bytes>,
}

impl Finish {
    pub(crate) fn because(why: &'static str) -> Self {
        Finish { why, last_words: None }
    }

    /// Where the next message would begin is not known, so the connection must end; a request is told what was wrong with it.
    fn unframed(FrameError(error): FrameError) -> Self {
        let answer = error.request.zip(error.status).map(|(request, status)| {
            let mut response = Response::to(&request, status).with_reason(error.reason);
            response.headers.tag_to("unframed");
            response.to_bytes()
        });
        Finish { why: error.reason, last_words: answer }
    }
}

struct Reading {
    flow: FlowId,
    half_open: Duration,
    idle: Duration,
    inbox: mpsc::Sender<FromFlow>,
    pong: mpsc::Sender<Bytes>,
}

impl Reading {
    async fn run(self, mut read: impl AsyncRead + Unpin) -> Finish {
        let mut framer = StreamFramer::new();
        let mut buffer = vec![0; 16 * 1024];
        // A peer that has said nothing yet, or not all of something, has less time than one that merely rests.
        let mut deadline = Instant::now() + self.half_open;
        loop {
            let count = match timeout_at(deadline, read.read(&mut buffer)).await {
                Err(_) => return Finish::because("too slow or idle"),
                Ok(Err(_)) => return Finish::because("reset"),
                Ok(Ok(0)) => return Finish::because("closed by the peer"),
                Ok(Ok(count)) => count,
            };
            let was_midway = framer.is_midway();
            framer.feed(&buffer[..count]);
            let mut completed = false;
            while let Some(framed) = framer.next() {
                completed = true;
                match framed {
                    Ok(Framed::Message(bytes)) => {
                        if self.inbox.send(FromFlow::Message(self.flow, bytes)).await.is_err() {
                            return Finish::because("the loop has ended");
                        }
                    }
                    // RFC 5626 3.5.1: CRLFCRLF is a ping. One pong in waiting answers them all.
                    Ok(Framed::KeepAlive) => drop(self.pong.try_send(PONG)),
                    Err(error) => return Finish::unframed(error),
                }
            }
            match framer.is_midway() {
                false => deadline = Instant::now() + self.idle,
                true if completed || !was_midway => deadline = Instant::now() + self.half_open,
                true => {}
            }
        }
    }
}

async fn write_all(
    write: &mut (impl AsyncWrite + Unpin),
    mut outbox: mpsc::Receiver<Bytes>,
    mut pongs: mpsc::Receiver<Bytes>,
    limit: Duration,
) -> &'static str {
    loop {
        let next = tokio::select! {
            message = outbox.recv() => message,
            pong = pongs.recv() => pong,
        };
        let Some(bytes) = next else { return "closed by us" };
        let writing = async {
            write.write_all(&bytes).await?;
            // TLS keeps a record until it is asked for it.
            write.flush().await
        };
        match timeout(limit, writing).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return "reset while writing",
            Err(_) => return "the peer does not read",
        }
    }
}

/// Small messages go at once; a peer that vanished is noticed.
fn tune(stream: &TcpStream) {
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(20)).with_retries(3);
    let tuned = stream.set_nodelay(true).and_then(|()| SockRef::from(stream).set_tcp_keepalive(&keepalive));
    if let Err(error) = tuned {
        tracing::debug!(%error, "could not tune a connection");
    }
}
