//! A carrier that knows its customers by name: its registrar and its gateway at one socket, by UDP or by TLS. Of the server it shares how
//! messages are read and how digests are checked.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use bytes::Bytes;
use carillon_kit::phone::PATIENCE;
use carillon_sip_core::{
    digest::{Challenger, Ha1, Policy},
    message::{Framed, HeaderName, Message, Method, Request, Response, StreamFramer},
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UdpSocket},
    sync::mpsc,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// Who we are to the carrier.
pub(super) const USER: &str = "390612345";
pub(super) const PASSWORD: &str = "carrier-secret";
pub(super) const REALM: &str = "carrier.example";

pub(super) struct Carrier {
    address: SocketAddr,
    heard: mpsc::Receiver<(Request, mpsc::Sender<Bytes>)>,
    /// Where the last request came from.
    answers: Option<mpsc::Sender<Bytes>>,
    /// Requests that were read already: copies of them are not heard again.
    seen: Vec<Vec<u8>>,
    challenger: Challenger,
    _tasks: JoinSet<()>,
}

impl Carrier {
    pub(super) async fn by_udp() -> Self {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a socket"));
        let address = socket.local_addr().expect("an address");
        let (tell, heard) = mpsc::channel(64);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut buffer = vec![0; 65_535];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.expect("a datagram");
                let (answers, mut said) = mpsc::channel::<Bytes>(8);
                let answering = Arc::clone(&socket);
                tokio::spawn(async move {
                    while let Some(bytes) = said.recv().await {
                        answering.send_to(&bytes, from).await.expect("sent");
                    }
                });
                if let Ok(Message::Request(request)) = Message::parse_datagram(Bytes::copy_from_slice(&buffer[..length])) {
                    drop(tell.send((request, answers)).await);
                }
            }
        });
        Self::new(address, heard, tasks)
    }

    /// With this certificate.
    pub(super) async fn by_tls(config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        let (tell, heard) = mpsc::channel(64);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                let (tell, acceptor) = (tell.clone(), TlsAcceptor::from(Arc::clone(&config)));
                connections.spawn(async move {
                    // Who does not believe the certificate breaks off here.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let (mut read, mut write) = tokio::io::split(stream);
                    let (answers, mut said) = mpsc::channel::<Bytes>(8);
                    let writing = tokio::spawn(async move {
                        while let Some(bytes) = said.recv().await {
                            write.write_all(&bytes).await.expect("written");
                            write.flush().await.expect("written");
                        }
                    });
                    let (mut framer, mut buffer) = (StreamFramer::new(), vec![0; 4096]);
                    while let Ok(length @ 1..) = read.read(&mut buffer).await {
                        framer.feed(&buffer[..length]);
                        while let Some(Ok(framed)) = framer.next() {
                            if let Framed::Message(bytes) = framed
                                && let Ok(Message::Request(request)) = Message::parse_datagram(bytes)
                            {
                                drop(tell.send((request, answers.clone())).await);
                            }
                        }
                    }
                    writing.abort();
                });
            }
        });
        Self::new(address, heard, tasks)
    }

    fn new(address: SocketAddr, heard: mpsc::Receiver<(Request, mpsc::Sender<Bytes>)>, tasks: JoinSet<()>) -> Self {
        let challenger = Challenger::new(REALM, [5; 32], Policy::Both);
        Self { address, heard, answers: None, seen: vec![], challenger, _tasks: tasks }
    }

    pub(super) fn port(&self) -> String {
        self.address.port().to_string()
    }

    /// The next request of a method that is no copy.
    pub(super) async fn hears(&mut self, method: Method) -> Request {
        loop {
            let heard = tokio::time::timeout(PATIENCE, self.heard.recv()).await.expect("a request in time");
            let (request, answers) = heard.expect("the socket stands");
            let branch = request.headers.get(&HeaderName::Via).unwrap_or_default().to_vec();
            let is_copy = self.seen.contains(&branch);
            self.seen.push(branch);
            if request.method == method && !is_copy {
                self.answers = Some(answers);
                return request;
            }
        }
    }

    pub(super) fn heard_nothing(&self) -> bool {
        self.heard.is_empty()
    }

    pub(super) async fn says(&self, response: Response) {
        let answers = self.answers.as_ref().expect("somebody asked");
        answers.send(response.to_bytes()).await.expect("the socket stands");
    }

    /// Asks for a proof: 401, or 407 as a gateway does.
    pub(super) async fn challenges(&mut self, request: &Request, status: u16) {
        let name = if status == 401 { HeaderName::WwwAuthenticate } else { HeaderName::ProxyAuthenticate };
        let values = self.challenger.challenge(Instant::now(), false);
        let response = values.into_iter().fold(Response::to(request, status), |response, value| response.with(name.clone(), value));
        self.says(response).await;
    }

    /// Whether a request carries the right proof. The one for a gateway is read as one for a registrar.
    pub(super) fn believes(&mut self, mut request: Request) -> bool {
        if let Some(proof) = request.headers.get(&HeaderName::ProxyAuthorization).map(<[u8]>::to_vec) {
            request.headers.set(HeaderName::Authorization, String::from_utf8(proof).expect("text"));
        }
        let known =
            self.challenger.verify(Instant::now(), &request, |user| (user == USER).then(|| Ha1::from_password(USER, REALM, PASSWORD)));
        known.is_ok()
    }

    /// Takes one registration: challenged, proven, granted.
    pub(super) async fn grants(&mut self, seconds: u32) -> Request {
        let first = self.hears(Method::Register).await;
        assert!(!first.headers.has(&HeaderName::Authorization), "no proof before somebody asks");
        self.challenges(&first, 401).await;
        let second = self.hears(Method::Register).await;
        assert!(self.believes(second.clone()), "the right proof");
        self.says(Response::to(&second, 200).with(HeaderName::Expires, seconds)).await;
        second
    }
}

/// The trunk in a setup.
pub(super) fn trunk(host: &str, port: &str, more: &str) -> String {
    format!(
        "\n[[trunk]]\nname = \"carrier\"\nhost = \"{host}\"\nport = {port}\n{more}\n\
         [[outbound_route]]\nprefix = \"+41\"\nclass = \"national\"\ntrunk = \"carrier\"\n"
    )
}

/// Its account.
pub(super) fn account(more: &str) -> String {
    format!("account = {{ user = \"{USER}\", password = \"{PASSWORD}\", realm = \"{REALM}\"{more} }}")
}
