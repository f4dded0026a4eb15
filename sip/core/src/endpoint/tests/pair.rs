//! Two endpoints on a network that can lose, repeat and reorder packets, all by one seed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::endpoint::{Endpoint, EndpointConfig, EndpointEvent};
use crate::message::{Message, Method, Request, Response, SipUri};
use crate::transport::{FlowId, Hop, Transport};
use crate::{ClientTx, DialogId, ServerTx};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Caller,
    Callee,
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Caller => Self::Callee,
            Self::Callee => Self::Caller,
        }
    }

    fn ix(self) -> usize {
        self as usize
    }
}

/// How bad the network is, in percent and milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weather {
    pub(super) loss: u32,
    pub(super) repeat: u32,
    pub(super) jitter_ms: u64,
}

pub(super) struct Pair {
    pub(super) now: Instant,
    pub(super) endpoints: [Endpoint; 2],
    pub(super) events: [Vec<EndpointEvent>; 2],
    /// Every packet sent, as `caller INVITE` or `callee 200 INVITE`.
    pub(super) ladder: Vec<String>,
    pub(super) weather: Weather,
    transport: Transport,
    rng: StdRng,
    sent: u64,
    in_flight: BTreeMap<(Instant, u64), (Side, Bytes)>,
}

pub(super) const CALLER: &str = "192.0.2.10:5060";
pub(super) const CALLEE: &str = "192.0.2.20:5060";

pub(super) fn address(text: &str) -> SocketAddr {
    text.parse().expect("test address")
}

impl Pair {
    pub(super) fn new(transport: Transport) -> Self {
        Self::in_weather(transport, 1, Weather::default())
    }

    pub(super) fn in_weather(transport: Transport, seed: u64, weather: Weather) -> Self {
        let endpoint = |first: u8| {
            let mut bytes = [first; 32];
            bytes[1..9].copy_from_slice(&seed.to_le_bytes());
            Endpoint::new(EndpointConfig::new(bytes))
        };
        Self {
            now: crate::testing::epoch(),
            endpoints: [endpoint(1), endpoint(2)],
            events: [Vec::new(), Vec::new()],
            ladder: Vec::new(),
            weather,
            transport,
            rng: StdRng::seed_from_u64(seed),
            sent: 0,
            in_flight: BTreeMap::new(),
        }
    }

    /// How `side` sees the path to the other.
    pub(super) fn hop(&self, side: Side) -> Hop {
        let (local, remote) = match side {
            Side::Caller => (address(CALLER), address(CALLEE)),
            Side::Callee => (address(CALLEE), address(CALLER)),
        };
        let flow = (self.transport == Transport::Tcp).then_some(FlowId(1));
        Hop { transport: self.transport, local, remote, flow }
    }

    pub(super) fn at(&mut self, side: Side) -> &mut Endpoint {
        &mut self.endpoints[side.ix()]
    }

    pub(super) fn invite(&mut self) -> ClientTx {
        let uri = SipUri::at(address(CALLEE)).with_user("1001");
        let request = Request::new(Method::Invite, uri).with_body("application/sdp", "v=0\r\n");
        self.send(Side::Caller, request)
    }

    pub(super) fn send(&mut self, side: Side, request: Request) -> ClientTx {
        let (now, hop) = (self.now, self.hop(side));
        let tx = self.at(side).send_request(now, request, hop).expect("room for one request");
        self.drain();
        tx
    }

    pub(super) fn respond(&mut self, tx: ServerTx, status: u16) -> Option<DialogId> {
        let now = self.now;
        let dialog = self.at(Side::Callee).respond(now, tx, Response::new(status)).expect("the request waits for an answer");
        self.drain();
        dialog
    }

    pub(super) fn ack(&mut self, dialog: DialogId) {
        let now = self.now;
        self.at(Side::Caller).ack(now, dialog, None).expect("a 2xx waits for its ACK");
        self.drain();
    }

    pub(super) fn bye(&mut self, side: Side, dialog: DialogId) {
        let now = self.now;
        self.at(side).bye(now, dialog, None).expect("the dialog stands");
        self.drain();
    }

    /// Hands a packet to one side as if it came from the given address over UDP.
    pub(super) fn inject(&mut self, side: Side, from: &str, packet: &[u8]) {
        let hop = Hop { remote: address(from), ..self.hop(side) };
        let now = self.now;
        self.at(side).handle_packet(now, hop, Bytes::copy_from_slice(packet));
        self.drain();
    }

    /// Lets time pass, and with it packets and timers.
    pub(super) fn run_for(&mut self, length: Duration) {
        let end = self.now + length;
        self.drain();
        while self.step(end) {}
        self.now = end;
    }

    /// Lets the packets on their way arrive, and no timer run.
    pub(super) fn settle(&mut self) {
        self.run_for(Duration::from_millis(50));
    }

    fn step(&mut self, end: Instant) -> bool {
        let packet = self.in_flight.keys().next().map(|(at, _)| *at);
        let timer = self.endpoints.iter().filter_map(Endpoint::poll_timeout).min();
        let Some(next) = packet.into_iter().chain(timer).min().filter(|next| *next <= end) else { return false };
        self.now = self.now.max(next);
        if packet == Some(next)
            && let Some((_, (to, bytes))) = self.in_flight.pop_first()
        {
            let (now, hop) = (self.now, self.hop(to));
            self.at(to).handle_packet(now, hop, bytes);
        } else {
            let now = self.now;
            self.endpoints.iter_mut().for_each(|endpoint| endpoint.handle_timeout(now));
        }
        self.drain();
        true
    }

    pub(super) fn drain(&mut self) {
        for side in [Side::Caller, Side::Callee] {
            while let Some(transmit) = self.at(side).poll_transmit() {
                self.ladder.push(format!("{} {}", if side == Side::Caller { "caller" } else { "callee" }, summary(&transmit.bytes)));
                if transmit.hop.remote == self.hop(side).remote {
                    self.carry(side.other(), transmit.bytes);
                }
            }
            while let Some(event) = self.at(side).poll_event() {
                self.events[side.ix()].push(event);
            }
        }
    }

    fn carry(&mut self, to: Side, bytes: Bytes) {
        let mut copies = 1;
        if self.transport == Transport::Udp {
            copies += u32::from(self.rng.random_range(0..100) < self.weather.repeat);
            if self.rng.random_range(0..100) < self.weather.loss {
                copies -= 1;
            }
        }
        for _ in 0..copies {
            let jitter = if self.weather.jitter_ms > 0 { self.rng.random_range(0..self.weather.jitter_ms) } else { 0 };
            self.sent += 1;
            self.in_flight.insert((self.now + Duration::from_millis(5 + jitter), self.sent), (to, bytes.clone()));
        }
    }

    /// Takes the events of one side.
    pub(super) fn take(&mut self, side: Side) -> Vec<EndpointEvent> {
        std::mem::take(&mut self.events[side.ix()])
    }

    /// The one request the callee has heard of since the last look.
    pub(super) fn requested(&mut self, side: Side) -> (ServerTx, Request, Option<DialogId>) {
        let events = self.take(side);
        match <[EndpointEvent; 1]>::try_from(events) {
            Ok([EndpointEvent::Request { tx, request, dialog, .. }]) => (tx, request, dialog),
            other => panic!("wanted one request: {other:?}"),
        }
    }

    /// The statuses of all responses the caller has heard since the last look, and the dialog of the last.
    pub(super) fn answered(&mut self, side: Side) -> (Vec<u16>, Option<DialogId>) {
        let mut statuses = Vec::new();
        let mut last = None;
        for event in self.take(side) {
            match event {
                EndpointEvent::Response { response, dialog, .. } => {
                    statuses.push(response.status);
                    last = dialog;
                }
                other => panic!("wanted responses: {other:?}"),
            }
        }
        (statuses, last)
    }

    /// Rings, answers and acknowledges a call; gives its dialog at the caller and at the callee.
    pub(super) fn talk(&mut self) -> (DialogId, DialogId) {
        self.invite();
        self.settle();
        let (tx, _, _) = self.requested(Side::Callee);
        let callee = self.respond(tx, 200).expect("a 200 makes a dialog");
        self.settle();
        let (_, caller) = self.answered(Side::Caller);
        let caller = caller.expect("a 200 makes a dialog");
        self.ack(caller);
        self.settle();
        assert!(matches!(self.take(Side::Callee).as_slice(), [EndpointEvent::Acked { .. }]));
        self.ladder.clear();
        (caller, callee)
    }

    pub(super) fn count(&self, line: &str) -> usize {
        self.ladder.iter().filter(|have| *have == line).count()
    }

    /// Nothing is left: no transaction, dialog or timer.
    pub(super) fn expect_empty(&mut self) {
        for endpoint in &self.endpoints {
            assert_eq!(endpoint.occupancy(), (0, 0, 0), "something is left");
            assert_eq!(endpoint.poll_timeout(), None, "a timer is left");
        }
    }
}

/// `INVITE` for a request, `200 INVITE` for a response.
pub(super) fn summary(bytes: &Bytes) -> String {
    match Message::parse_datagram(bytes.clone()).expect("endpoints send sound messages") {
        Message::Request(request) => request.method.to_string(),
        Message::Response(response) => {
            let cseq = response.headers.cseq().expect("responses have a CSeq");
            format!("{} {}", response.status, cseq.method)
        }
    }
}

/// A packet of somebody who is no endpoint: the given start line and Via, and a head that can be added to.
pub(super) fn packet(start: &str, via: &str, more: &str) -> Vec<u8> {
    let method = start.split(' ').next().unwrap_or_default();
    let mut text = format!("{start}\r\nVia: {via}\r\n");
    for (name, default) in [
        ("From", "<sip:eve@example.net>;tag=eve".to_owned()),
        ("To", "<sip:1001@example.net>".to_owned()),
        ("Call-ID", "eve-1".to_owned()),
        ("CSeq", format!("1 {method}")),
        ("Max-Forwards", "70".to_owned()),
    ] {
        if !more.lines().any(|line| line.starts_with(&format!("{name}:"))) {
            text.push_str(&format!("{name}: {default}\r\n"));
        }
    }
    for line in more.lines() {
        text.push_str(&format!("{line}\r\n"));
    }
    text.push_str("Content-Length: 0\r\n\r\n");
    text.into_bytes()
}
