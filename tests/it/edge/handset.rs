//! A phone on a connection, written by hand: it shares with the server only the hash of a password.

use std::net::SocketAddr;

use carillon_sip_core::{digest, message::Method};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    task::JoinSet,
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::certificates::Authority;
use carillon_kit::phone::PATIENCE;

/// How a handset connects.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By {
    Tcp,
    Tls,
    Ws,
    Wss,
}

impl By {
    fn via(self) -> &'static str {
        match self {
            By::Tcp => "TCP",
            By::Tls => "TLS",
            By::Ws => "WS",
            By::Wss => "WSS",
        }
    }
}

pub(crate) struct Handset {
    /// Names its requests: two of one address must not be taken for one that repeats itself.
    id: u32,
    name: String,
    by: By,
    server: SocketAddr,
    cseq: u32,
    heard: mpsc::Receiver<String>,
    said: mpsc::Sender<String>,
    /// The connection; closed when dropped.
    _wire: JoinSet<()>,
}

impl Handset {
    pub(crate) async fn connect(name: &str, by: By, server: SocketAddr, authority: &Authority) -> Self {
        let (tell, heard) = mpsc::channel(64);
        let (said, told) = mpsc::channel(64);
        let mut wire = JoinSet::new();
        match by {
            By::Tcp => drop(wire.spawn(stream(TcpStream::connect(server).await.expect("a connection"), tell, told))),
            By::Tls => drop(wire.spawn(stream(authority.connect(server).await, tell, told))),
            By::Ws => drop(wire.spawn(frames(TcpStream::connect(server).await.expect("a connection"), server, tell, told))),
            By::Wss => drop(wire.spawn(frames(authority.connect(server).await, server, tell, told))),
        }
        Self { id: rand::random(), name: name.to_owned(), by, server, cseq: 0, heard, said, _wire: wire }
    }

    pub(crate) async fn say(&self, text: String) {
        self.said.send(text).await.expect("the connection stands");
    }

    /// The next message.
    pub(crate) async fn hears(&mut self) -> String {
        let heard = tokio::time::timeout(PATIENCE, self.heard.recv()).await;
        heard.expect("something is said in time").expect("the connection stands")
    }

    /// Registers by digest, with these parameters in Contact; the final answer.
    pub(crate) async fn register(&mut self, contact: &str) -> String {
        self.register_with(contact, "").await
    }

    /// The same with more headers.
    pub(crate) async fn register_with(&mut self, contact: &str, more: &str) -> String {
        let challenged = self.ask(contact, None).await;
        let challenge = header(&challenged, "WWW-Authenticate").unwrap_or_else(|| panic!("no challenge: {challenged}"));
        let uri = format!("sip:{}", self.server);
        let password = format!("phone-{}", self.name);
        let proof =
            digest::answer(challenge.as_bytes(), &self.name, &password, &Method::Register, &uri, 1, "c").expect("a digest challenge");
        self.ask(contact, Some(&format!("{more}Authorization: {proof}\r\n"))).await
    }

    /// One REGISTER, with more headers; its answer.
    pub(crate) async fn ask(&mut self, contact: &str, more: Option<&str>) -> String {
        self.cseq += 1;
        let Self { id, name, server, cseq, .. } = self;
        // A page cannot tell its address: its host is made up (RFC 7118 5).
        let request = format!(
            "REGISTER sip:{server} SIP/2.0\r\nVia: SIP/2.0/{} df7jal23ls0d.invalid;branch=z9hG4bK{cseq}{id};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:{name}@{server}>;tag=f\r\nTo: <sip:{name}@{server}>\r\nCall-ID: reg-{id}-{}-{}\r\nCSeq: {cseq} REGISTER\r\n\
             Contact: <sip:{name}@df7jal23ls0d.invalid;transport={}>{contact}\r\nExpires: 600\r\n{}Content-Length: 0\r\n\r\n",
            self.by.via(),
            self.by.via(),
            server.port(),
            self.by.via().to_lowercase(),
            more.unwrap_or_default(),
        );
        self.say(request).await;
        self.hears().await
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, request: &str, status: &str) {
        let copied = ["Via", "From", "Call-ID", "CSeq"].map(|name| format!("{name}: {}\r\n", header(request, name).unwrap_or_default()));
        let to = header(request, "To").unwrap_or_default();
        self.say(format!("SIP/2.0 {status}\r\n{}To: {to};tag=t\r\nContent-Length: 0\r\n\r\n", copied.concat())).await;
    }
}

/// The first header of a name.
pub(crate) fn header(message: &str, name: &str) -> Option<String> {
    let lines = message.split("\r\n\r\n").next()?.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).next()
}

async fn stream(stream: impl AsyncRead + AsyncWrite, heard: mpsc::Sender<String>, mut said: mpsc::Receiver<String>) {
    let (mut read, mut write) = tokio::io::split(stream);
    let mut held = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        tokio::select! {
            text = said.recv() => match text {
                Some(text) => {
                    write.write_all(text.as_bytes()).await.expect("written");
                    write.flush().await.expect("written");
                }
                None => return,
            },
            count = read.read(&mut buffer) => match count {
                Ok(0) | Err(_) => return,
                Ok(count) => held.extend_from_slice(&buffer[..count]),
            },
        }
        while let Some(length) = whole(&held) {
            let message = String::from_utf8(held.drain(..length).collect()).expect("text");
            if heard.send(message).await.is_err() {
                return;
            }
        }
    }
}

/// How long the first message is, once all of it is there.
fn whole(held: &[u8]) -> Option<usize> {
    let head = held.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&held[..head]).into_owned();
    let body: usize = header(&text, "Content-Length").and_then(|length| length.parse().ok()).unwrap_or_default();
    (held.len() >= head + body).then_some(head + body)
}

async fn frames(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    server: SocketAddr,
    heard: mpsc::Sender<String>,
    mut said: mpsc::Receiver<String>,
) {
    let mut request = format!("ws://{server}/sip").into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "sip".parse().expect("a value"));
    let (mut socket, _) = client_async(request, stream).await.expect("a handshake");
    loop {
        tokio::select! {
            text = said.recv() => match text {
                Some(text) => socket.send(Message::Text(text.into())).await.expect("sent"),
                None => return,
            },
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    if heard.send(text.to_string()).await.is_err() {
                        return;
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
        }
    }
}
