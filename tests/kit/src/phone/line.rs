//! One UDP socket that speaks SIP: does by itself what every phone does, and hands the rest to whom it concerns.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rsip::{
    Header, Method, Request, Response, SipMessage,
    message::HasHeaders,
    prelude::{HeadersExt, UntypedHeader},
};
use tokio::{net::UdpSocket, sync::mpsc, task::JoinHandle};

use super::{PATIENCE, bad_line::BadLine, call_id};

/// How often an unanswered request, and an answer that nobody acknowledges, is sent again.
const REPEAT: Duration = Duration::from_millis(500);

pub(super) struct Line {
    socket: UdpSocket,
    address: SocketAddr,
    state: Mutex<State>,
    silent: AtomicBool,
    namespace: Option<String>,
}

#[derive(Default)]
struct State {
    server: Option<SocketAddr>,
    /// Whom messages of a Call-ID are for.
    dialogs: HashMap<String, mpsc::UnboundedSender<SipMessage>>,
    /// What was answered, by branch and method: a repeated request gets it again.
    answered: HashMap<String, String>,
    /// INVITEs without a final answer, by branch, with our tag.
    ringing: HashMap<String, (Request, String)>,
    /// ACKs by Call-ID and number: a repeated 200 gets its again.
    acknowledged: HashMap<(String, u32), String>,
    /// INVITEs that nothing has answered, and our own 200s to INVITEs without their ACK, by Call-ID.
    unanswered: HashMap<String, Repeated>,
    unacknowledged: HashMap<String, Repeated>,
    /// What the audio of its calls goes by; each call has a chance of its own.
    quality: Option<BadLine>,
}

/// What is sent again for as long as it is there.
struct Repeated {
    cseq: u32,
    sent_at: Instant,
    text: String,
}

/// A request in words.
pub(super) struct RequestText<'a> {
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) call_id: &'a str,
    pub(super) cseq: u32,
    pub(super) contact: Option<&'a str>,
    pub(super) more: &'a [&'a str],
    /// Content type and body.
    pub(super) body: Option<(&'a str, &'a str)>,
}

impl RequestText<'_> {
    pub(super) fn write(&self, at: SocketAddr, branch: &str) -> String {
        let mut lines = vec![
            format!("{} {} SIP/2.0", self.method, self.uri),
            format!("Via: SIP/2.0/UDP {at};branch={branch};rport"),
            "Max-Forwards: 70".to_owned(),
            format!("From: {}", self.from),
            format!("To: {}", self.to),
            format!("Call-ID: {}", self.call_id),
            format!("CSeq: {} {}", self.cseq, self.method),
        ];
        lines.extend(self.contact.map(|contact| format!("Contact: {contact}")));
        lines.extend(self.more.iter().map(|line| (*line).to_owned()));
        let (kind, body) = self.body.unwrap_or_default();
        if !kind.is_empty() {
            lines.push(format!("Content-Type: {kind}"));
        }
        lines.push(format!("Content-Length: {}", body.len()));
        format!("{}\r\n\r\n{body}", lines.join("\r\n"))
    }
}

/// A word nobody else has.
pub(super) fn token() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{}x{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(super) fn branch() -> String {
    format!("z9hG4bK{}", token())
}

impl Line {
    pub(super) fn set_quality(&self, line: BadLine) {
        self.state().quality = Some(line);
    }

    /// The line of the next call.
    pub(super) fn quality(&self) -> Option<BadLine> {
        let mut state = self.state();
        let line = state.quality.as_mut()?;
        line.seed += 1;
        Some(*line)
    }

    /// The namespace its sockets are in, if it is not the test's own.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    pub(super) fn open(socket: UdpSocket, namespace: Option<&str>) -> (Arc<Self>, mpsc::UnboundedReceiver<Request>, JoinHandle<()>) {
        let address = socket.local_addr().expect("a bound socket");
        let namespace = namespace.map(str::to_owned);
        let line = Arc::new(Self { socket, address, state: Mutex::default(), silent: AtomicBool::new(false), namespace });
        let (calls, incoming) = mpsc::unbounded_channel();
        let listener = tokio::spawn(Arc::clone(&line).listen(calls));
        (line, incoming, listener)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn server(&self) -> SocketAddr {
        self.state().server.expect("the phone knows the server")
    }

    pub(super) fn set_server(&self, server: SocketAddr) {
        self.state().server = Some(server);
    }

    pub(super) fn go_silent(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who gets what comes with this Call-ID.
    pub(super) fn join(&self, call_id: &str) -> mpsc::UnboundedReceiver<SipMessage> {
        let (to, inbox) = mpsc::unbounded_channel();
        self.state().dialogs.insert(call_id.to_owned(), to);
        inbox
    }

    pub(super) async fn send(&self, text: &str) {
        if !self.silent.load(Ordering::Relaxed) {
            self.socket.send_to(text.as_bytes(), self.server()).await.expect("the datagram leaves");
        }
    }

    /// Sends an INVITE, again and again until something answers it.
    pub(super) async fn send_invite(&self, call_id: &str, cseq: u32, text: String) {
        self.send(&text).await;
        self.state().unanswered.insert(call_id.to_owned(), Repeated { cseq, sent_at: Instant::now(), text });
    }

    /// Acknowledges a 200 to an INVITE, and each of its repetitions.
    pub(super) async fn acknowledge(&self, call_id: &str, cseq: u32, ack: String) {
        self.state().acknowledged.insert((call_id.to_owned(), cseq), ack.clone());
        self.send(&ack).await;
    }

    /// Sends a request outside of any call until it has its final answer.
    pub(super) async fn transact(&self, request: &RequestText<'_>) -> Response {
        let mut inbox = self.join(request.call_id);
        self.transact_with(request, &mut inbox).await
    }

    /// Sends a request until it has its final answer; what else comes meanwhile is dropped.
    pub(super) async fn transact_with(&self, request: &RequestText<'_>, inbox: &mut mpsc::UnboundedReceiver<SipMessage>) -> Response {
        let text = request.write(self.address, &branch());
        let answer = async {
            loop {
                self.send(&text).await;
                let answer = tokio::time::timeout(REPEAT, async {
                    loop {
                        match inbox.recv().await.expect("the line is up") {
                            SipMessage::Response(answer) if is_for(&answer, request.method, request.cseq) => return answer,
                            _ => {}
                        }
                    }
                });
                if let Ok(answer) = answer.await {
                    return answer;
                }
            }
        };
        tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(|_| panic!("no answer to {}", request.method))
    }

    /// Answers a request. A final answer to an INVITE is remembered for its repetitions.
    pub(super) async fn answer(&self, request: &Request, tag: &str, status: &str, more: &[&str], body: Option<(&str, &str)>) {
        let mut lines = vec![format!("SIP/2.0 {status}")];
        for header in request.headers().iter() {
            match header {
                Header::Via(_) | Header::From(_) | Header::CallId(_) | Header::CSeq(_) | Header::RecordRoute(_) => {
                    lines.push(header.to_string());
                }
                Header::To(to) if to.value().contains(";tag=") => lines.push(header.to_string()),
                Header::To(_) => lines.push(format!("{header};tag={tag}")),
                _ => {}
            }
        }
        lines.push(format!("Contact: <sip:{}>", self.address));
        lines.extend(more.iter().map(|line| (*line).to_owned()));
        let (kind, body) = body.unwrap_or_default();
        if !kind.is_empty() {
            lines.push(format!("Content-Type: {kind}"));
        }
        lines.push(format!("Content-Length: {}", body.len()));
        let text = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
        if !status.starts_with('1') {
            let mut state = self.state();
            if request.method == Method::Invite {
                state.ringing.remove(&branch_of(request));
                if status.starts_with('2') {
                    let repeated = Repeated { cseq: 0, sent_at: Instant::now(), text: text.clone() };
                    state.unacknowledged.insert(call_id(request), repeated);
                }
            }
            state.answered.insert(key(request), text.clone());
        }
        self.send(&text).await;
    }

    /// Notes that an INVITE is open, so that a CANCEL finds it.
    pub(super) fn note_ringing(&self, invite: &Request, tag: &str) {
        self.state().ringing.insert(branch_of(invite), (invite.clone(), tag.to_owned()));
    }

    async fn listen(self: Arc<Self>, calls: mpsc::UnboundedSender<Request>) {
        let mut buffer = vec![0; 65_536];
        let mut repeats = tokio::time::interval(REPEAT);
        loop {
            let received = tokio::select! {
                received = self.socket.recv_from(&mut buffer) => received,
                _ = repeats.tick() => {
                    self.repeat().await;
                    continue;
                }
            };
            let Ok((length, _)) = received else { continue };
            if self.silent.load(Ordering::Relaxed) {
                continue;
            }
            match SipMessage::try_from(&buffer[..length]) {
                Ok(SipMessage::Request(request)) => self.take(request, &calls).await,
                Ok(SipMessage::Response(response)) => match self.note_answer(&response) {
                    Some(ack) => self.send(&ack).await,
                    None => self.hand_on(SipMessage::Response(response)),
                },
                Err(_) => {}
            }
        }
    }

    /// Sends again what is due.
    async fn repeat(&self) {
        let mut due = Vec::new();
        {
            let state = &mut *self.state();
            for repeated in state.unanswered.values_mut().chain(state.unacknowledged.values_mut()) {
                if repeated.sent_at.elapsed() >= REPEAT {
                    repeated.sent_at = Instant::now();
                    due.push(repeated.text.clone());
                }
            }
        }
        for text in due {
            self.send(&text).await;
        }
    }

    /// An INVITE that is answered is not repeated. What a repeated 200 was acknowledged with before, if it is one.
    fn note_answer(&self, response: &Response) -> Option<String> {
        let cseq = response.cseq_header().ok()?.value().strip_suffix(" INVITE")?.parse().ok()?;
        let (id, mut state) = (call_id(response), self.state());
        if state.unanswered.get(&id).is_some_and(|invite| invite.cseq == cseq) {
            state.unanswered.remove(&id);
        }
        (response.status_code.code() / 100 == 2).then(|| state.acknowledged.get(&(id, cseq)).cloned())?
    }

    async fn take(&self, request: Request, calls: &mpsc::UnboundedSender<Request>) {
        let again = self.state().answered.get(&key(&request)).cloned();
        if let Some(again) = again {
            return self.send(&again).await;
        }
        match request.method {
            Method::Options => self.answer(&request, &token(), "200 OK", &[], None).await,
            Method::Bye | Method::Info | Method::Notify => {
                self.answer(&request, &token(), "200 OK", &[], None).await;
                self.hand_on(SipMessage::Request(request));
            }
            Method::Cancel => {
                self.answer(&request, &token(), "200 OK", &[], None).await;
                let cancelled = self.state().ringing.remove(&branch_of(&request));
                if let Some((invite, tag)) = cancelled {
                    self.answer(&invite, &tag, "487 Request Terminated", &[], None).await;
                    self.hand_on(SipMessage::Request(request));
                }
            }
            Method::Invite => {
                let repeated = self.state().ringing.contains_key(&branch_of(&request));
                if !repeated {
                    self.note_ringing(&request, &token());
                    // Fails only where the phone is gone.
                    let _ = calls.send(request);
                }
            }
            Method::Ack => {
                self.state().unacknowledged.remove(&call_id(&request));
                self.hand_on(SipMessage::Request(request));
            }
            _ => self.hand_on(SipMessage::Request(request)),
        }
    }

    fn hand_on(&self, message: SipMessage) {
        let id = call_id(&message);
        if let Some(dialog) = self.state().dialogs.get(&id) {
            // Fails only where the call is gone.
            let _ = dialog.send(message);
        }
    }
}

/// Whether this is the final answer to the request of that method and number.
pub(super) fn is_for(answer: &Response, method: &str, cseq: u32) -> bool {
    let wanted = format!("{cseq} {method}");
    answer.status_code.code() >= 200 && answer.cseq_header().is_ok_and(|found| found.value() == wanted)
}

fn branch_of(request: &Request) -> String {
    let via = request.via_header().map(|via| via.value().to_owned()).unwrap_or_default();
    via.split(';').find_map(|parameter| parameter.trim().strip_prefix("branch=")).unwrap_or_default().to_owned()
}

fn key(request: &Request) -> String {
    format!("{} {}", request.method, branch_of(request))
}
