//! A user agent at 192.0.2.1:5060 in virtual time, and peers that say what a script tells them.
//!
//! It knows the phones 1001 and 1002 (password `secret-1001`, `secret-1002`) and the trunk `lab` at 192.0.2.80:5060.

use bytes::Bytes;
use carillon_media_sdp::{Codec, LocalMedia};
use carillon_sip_core::{
    Engine, FlowId, Hop, Reach, Transport,
    digest::{self, Ha1},
    message::{HeaderName, Message, Method, Request, Response},
};
use carillon_sip_leg::{Account, Command, Event, LegId, Target, TrunkPeer, UaConfig, UserAgent};
use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};

pub(crate) const TRUNK: &str = "192.0.2.80:5060";
pub(crate) const STRANGER: &str = "198.51.100.66:5060";

#[expect(clippy::disallowed_methods, reason = "virtual time needs a first instant; nothing depends on which")]
pub(crate) fn epoch() -> Instant {
    Instant::now()
}

pub(crate) fn address(text: &str) -> SocketAddr {
    text.parse().expect("test address")
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Audio of ours, on a port of this leg's own.
pub(crate) fn local(port: u16) -> LocalMedia {
    LocalMedia { codecs: vec![Codec::Pcma, Codec::Pcmu], ..LocalMedia::new(SocketAddr::new(address("192.0.2.1:0").ip(), port), 77) }
}

/// A peer's description: A-law at this address and port.
pub(crate) fn sdp(at: &str, direction: &str) -> String {
    let at = address(at);
    let ip = at.ip();
    format!("v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {} RTP/AVP 8\r\na={direction}\r\n", at.port())
}

pub(crate) struct Lab {
    pub(crate) now: Instant,
    pub(crate) ua: UserAgent,
    pub(crate) us: SocketAddr,
    inbox: BTreeMap<SocketAddr, VecDeque<Message>>,
    events: VecDeque<Event>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::with(|config| config)
    }

    pub(crate) fn with(change: impl FnOnce(UaConfig) -> UaConfig) -> Self {
        let us = address("192.0.2.1:5060");
        let config =
            change(UaConfig { reach: Reach::new().listening(Transport::Udp, us).listening(Transport::Tcp, us), ..UaConfig::new([7; 32]) });
        let mut last = 0;
        let new_leg = move || {
            last += 1;
            LegId(last)
        };
        let mut lab =
            Lab { now: epoch(), ua: UserAgent::new(config, Box::new(new_leg)), us, inbox: BTreeMap::new(), events: VecDeque::new() };
        let account = |name: &str| Account { name: name.to_owned(), ha1: Ha1::from_password(name, "carillon", &format!("secret-{name}")) };
        lab.order(Command::SetAccounts(vec![account("1001"), account("1002")]));
        lab.order(Command::SetTrunks(vec![TrunkPeer::new("lab", address(TRUNK), Transport::Udp)]));
        lab
    }

    pub(crate) fn order(&mut self, command: Command) {
        self.ua.handle_command(self.now, command);
        self.drain();
    }

    /// A datagram from somewhere.
    pub(crate) fn send(&mut self, from: SocketAddr, bytes: impl Into<Bytes>) {
        self.ua.handle_packet(self.now, Hop::udp(self.us, from), bytes.into());
        self.drain();
    }

    /// A message over a connection.
    pub(crate) fn send_over(&mut self, flow: u64, from: SocketAddr, bytes: impl Into<Bytes>) {
        self.ua.handle_packet(self.now, Hop::tcp(self.us, from, Some(FlowId(flow))), bytes.into());
        self.drain();
    }

    pub(crate) fn close(&mut self, flow: u64) {
        self.ua.handle_flow_closed(self.now, FlowId(flow));
        self.drain();
    }

    /// When the user agent wants to be woken.
    pub(crate) fn ua_timer(&self) -> Option<Instant> {
        self.ua.poll_timeout()
    }

    /// Lets time pass, timer by timer.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.ua.poll_timeout().filter(|due| *due <= end) {
            self.now = due.max(self.now);
            self.ua.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    /// Takes what the user agent has to send and to tell; everything here but a direct call of it does so itself.
    pub(crate) fn drain(&mut self) {
        while let Some(transmit) = self.ua.poll_transmit() {
            let message = Message::parse_datagram(transmit.bytes).expect("what we send can be read");
            self.inbox.entry(transmit.hop.remote).or_default().push_back(message);
        }
        while let Some(event) = self.ua.poll_event() {
            self.events.push_back(event);
        }
    }

    pub(crate) fn event(&mut self) -> Event {
        self.events.pop_front().expect("an event")
    }

    /// The next event that is none about registrations.
    pub(crate) fn call_event(&mut self) -> Event {
        loop {
            match self.event() {
                Event::Registered { .. } | Event::Unregistered { .. } | Event::BindingsChanged { .. } => {}
                event => return event,
            }
        }
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        self.events.drain(..).collect()
    }

    #[track_caller]
    pub(crate) fn expect_no_event(&self) {
        assert!(self.events.is_empty(), "{:?}", self.events);
    }

    pub(crate) fn message(&mut self, at: SocketAddr) -> Option<Message> {
        self.inbox.get_mut(&at)?.pop_front()
    }

    /// Everything sent to an address so far.
    pub(crate) fn messages(&mut self, at: SocketAddr) -> Vec<Message> {
        self.inbox.remove(&at).unwrap_or_default().into()
    }

    #[track_caller]
    pub(crate) fn response(&mut self, at: SocketAddr) -> Response {
        match self.message(at) {
            Some(Message::Response(response)) => response,
            other => panic!("a response was expected: {other:?}"),
        }
    }

    /// The next response, which must have this status.
    #[track_caller]
    pub(crate) fn answered(&mut self, at: SocketAddr, status: u16) -> Response {
        let response = self.response(at);
        assert_eq!(response.status, status, "{:?}", String::from_utf8_lossy(&response.to_bytes()));
        response
    }

    /// The next request, which must have this method.
    #[track_caller]
    pub(crate) fn asked(&mut self, at: SocketAddr, method: Method) -> Request {
        match self.message(at) {
            Some(Message::Request(request)) if request.method == method => request,
            other => panic!("a {method} was expected: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn expect_silence(&mut self, at: SocketAddr) {
        let more = self.messages(at);
        assert!(more.is_empty(), "{more:?}");
    }

    /// A registered phone, at this address, with the news of it taken.
    pub(crate) fn registered(&mut self, user: &str, at: &str) -> Phone {
        let mut phone = Phone::new(user, at);
        let response = phone.register(self, 600);
        assert_eq!(response.status, 200);
        self.events.clear();
        phone
    }

    /// Dials as leg 100 and gives the INVITEs' addressees time to hear of it.
    pub(crate) fn dial(&mut self, to: Target) -> LegId {
        self.dial_as(LegId(100), to)
    }

    pub(crate) fn dial_as(&mut self, leg: LegId, to: Target) -> LegId {
        self.order(Command::Dial {
            leg,
            to,
            from_user: "+390612345".to_owned(),
            from_name: Some("Rosa Neri".to_owned()),
            sdp_offer: local(20_100),
            headers: vec![],
        });
        leg
    }
}

pub(crate) fn phone(name: &str) -> Target {
    Target::Phone { name: name.to_owned() }
}

pub(crate) fn trunk(number: &str) -> Target {
    Target::Trunk { name: "lab".to_owned(), number: number.to_owned() }
}

/// One end of dialogs with the user agent: says requests as a phone or trunk would, tags and numbers kept.
#[derive(Clone)]
pub(crate) struct Phone {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) at: SocketAddr,
    /// The host in From.
    pub(crate) domain: String,
    pub(crate) call_id: String,
    pub(crate) tag: String,
    pub(crate) their_tag: Option<String>,
    pub(crate) seq: u32,
    pub(crate) flow: Option<u64>,
    pub(crate) contact: String,
    pub(crate) nc: u32,
}

impl Phone {
    pub(crate) fn new(user: &str, at: &str) -> Self {
        Phone {
            user: user.to_owned(),
            password: format!("secret-{user}"),
            at: address(at),
            domain: "192.0.2.1".to_owned(),
            call_id: format!("call-of-{user}-at-{at}").replace([':', '.'], "-"),
            tag: format!("t{user}"),
            their_tag: None,
            seq: 0,
            flow: None,
            contact: format!("<sip:{user}@{at}>"),
            nc: 0,
        }
    }

    /// The trunk `lab` calling as this number.
    pub(crate) fn trunk(number: &str) -> Self {
        Phone { domain: "carrier.example.net".to_owned(), ..Phone::new(number, TRUNK) }
    }

    /// A request of its own in the current dialog, or one that begins a dialog.
    pub(crate) fn request(&mut self, method: Method, uri: &str) -> Request {
        self.seq += 1;
        self.request_with_seq(method, uri, self.seq)
    }

    pub(crate) fn request_with_seq(&self, method: Method, uri: &str, seq: u32) -> Request {
        let transport = if self.flow.is_some() { "TCP" } else { "UDP" };
        let branch = format!("z9hG4bK-{}-{seq}-{}", self.call_id, if method == Method::Cancel { "INVITE" } else { method.as_str() });
        let to = match method {
            Method::Register => format!("<sip:{}@{}>", self.user, self.domain),
            _ => self.their_tag.as_ref().map_or(format!("<{uri}>"), |tag| format!("<{uri}>;tag={tag}")),
        };
        Request::new(method.clone(), uri.parse::<carillon_sip_core::message::Uri>().expect("uri"))
            .with(HeaderName::Via, format!("SIP/2.0/{transport} {};branch={branch};rport", self.at))
            .with(HeaderName::MaxForwards, 70u8)
            .with(HeaderName::From, format!("<sip:{}@{}>;tag={}", self.user, self.domain, self.tag))
            .with(HeaderName::To, to)
            .with(HeaderName::CallId, self.call_id.as_str())
            .with(HeaderName::CSeq, format!("{seq} {method}"))
            .with(HeaderName::Contact, self.contact.as_str())
    }

    pub(crate) fn say(&self, lab: &mut Lab, request: &Request) {
        match self.flow {
            None => lab.send(self.at, request.to_bytes()),
            Some(flow) => lab.send_over(flow, self.at, request.to_bytes()),
        }
    }

    /// The same request with the answer to a challenge, and the next number.
    pub(crate) fn prove(&mut self, request: &Request, challenge: &Response) -> Request {
        self.seq += 1;
        self.nc += 1;
        let value = challenge.headers.get(&HeaderName::WwwAuthenticate).expect("a challenge");
        let uri = request.uri.to_string();
        let proof = digest::answer(value, &self.user, &self.password, &request.method, &uri, self.nc, "cn0nce").expect("an answer");
        let mut proven = self.request_with_seq(request.method.clone(), &uri, self.seq);
        proven.headers.push(HeaderName::Authorization, proof);
        for name in [HeaderName::Expires, HeaderName::ContentType] {
            proven.headers.copy(&request.headers, &name);
        }
        proven.body = request.body.clone();
        proven
    }

    /// Registers through the challenge, and gives the final response.
    pub(crate) fn register(&mut self, lab: &mut Lab, expires: u32) -> Response {
        let request = self.request(Method::Register, "sip:192.0.2.1").with(HeaderName::Expires, expires);
        self.say(lab, &request);
        let challenge = lab.answered(self.at, 401);
        let proven = self.prove(&request, &challenge);
        self.say(lab, &proven);
        lab.response(self.at)
    }

    /// Begins another dialog.
    pub(crate) fn hang_on(&mut self) {
        self.call_id.push('x');
        self.their_tag = None;
    }

    /// Calls a number, with an offer of A-law or without any.
    pub(crate) fn invite(&mut self, number: &str, offer: Option<String>) -> Request {
        let invite = self.request(Method::Invite, &format!("sip:{number}@192.0.2.1"));
        match offer {
            Some(offer) => invite.with_body("application/sdp", offer),
            None => invite,
        }
    }

    /// A trunk's call that came in as leg 1.
    pub(crate) fn call_in(&mut self, lab: &mut Lab) -> (Request, LegId) {
        let invite = self.invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")));
        self.say(lab, &invite);
        match lab.call_event() {
            Event::Invited { leg, .. } => (invite, leg),
            other => panic!("a call was expected: {other:?}"),
        }
    }

    /// A trunk's call that is up, its 200 acknowledged.
    pub(crate) fn call_in_and_answer(&mut self, lab: &mut Lab) -> (Request, LegId) {
        let (invite, leg) = self.call_in(lab);
        lab.order(Command::Answer { leg, local: local(20_000) });
        let ok = lab.answered(self.at, 200);
        self.ack(lab, &invite, &ok, None);
        assert!(matches!(lab.call_event(), Event::Answered { .. }));
        (invite, leg)
    }

    /// Acknowledges a 200.
    pub(crate) fn ack(&mut self, lab: &mut Lab, invite: &Request, ok: &Response, body: Option<String>) {
        self.learn(ok);
        let seq = invite.headers.cseq().expect("CSeq").seq;
        let mut ack = self.request_with_seq(Method::Ack, &invite.uri.to_string(), seq);
        if let Some(body) = body {
            ack = ack.with_body("application/sdp", body);
        }
        self.say(lab, &ack);
    }

    pub(crate) fn learn(&mut self, response: &Response) {
        self.their_tag = response.headers.to().expect("To").tag().map(str::to_owned);
    }

    /// A response to a request of the user agent's.
    pub(crate) fn respond(&self, request: &Request, status: u16) -> Response {
        let mut response = Response::to(request, status);
        response.headers.tag_to(&self.tag);
        response.with(HeaderName::Contact, self.contact.as_str())
    }

    pub(crate) fn reply(&self, lab: &mut Lab, response: &Response) {
        match self.flow {
            None => lab.send(self.at, response.to_bytes()),
            Some(flow) => lab.send_over(flow, self.at, response.to_bytes()),
        }
    }

    /// Answers an INVITE of the user agent's with A-law at its own address, port 4000.
    pub(crate) fn pick_up(&self, lab: &mut Lab, invite: &Request) {
        let body = sdp(&format!("{}:4000", self.at.ip()), "sendrecv");
        self.reply(lab, &self.respond(invite, 200).with_body("application/sdp", body));
    }

    /// A request in the dialog that an INVITE of the user agent's made.
    pub(crate) fn request_as_callee(&mut self, invite: &Request, method: Method) -> Request {
        self.call_id = invite.headers.call_id().expect("Call-ID").to_owned();
        let from = invite.headers.from().expect("From");
        self.their_tag = from.tag().map(str::to_owned);
        self.request(method, &from.uri.to_string())
    }
}

/// The value of a header as text.
pub(crate) fn header(message: &Request, name: HeaderName) -> String {
    message.headers.text(&name).unwrap_or_default().into_owned()
}
