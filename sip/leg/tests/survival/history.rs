//! Two sides that do anything to each other over a network that does anything to their packets, in virtual time: what must hold at
//! the end whatever happened. Asked by ten thousand seeds, by the seeds that once failed, and by the fuzz targets.
//!
//! A side is a whole user agent, or a wild endpoint that does what no sane peer would and is still answered.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use carillon_media_sdp::{Direction, LocalMedia};
use carillon_sip_core::message::{HeaderName, Message, Method, Request, Response, SipUri};
use carillon_sip_core::{ClientTx, DialogId, Endpoint, EndpointConfig, EndpointEvent, Engine, Hop, Reach, ServerTx, Transmit, Transport};
use carillon_sip_leg::{Command, Event, HangUpCause, LegId, ReferId, Target, TrunkPeer, UaConfig, UserAgent};

/// Where everything unforeseen comes from.
pub(crate) trait Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u32) -> u32;
    /// Whether nothing more is to come: then the history ends.
    fn is_spent(&self) -> bool;
}

/// The bytes of a fuzzer as dice.
pub(crate) struct Script<'a>(pub(crate) &'a [u8]);

impl Dice for Script<'_> {
    fn roll(&mut self, sides: u32) -> u32 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        u32::from(*first) % sides
    }

    fn is_spent(&self) -> bool {
        self.0.is_empty()
    }
}

/// What the two sides are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cast {
    /// Two user agents.
    Agents,
    /// A user agent and a wild endpoint.
    AgentAndWild,
    /// Two wild endpoints: transactions and dialogs alone.
    Wilds,
}

/// Acts of one history at most.
const ACTS: usize = 24;
/// No quiet end needs more: a call that is up without a word is over after its session's half hour.
const QUIET: Duration = Duration::from_secs(4_000);
/// Packets of one history at most: each act causes a few, each repeated at most eleven times.
const PACKETS: u64 = 20_000;

/// What became of a history.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The same dice give the same one: every packet went into it.
    pub(crate) fingerprint: u64,
    /// The kinds of news that user agents had.
    pub(crate) news: BTreeSet<&'static str>,
}

/// Plays one history.
pub(crate) fn play(now: Instant, cast: Cast, dice: &mut dyn Dice) -> Told {
    let mut world = World::new(now, cast, dice);
    for _ in 0..ACTS {
        if world.dice.is_spent() {
            break;
        }
        let side = world.dice.roll(2) as usize;
        world.act(side);
        let ms = [0, 5, 60, 400, 3_000, 20_000][world.dice.roll(6) as usize];
        world.run_for(Duration::from_millis(ms));
    }
    world.finish();
    let news = world.sides.iter().flat_map(|side| match side {
        Side::Agent(agent) => agent.news.iter().copied().collect::<Vec<_>>(),
        Side::Wild(_) => vec![],
    });
    Told { fingerprint: world.trace.finish(), news: news.collect() }
}

#[expect(clippy::large_enum_variant, reason = "there are two of them")]
enum Side {
    Agent(Agent),
    Wild(Wild),
}

struct Agent {
    ua: UserAgent,
    alive: BTreeSet<LegId>,
    incoming: BTreeSet<LegId>,
    refers: Vec<(LegId, ReferId)>,
    known: Vec<LegId>,
    ended: BTreeSet<LegId>,
    news: BTreeSet<&'static str>,
}

struct Wild {
    endpoint: Endpoint,
    questions: Vec<(ServerTx, Method, bool)>,
    invites: Vec<ClientTx>,
    /// Requests of ours without a final answer.
    open: BTreeMap<ClientTx, u32>,
    dialogs: BTreeSet<DialogId>,
}

struct World<'d> {
    now: Instant,
    at: [SocketAddr; 2],
    sides: [Side; 2],
    dice: &'d mut dyn Dice,
    flying: BTreeMap<(Instant, u64), (usize, Bytes)>,
    sent: u64,
    is_healed: bool,
    last_leg: u128,
    /// The final status each side gave each request.
    finals: BTreeMap<(usize, Vec<u8>, Vec<u8>), u16>,
    trace: DefaultHasher,
}

fn sdp(direction: u32, port: u16) -> String {
    let direction = ["sendrecv", "sendonly", "recvonly", "inactive"][direction as usize % 4];
    format!("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 0\r\na={direction}\r\n")
}

fn local(port: u16) -> LocalMedia {
    LocalMedia::new(([192, 0, 2, 1], port).into(), 77)
}

impl<'d> World<'d> {
    fn new(now: Instant, cast: Cast, dice: &'d mut dyn Dice) -> Self {
        let at: [SocketAddr; 2] = [([192, 0, 2, 1], 5060).into(), ([192, 0, 2, 2], 5060).into()];
        let agent = |ix: usize| {
            let mut last = 1_000 * (ix as u128 + 1);
            let new_leg = move || {
                last += 1;
                LegId(last)
            };
            let config = UaConfig { reach: Reach::new().listening(Transport::Udp, at[ix]), ..UaConfig::new([ix as u8 + 1; 32]) };
            let mut ua = UserAgent::new(config, Box::new(new_leg));
            let peer = TrunkPeer::new("peer", at[1 - ix], Transport::Udp);
            ua.handle_command(now, Command::SetTrunks(vec![peer]));
            let none = BTreeSet::new;
            Side::Agent(Agent { ua, alive: none(), incoming: none(), refers: vec![], known: vec![], ended: none(), news: BTreeSet::new() })
        };
        let wild = |ix: usize| {
            let mut config =
                EndpointConfig { reach: Reach::new().listening(Transport::Udp, at[ix]), ..EndpointConfig::new([ix as u8 + 11; 32]) };
            config.methods.extend([Method::Prack, Method::Update, Method::Refer, Method::Notify]);
            config.supported.extend(["100rel".to_owned(), "timer".to_owned()]);
            let mut endpoint = Endpoint::new(config);
            endpoint.trust([(Transport::Udp, at[1 - ix])]);
            Side::Wild(Wild { endpoint, questions: vec![], invites: vec![], open: BTreeMap::new(), dialogs: BTreeSet::new() })
        };
        let sides = match cast {
            Cast::Agents => [agent(0), agent(1)],
            Cast::AgentAndWild => [agent(0), wild(1)],
            Cast::Wilds => [wild(0), wild(1)],
        };
        let (flying, finals) = (BTreeMap::new(), BTreeMap::new());
        World { now, at, sides, dice, flying, sent: 0, is_healed: false, last_leg: 0, finals, trace: DefaultHasher::new() }
    }

    fn act(&mut self, ix: usize) {
        let (now, peer) = (self.now, self.at[1 - ix]);
        let what = self.dice.roll(16);
        let (which, how) = (self.dice.roll(8), self.dice.roll(8));
        let hop = Hop::udp(self.at[ix], peer);
        let last_leg = &mut self.last_leg;
        match &mut self.sides[ix] {
            Side::Agent(agent) => {
                if let Some(order) = agent.order(what, which, how, last_leg) {
                    agent.ua.handle_command(now, order);
                }
            }
            Side::Wild(wild) => wild.act(now, hop, what, which, how),
        }
        self.drain();
    }

    /// Moves packets and news until there are none; every packet meets the weather.
    fn drain(&mut self) {
        loop {
            let mut moved = false;
            for ix in 0..2 {
                while let Some(Transmit { bytes, .. }) = self.sides[ix].poll_transmit() {
                    moved = true;
                    self.fly(ix, bytes);
                }
                moved |= self.hear(ix);
            }
            if !moved {
                return;
            }
        }
    }

    fn fly(&mut self, from: usize, bytes: Bytes) {
        bytes.hash(&mut self.trace);
        self.sent += 1;
        assert!(self.sent < PACKETS, "a storm");
        self.note_final(from, &bytes);
        let (copies, delay) = match self.is_healed {
            true => (1, 20),
            false => (
                match self.dice.roll(10) {
                    0 => 0,
                    1 => 2,
                    _ => 1,
                },
                [1, 10, 40, 700][self.dice.roll(4) as usize],
            ),
        };
        for copy in 0..copies {
            let landing = (self.now + Duration::from_millis(delay + copy * 90), self.sent * 2 + copy);
            self.flying.insert(landing, (1 - from, bytes.clone()));
        }
    }

    /// One final answer a request: each side says the same to a request however often it says it.
    fn note_final(&mut self, from: usize, bytes: &Bytes) {
        let Ok(Message::Response(response)) = Message::parse_datagram(bytes.clone()) else { return };
        let text = |name: HeaderName| response.headers.get(&name).unwrap_or_default().to_vec();
        if response.is_provisional() {
            return;
        }
        let known = *self.finals.entry((from, text(HeaderName::Via), text(HeaderName::CSeq))).or_insert(response.status);
        assert_eq!(known, response.status, "two final answers to one request");
    }

    fn hear(&mut self, ix: usize) -> bool {
        let (now, dice) = (self.now, &mut *self.dice);
        let mut heard = false;
        match &mut self.sides[ix] {
            Side::Agent(agent) => {
                while let Some(event) = agent.ua.poll_event() {
                    heard = true;
                    agent.hear(event);
                }
            }
            Side::Wild(wild) => {
                while let Some(event) = wild.endpoint.poll_event() {
                    heard = true;
                    wild.hear(now, event, dice, self.is_healed);
                }
            }
        }
        heard
    }

    fn next(&self) -> Option<Instant> {
        let timers = self.sides.iter().filter_map(Side::poll_timeout);
        timers.chain(self.flying.keys().next().map(|(at, _)| *at)).min()
    }

    fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            match self.flying.first_key_value().is_some_and(|((at, _), _)| *at <= self.now) {
                true => {
                    if let Some((_, (to, bytes))) = self.flying.pop_first() {
                        let hop = Hop::udp(self.at[to], self.at[1 - to]);
                        self.sides[to].handle_packet(self.now, hop, bytes);
                    }
                }
                false => self.sides.iter_mut().for_each(|side| side.handle_timeout(self.now)),
            }
            self.drain();
        }
        self.now = end;
    }

    /// Both sides give up everything, the network heals, and nothing may be left.
    fn finish(&mut self) {
        self.is_healed = true;
        for ix in 0..2 {
            let now = self.now;
            self.sides[ix].give_up(now);
            self.drain();
        }
        self.run_for(Duration::from_secs(200));
        // What answered late is given up too.
        for ix in 0..2 {
            let now = self.now;
            self.sides[ix].give_up(now);
            self.drain();
        }
        self.run_for(QUIET);
        for side in &self.sides {
            side.expect_nothing_left();
        }
        assert!(self.flying.is_empty() && self.next().is_none(), "somebody still wants to be woken");
    }
}

impl Side {
    fn poll_transmit(&mut self) -> Option<Transmit> {
        match self {
            Side::Agent(agent) => agent.ua.poll_transmit(),
            Side::Wild(wild) => wild.endpoint.poll_transmit(),
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Side::Agent(agent) => agent.ua.poll_timeout(),
            Side::Wild(wild) => wild.endpoint.poll_timeout(),
        }
    }

    fn handle_packet(&mut self, now: Instant, hop: Hop, bytes: Bytes) {
        match self {
            Side::Agent(agent) => agent.ua.handle_packet(now, hop, bytes),
            Side::Wild(wild) => wild.endpoint.handle_packet(now, hop, bytes),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self {
            Side::Agent(agent) => agent.ua.handle_timeout(now),
            Side::Wild(wild) => wild.endpoint.handle_timeout(now),
        }
    }

    fn give_up(&mut self, now: Instant) {
        match self {
            Side::Agent(agent) => {
                for leg in agent.alive.clone() {
                    agent.ua.handle_command(now, Command::HangUp { leg, cause: HangUpCause::Normal });
                }
            }
            Side::Wild(wild) => wild.give_up(now),
        }
    }

    fn expect_nothing_left(&self) {
        match self {
            Side::Agent(agent) => {
                assert!(agent.alive.is_empty(), "legs without an end: {:?}", agent.alive);
                let held = agent.ua.held();
                assert_eq!((held.legs, held.server_transactions, held.client_transactions, held.dialogs), (0, 0, 0, 0), "left over");
            }
            Side::Wild(wild) => {
                assert_eq!(wild.endpoint.occupancy(), (0, 0, 0), "left over");
                assert!(wild.open.values().all(|finals| *finals == 1), "a request without its one end: {:?}", wild.open);
            }
        }
    }
}

impl Agent {
    fn order(&mut self, what: u32, which: u32, how: u32, last_leg: &mut u128) -> Option<Command> {
        let pick = |legs: &BTreeSet<LegId>| legs.iter().nth(which as usize % legs.len().max(1)).copied();
        let direction = [Direction::SendRecv, Direction::SendOnly, Direction::Inactive, Direction::RecvOnly][how as usize % 4];
        Some(match what {
            0 | 1 => {
                *last_leg += 1;
                let leg = LegId(*last_leg);
                self.alive.insert(leg);
                self.known.push(leg);
                let to = Target::Trunk { name: "peer".to_owned(), number: "300".to_owned() };
                Command::Dial { leg, to, from_user: "1".to_owned(), from_name: None, sdp_offer: local(20_000), headers: vec![] }
            }
            2 | 3 => Command::Ring { leg: pick(&self.incoming)? },
            4 => Command::Progress { leg: pick(&self.incoming)?, local: local(21_000) },
            5..=7 => Command::Answer { leg: pick(&self.incoming)?, local: local(22_000) },
            8 => Command::Refuse { leg: pick(&self.incoming)?, status: 486, reason: None },
            9 | 10 => Command::SetDirection { leg: pick(&self.alive)?, direction },
            11 => Command::SetMedia { leg: pick(&self.alive)?, local: local(23_000) },
            12 => Command::SendDigit { leg: pick(&self.alive)?, digit: '5', duration_ms: 100 },
            13 => {
                let (leg, refer) = *self.refers.get(which as usize % self.refers.len().max(1))?;
                Command::ReferStatus { leg, refer, status: [100, 180, 200, 486, 603][how as usize % 5] }
            }
            _ => {
                // Now and then a leg that is over already.
                let leg = if how == 0 { self.known.first().copied()? } else { pick(&self.alive)? };
                Command::HangUp { leg, cause: HangUpCause::Normal }
            }
        })
    }

    fn hear(&mut self, event: Event) {
        self.news.insert(match &event {
            Event::Invited { .. } => "invited",
            Event::Ended { .. } => "ended",
            Event::Answered { .. } => "answered",
            Event::Referred { .. } => "referred",
            Event::EarlyMedia { .. } => "early media",
            Event::MediaChanged { .. } => "media changed",
            Event::MediaChangeRefused { .. } => "media change refused",
            Event::Digit { .. } => "digit",
            Event::Ringing { .. } => "ringing",
            _ => "other",
        });
        match event {
            Event::Invited { leg, .. } => {
                assert!(self.alive.insert(leg) && !self.ended.contains(&leg), "an id came twice");
                self.incoming.insert(leg);
                self.known.push(leg);
            }
            Event::Ended { leg, .. } => {
                assert!(self.alive.remove(&leg), "{leg:?} ended without living");
                self.incoming.remove(&leg);
                self.ended.insert(leg);
            }
            Event::Answered { leg, .. } => {
                assert!(self.alive.contains(&leg), "{leg:?} is heard of after its end");
                self.incoming.remove(&leg);
            }
            Event::Referred { leg, refer, .. } => {
                assert!(self.alive.contains(&leg), "{leg:?} is heard of after its end");
                self.refers.push((leg, refer));
            }
            Event::Ringing { leg }
            | Event::EarlyMedia { leg, .. }
            | Event::MediaChanged { leg, .. }
            | Event::MediaChangeRefused { leg, .. }
            | Event::Digit { leg, .. } => assert!(self.alive.contains(&leg), "{leg:?} is heard of after its end"),
            Event::Traced(_)
            | Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::BindingsChanged { .. }
            | Event::RegisteredElsewhere { .. }
            | Event::RegistrationRefused { .. }
            | Event::TrunkAnswers { .. }
            | Event::Refused { .. } => {}
        }
    }
}

impl Wild {
    fn act(&mut self, now: Instant, hop: Hop, what: u32, which: u32, how: u32) {
        match what {
            0..=2 => self.invite(now, hop, how),
            3..=6 => self.answer_one(now, which, how),
            7 => {
                if let Some(tx) = self.invites.get(which as usize % self.invites.len().max(1)) {
                    self.endpoint.cancel(now, *tx, None);
                }
            }
            8..=13 => self.speak(now, which, what - 8, how),
            _ => {
                if let Some(dialog) = self.dialog(which) {
                    let _ = self.endpoint.bye(now, dialog, None);
                }
            }
        }
    }

    fn dialog(&self, which: u32) -> Option<DialogId> {
        self.dialogs.iter().nth(which as usize % self.dialogs.len().max(1)).copied()
    }

    fn sent(&mut self, tx: ClientTx) {
        self.open.insert(tx, 0);
    }

    fn invite(&mut self, now: Instant, hop: Hop, how: u32) {
        let mut invite = Request::new(Method::Invite, SipUri::at(hop.remote).with_user("200"));
        match how {
            0 => invite.headers.push(HeaderName::Require, "100rel"),
            1 => invite.headers.push(HeaderName::SessionExpires, "100;refresher=uac"),
            2 => invite.headers.push(HeaderName::SessionExpires, "30"),
            _ => {}
        }
        if how != 3 {
            invite = invite.with_body("application/sdp", sdp(how, 4000));
        }
        if let Ok(tx) = self.endpoint.send_request(now, invite, hop) {
            self.sent(tx);
            self.invites.push(tx);
        }
    }

    /// Any request in any dialog, wise or not.
    fn speak(&mut self, now: Instant, which: u32, what: u32, how: u32) {
        let Some(dialog) = self.dialog(which) else { return };
        let method =
            [Method::Invite, Method::Update, Method::Info, Method::Refer, Method::Prack, Method::Options][what as usize % 6].clone();
        let Ok(mut request) = self.endpoint.request_in_dialog(dialog, method) else { return };
        match request.method {
            Method::Invite | Method::Update if how > 1 => request = request.with_body("application/sdp", sdp(how, 4000 + how as u16 * 2)),
            Method::Info => request = request.with_body("application/dtmf", "5"),
            Method::Refer => request.headers.push(HeaderName::ReferTo, "<sip:300@192.0.2.1>"),
            Method::Prack => request.headers.push(HeaderName::RAck, format!("{how} 1 INVITE")),
            _ => {}
        }
        if let Ok(tx) = self.endpoint.send_in_dialog(now, dialog, request) {
            self.sent(tx);
        }
    }

    fn answer_one(&mut self, now: Instant, which: u32, how: u32) {
        if self.questions.is_empty() {
            return;
        }
        let at = which as usize % self.questions.len();
        let (tx, method, has_offer) = self.questions[at].clone();
        let status = match method {
            Method::Invite => [180, 183, 183, 200, 200, 486, 491, 200][how as usize % 8],
            _ => [200, 200, 200, 481, 491, 500, 405, 200][how as usize % 8],
        };
        let mut response = Response::new(status);
        if matches!(method, Method::Invite | Method::Update) && (183..300).contains(&status) && (has_offer || status >= 200) && how != 7 {
            response = response.with_body("application/sdp", sdp(how, 5000));
        }
        let dialog = match status < 200 && how == 2 {
            true => self.endpoint.respond_reliably(now, tx, response),
            false => self.endpoint.respond(now, tx, response),
        };
        if status >= 200 {
            self.questions.remove(at);
        }
        self.dialogs.extend(dialog.ok().flatten());
    }

    fn hear(&mut self, now: Instant, event: EndpointEvent, dice: &mut dyn Dice, is_healed: bool) {
        match event {
            EndpointEvent::Request { tx, request, .. } => {
                let waits = request.method == Method::Invite || !is_healed && dice.roll(4) == 0;
                match waits && !is_healed {
                    true => self.questions.push((tx, request.method.clone(), !request.body.is_empty())),
                    false => drop(self.endpoint.respond(now, tx, Response::new(if request.method == Method::Invite { 480 } else { 200 }))),
                }
            }
            EndpointEvent::Response { tx, response, dialog, .. } => {
                if !response.is_provisional() {
                    *self.open.entry(tx).or_default() += 1;
                }
                self.dialogs.extend(dialog);
                let is_invite = response.headers.cseq().is_ok_and(|cseq| cseq.method == Method::Invite);
                if let (true, true, Some(dialog)) = (is_invite, response.is_success(), dialog) {
                    let body = sdp(dice.roll(4), 4002);
                    let answer = (dice.roll(3) == 0).then(|| ("application/sdp", Bytes::from(body)));
                    let _ = self.endpoint.ack(now, dialog, answer);
                    if is_healed {
                        let _ = self.endpoint.bye(now, dialog, None);
                    }
                }
            }
            EndpointEvent::TimedOut { tx } | EndpointEvent::TransportFailed { tx } => *self.open.entry(tx).or_default() += 1,
            EndpointEvent::ByeChallenged { mut bye, hop, .. } => {
                bye.headers.push(HeaderName::Authorization, "Digest of=nothing");
                self.endpoint.bye_again(now, bye, hop);
            }
            EndpointEvent::AckMissing { dialog, .. } => drop(self.endpoint.bye(now, dialog, None)),
            EndpointEvent::PrackMissing { tx } => drop(self.endpoint.respond(now, tx, Response::new(504))),
            EndpointEvent::Acked { .. } | EndpointEvent::Cancelled { .. } | EndpointEvent::CallerLost { .. } => {}
        }
    }

    fn give_up(&mut self, now: Instant) {
        for tx in std::mem::take(&mut self.invites) {
            self.endpoint.cancel(now, tx, None);
        }
        for (tx, method, _) in std::mem::take(&mut self.questions) {
            let _ = self.endpoint.respond(now, tx, Response::new(if method == Method::Invite { 480 } else { 200 }));
        }
        for dialog in std::mem::take(&mut self.dialogs) {
            let _ = self.endpoint.bye(now, dialog, None);
        }
    }
}
