//! SIP over WebSocket (RFC 7118), on a listener of its own and through the door of an HTTP server.

use crate::{
    certificates::certificates,
    support::{News, Running, message, run, soon},
};
use carillon_sip_core::{Transport, limits::MESSAGE};
use carillon_sip_net::{Limits, NetConfig};
use futures_util::{SinkExt, StreamExt};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use tokio_tungstenite::{
    WebSocketStream, client_async, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::Request, protocol::Role},
};

fn any() -> Vec<SocketAddr> {
    vec!["127.0.0.1:0".parse().expect("address")]
}

fn request(server: &str, path: &str, subprotocol: Option<&str>) -> Request<()> {
    let mut request = format!("{server}{path}").into_client_request().expect("a request");
    if let Some(name) = subprotocol {
        request.headers_mut().insert("sec-websocket-protocol", name.parse().expect("a value"));
    }
    request
}

async fn connected(server: &Running) -> WebSocketStream<impl AsyncRead + AsyncWrite + Unpin + use<>> {
    let (socket, response) = connect_async(request(&format!("ws://{}", server.ws), "/sip", Some("sip"))).await.expect("a handshake");
    assert_eq!(response.headers()["sec-websocket-protocol"], "sip");
    socket
}

async fn heard<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) -> Message {
    soon(socket.next()).await.expect("the socket is open").expect("a frame")
}

#[tokio::test]
async fn each_frame_is_a_message_and_each_answer_a_frame() {
    let mut server = run(NetConfig { ws: any(), ..NetConfig::default() }).await;
    let mut socket = connected(&server).await;
    for (number, frame) in
        [Message::Text(message("ws-1", "a").into()), Message::Binary(message("ws-2", "b").into())].into_iter().enumerate()
    {
        let asked = frame.clone().into_data();
        socket.send(frame).await.expect("sent");
        assert_eq!(heard(&mut socket).await, Message::Text(String::from_utf8(asked.to_ascii_uppercase()).expect("text").into()));
        let (hop, packet) = server.packet().await;
        assert_eq!((hop.transport, packet), (Transport::Ws, asked), "{number}");
    }
    socket.send(Message::Binary(b"latin \xe9".to_vec().into())).await.expect("sent");
    assert_eq!(heard(&mut socket).await, Message::Binary(b"LATIN \xe9".to_vec().into()), "what is no UTF-8 goes as binary");
    server.packet().await;
    socket.send(Message::Text("\r\n\r\n".into())).await.expect("sent");
    assert_eq!(heard(&mut socket).await, Message::Text("\r\n".into()), "a keep-alive is answered with its pong");
    socket.send(Message::Ping(b"there?".to_vec().into())).await.expect("sent");
    assert_eq!(heard(&mut socket).await, Message::Pong(b"there?".to_vec().into()));
    socket.close(None).await.expect("closed");
    assert!(matches!(server.news().await, News::Closed(_)));
}

#[tokio::test]
async fn another_path_or_subprotocol_is_refused() {
    let server = run(NetConfig { ws: any(), ..NetConfig::default() }).await;
    let at = format!("ws://{}", server.ws);
    for (path, subprotocol, status) in [("/other", Some("sip"), 404), ("/sip", None, 400), ("/sip", Some("chat"), 400)] {
        match connect_async(request(&at, path, subprotocol)).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), status, "{path}"),
            other => panic!("{path} {subprotocol:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_its_connection_alone() {
    let mut server = run(NetConfig { ws: any(), ..NetConfig::default() }).await;
    let (mut greedy, mut calm) = (connected(&server).await, connected(&server).await);
    // The peer may have closed before all of it was taken.
    let _ = greedy.send(Message::Text("x".repeat(MESSAGE + 1).into())).await;
    assert!(matches!(server.news().await, News::Closed(_)));
    calm.send(Message::Text(message("calm", "").into())).await.expect("sent");
    heard(&mut calm).await;
}

#[tokio::test]
async fn who_says_nothing_or_answers_no_ping_is_closed() {
    let limits = Limits { half_open: Duration::from_millis(200), ping: Duration::from_millis(100), ..Limits::default() };
    let mut server = run(NetConfig { ws: any(), limits, ..NetConfig::default() }).await;
    let _silent = connected(&server).await;
    assert!(matches!(server.news().await, News::Closed(_)), "never a message");
    let mut mute = connected(&server).await;
    mute.send(Message::Text(message("once", "").into())).await.expect("sent");
    server.packet().await;
    // Nobody reads the socket, so no ping of the server's is answered.
    assert!(matches!(server.news().await, News::Closed(_)));
}

#[tokio::test]
async fn a_browser_comes_by_websocket_inside_tls() {
    let certificates = certificates();
    let mut server = run(NetConfig { wss: any(), tls_server: Some(certificates.server), ..NetConfig::default() }).await;
    let stream = TcpStream::connect(server.wss).await.expect("connected");
    let name = ServerName::try_from("sip.example").expect("a name");
    let stream = TlsConnector::from(certificates.client).connect(name, stream).await.expect("a handshake");
    let (mut socket, _) = client_async(request("wss://sip.example", "/sip", Some("sip")), stream).await.expect("a handshake");
    socket.send(Message::Text(message("wss", "").into())).await.expect("sent");
    heard(&mut socket).await;
    assert_eq!(server.packet().await.0.transport, Transport::Wss);
}

#[tokio::test]
async fn an_http_server_hands_in_the_websockets_of_its_own_port() {
    let mut server = run(NetConfig::default()).await;
    let (ours, theirs) = tokio::io::duplex(4096);
    let address = |text: &str| text.parse().expect("address");
    server.door.enter(ours, true, address("192.0.2.1:443"), address("198.51.100.7:40000")).await;
    let mut socket = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
    socket.send(Message::Text(message("door", "").into())).await.expect("sent");
    heard(&mut socket).await;
    let (hop, _) = server.packet().await;
    assert_eq!((hop.transport, hop.remote), (Transport::Wss, address("198.51.100.7:40000")));
}
