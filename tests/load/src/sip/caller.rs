//! Whoever calls: INVITE, 200, ACK, and BYE when told, so many a second.

use std::{
    net::{SocketAddrV4, UdpSocket},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;

use super::{
    caller_name,
    message::{Message, uri},
};

/// An unanswered request is repeated after this (RFC 3261's T1).
const REPEAT: Duration = Duration::from_millis(500);
/// How often it is looked for such requests.
const LOOK: Duration = Duration::from_millis(50);
/// A call that got nowhere by then has failed.
const GIVE_UP: Duration = Duration::from_secs(16);

/// What the INVITE of a call says.
pub(crate) type Offer = Box<dyn Fn(usize) -> anyhow::Result<String> + Send + Sync>;

/// Places calls from one address to one device.
pub(crate) struct Caller {
    socket: UdpSocket,
    address: SocketAddrV4,
    device: SocketAddrV4,
    offer: Offer,
    /// Distinguishes calls of one run from those of another.
    run: u64,
    calls: Vec<Call>,
    looked_at: Instant,
}

/// A call's dialog as far as it got.
struct Call {
    id: usize,
    called: String,
    state: State,
    to: String,
    target: String,
    routes: Vec<String>,
    media: Option<SocketAddrV4>,
    answer: String,
    since: Instant,
    asked_at: Instant,
    provisional: bool,
    set_up_in: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Inviting,
    Up,
    Leaving,
    Over,
    Failed,
}

/// What became of calls.
#[derive(Debug, Default, Clone)]
pub(crate) struct Outcome {
    pub(crate) done: usize,
    pub(crate) failed: usize,
    /// Times from INVITE to 200, sorted.
    pub(crate) set_up: Vec<Duration>,
}

impl Caller {
    pub(crate) fn new(socket: UdpSocket, device: SocketAddrV4, offer: Offer) -> anyhow::Result<Self> {
        let std::net::SocketAddr::V4(address) = socket.local_addr()? else { anyhow::bail!("the load speaks IPv4") };
        Ok(Self {
            socket,
            address,
            device,
            offer,
            run: SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64,
            calls: Vec::new(),
            looked_at: Instant::now(),
        })
    }

    /// Calls `called` `count` times, `rate` a second, and stays on the line.
    pub(crate) fn establish(&mut self, called: &str, count: usize, rate: f64) -> anyhow::Result<Outcome> {
        self.work(called, count, rate, false)
    }

    /// The same, but hangs up as soon as it is answered.
    pub(crate) fn call_and_leave(&mut self, called: &str, count: usize, rate: f64) -> anyhow::Result<Outcome> {
        self.work(called, count, rate, true)
    }

    /// Forgets calls that are over, when very many are to come.
    pub(crate) fn forget(&mut self) {
        self.calls.clear();
        self.run += 1;
    }

    /// Hangs up what is up, `rate` a second.
    pub(crate) fn leave(&mut self, rate: f64) -> anyhow::Result<()> {
        let up: Vec<usize> = (0..self.calls.len()).filter(|at| self.calls[*at].state == State::Up).collect();
        let start = Instant::now();
        for (number, at) in up.iter().enumerate() {
            self.listen_until(start + Duration::from_secs_f64(number as f64 / rate), false)?;
            self.bye(*at)?;
        }
        self.settle(false)
    }

    /// Where the device takes media of calls that are up: call and address.
    pub(crate) fn media(&self) -> Vec<(usize, SocketAddrV4)> {
        self.calls.iter().filter(|call| call.state == State::Up).filter_map(|call| Some((call.id, call.media?))).collect()
    }

    /// The same with what the device answered.
    pub(crate) fn answers(&self) -> Vec<(usize, SocketAddrV4, String)> {
        let up = self.calls.iter().filter(|call| call.state == State::Up);
        up.filter_map(|call| Some((call.id, call.media?, call.answer.clone()))).collect()
    }

    fn work(&mut self, called: &str, count: usize, rate: f64, leave: bool) -> anyhow::Result<Outcome> {
        let (first, start) = (self.calls.len(), Instant::now());
        for number in 0..count {
            self.listen_until(start + Duration::from_secs_f64(number as f64 / rate), leave)?;
            let now = Instant::now();
            self.calls.push(Call {
                id: self.calls.len(),
                called: called.to_owned(),
                state: State::Inviting,
                to: format!("<sip:{called}@{}>", self.device),
                target: format!("sip:{called}@{}", self.device),
                routes: Vec::new(),
                media: None,
                answer: String::new(),
                since: now,
                asked_at: now,
                provisional: false,
                set_up_in: None,
            });
            self.invite(self.calls.len() - 1)?;
        }
        self.settle(leave)?;
        let wanted = if leave { State::Over } else { State::Up };
        let mine = &self.calls[first..];
        let mut set_up: Vec<_> = mine.iter().filter_map(|call| call.set_up_in).collect();
        set_up.sort();
        let done = mine.iter().filter(|call| call.state == wanted).count();
        Ok(Outcome { done, failed: count - done, set_up })
    }

    /// Until no call waits for an answer.
    fn settle(&mut self, leave: bool) -> anyhow::Result<()> {
        while self.calls.iter().any(|call| matches!(call.state, State::Inviting | State::Leaving)) {
            self.listen_until(Instant::now() + Duration::from_millis(50), leave)?;
        }
        Ok(())
    }

    fn listen_until(&mut self, deadline: Instant, leave: bool) -> anyhow::Result<()> {
        let mut datagram = [0; 8192];
        loop {
            self.repeat()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.socket.set_read_timeout(Some(left.min(Duration::from_millis(50)).max(Duration::from_micros(100))))?;
            if let Ok(length) = self.socket.recv(&mut datagram) {
                self.take(&datagram[..length], leave)?;
            }
        }
    }

    /// Repeats what was not answered, and gives up what never was.
    fn repeat(&mut self) -> anyhow::Result<()> {
        let now = Instant::now();
        if now < self.looked_at + LOOK {
            return Ok(());
        }
        self.looked_at = now;
        let mut due = Vec::new();
        for (at, call) in self.calls.iter_mut().enumerate() {
            if !matches!(call.state, State::Inviting | State::Leaving) || now < call.asked_at + REPEAT {
                continue;
            }
            if now > call.since + GIVE_UP {
                call.state = State::Failed;
            } else if !call.provisional || call.state == State::Leaving {
                call.asked_at = now;
                due.push(at);
            }
        }
        for at in due {
            if self.calls[at].state == State::Inviting { self.invite(at)? } else { self.send_bye(at)? }
        }
        Ok(())
    }

    fn take(&mut self, datagram: &[u8], leave: bool) -> anyhow::Result<()> {
        let Some(message) = Message::read(datagram) else { return Ok(()) };
        let Some(status) = message.status() else { return self.take_request(&message) };
        let at = message.header("Call-ID").and_then(|id| self.call_at(id));
        let Some(call) = at.and_then(|at| self.calls.get_mut(at)) else { return Ok(()) };
        match (message.answers(), status) {
            (Some("INVITE"), 100..200) => call.provisional = true,
            (Some("INVITE"), 200..300) => {
                let is_first = call.state == State::Inviting;
                call.to = message.header("To").unwrap_or_default().to_owned();
                call.target = message.header("Contact").map(uri).unwrap_or_default().to_owned();
                call.routes =
                    message.all("Record-Route").flat_map(|routes| routes.split(',')).map(|route| route.trim().to_owned()).collect();
                call.routes.reverse();
                call.media = message.media();
                call.answer = message.body.to_owned();
                let id = call.id;
                if is_first {
                    call.state = State::Up;
                    call.set_up_in = Some(call.since.elapsed());
                }
                self.request(id, "ACK", 1, None)?;
                if is_first && leave {
                    self.bye(id)?;
                }
            }
            (Some("INVITE"), _) => {
                call.state = State::Failed;
                call.to = message.header("To").unwrap_or_default().to_owned();
                let id = call.id;
                self.request(id, "ACK", 1, None)?;
            }
            (Some("BYE"), 200..) => call.state = State::Over,
            _ => {}
        }
        Ok(())
    }

    fn call_at(&self, call_id: &str) -> Option<usize> {
        let (at, rest) = call_id.split_once('-')?;
        at.parse().ok().filter(|_| rest.strip_suffix("@load") == Some(format!("{:x}", self.run).as_str()))
    }

    /// The device hangs up, or asks something.
    fn take_request(&mut self, request: &Message<'_>) -> anyhow::Result<()> {
        let at = request.header("Call-ID").and_then(|id| self.call_at(id));
        if request.method() == Some("ACK") {
            return Ok(());
        }
        if let Some(call) = at.and_then(|at| self.calls.get_mut(at)).filter(|_| request.method() == Some("BYE")) {
            call.state = State::Over;
        }
        self.send(&request.response("200 OK"))
    }

    fn invite(&self, at: usize) -> anyhow::Result<()> {
        let body = (self.offer)(self.calls[at].id)?;
        self.request(at, "INVITE", 1, Some(&body))
    }

    fn bye(&mut self, at: usize) -> anyhow::Result<()> {
        let now = Instant::now();
        let call = &mut self.calls[at];
        (call.state, call.since, call.asked_at) = (State::Leaving, now, now);
        self.send_bye(at)
    }

    fn send_bye(&self, at: usize) -> anyhow::Result<()> {
        self.request(at, "BYE", 2, None)
    }

    fn request(&self, at: usize, method: &str, cseq: u32, body: Option<&str>) -> anyhow::Result<()> {
        let Self { address, device, run, .. } = self;
        let Call { id, called, to, target, routes, state, .. } = &self.calls[at];
        // An ACK belongs to the transaction of the refusal it answers (RFC 3261 17.1.1.3), but is its own behind a 200.
        let branch = if method == "ACK" && *state != State::Failed { "a" } else { if method == "BYE" { "b" } else { "i" } };
        let target = if *state == State::Failed { format!("sip:{called}@{device}") } else { target.clone() };
        let name = caller_name(*id);
        let mut text = format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch=z9hG4bK{run:x}{branch}{id}\r\nFrom: <sip:{name}@{address}>;tag=t{id}\r\nTo: {to}\r\nCall-ID: {id}-{run:x}@load\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n"
        );
        routes.iter().for_each(|route| text += &format!("Route: {route}\r\n"));
        if let Some(body) = body {
            text += &format!("Contact: <sip:{name}@{address}>\r\nContent-Type: application/sdp\r\n");
            text += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        } else {
            text += "Content-Length: 0\r\n\r\n";
        }
        self.send(&text)
    }

    fn send(&self, text: &str) -> anyhow::Result<()> {
        self.socket.send_to(text.as_bytes(), self.device).context("SIP cannot be sent")?;
        Ok(())
    }
}
