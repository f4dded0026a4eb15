//! The user agent: everything that speaks SIP here, behind one face.

mod placing;
mod referring;

use self::placing::DialOrder;
use crate::{
    Command, Event, LegId, Peer, RefusedWhy, UaConfig,
    admission::{Admission, Denial},
    caller,
    legs::{Incoming, Key, Known, Leg, Legs, Next, refuse_body},
    our_registrations::OurRegistrations,
    refusals::Refusals,
    registrations::Registrations,
    scanners::Scanners,
    stack::Stack,
    trace::Trace,
    trunks::TrunkPlaces,
};
use bytes::Bytes;
use carillon_media_sdp::{Codec, LocalMedia, SdpError};
use carillon_sip_core::{
    ClientTx, DialogId, Endpoint, EndpointConfig, EndpointEvent, Engine, FlowId, Hop, ServerTx, Transmit,
    message::{HeaderName, Method, Request, Response},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

/// The requests we serve. What else is known to SIP gets 405.
const METHODS: [Method; 10] = [
    Method::Invite,
    Method::Ack,
    Method::Bye,
    Method::Cancel,
    Method::Options,
    Method::Register,
    Method::Info,
    Method::Prack,
    Method::Update,
    Method::Refer,
];

/// The extensions we know.
const SUPPORTED: [&str; 4] = ["100rel", "timer", "replaces", "norefersub"];

/// How much a [`UserAgent`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Legs that are not over.
    pub legs: usize,
    /// Requests of others that are being answered, or were and may come again.
    pub server_transactions: usize,
    /// Requests of ours that are being answered.
    pub client_transactions: usize,
    /// Dialogs, those of legs and those that are ending.
    pub dialogs: usize,
}

/// All legs, registrations and peers of one server.
///
/// Feed it by the `handle_*` methods of [`Engine`]; after each, drain [`Engine::poll_transmit`] and [`Engine::poll_event`].
pub struct UserAgent {
    stack: Stack,
    admission: Admission,
    registrations: Registrations,
    our_registrations: OurRegistrations,
    legs: Legs,
    refusals: Refusals,
    scanners: Scanners,
    new_leg: Box<dyn FnMut() -> LegId + Send>,
    is_draining: bool,
    /// Numbers that phones may call while we drain.
    still_taken: BTreeSet<String>,
    /// When something was last handed in: what is sent now is sent then.
    now: Option<Instant>,
}

impl UserAgent {
    /// A user agent that takes the ids of incoming legs from `new_leg`.
    pub fn new(config: UaConfig, new_leg: Box<dyn FnMut() -> LegId + Send>) -> Self {
        let mut seeds = StdRng::from_seed(config.seed);
        let mut secret = || {
            let mut bytes = [0; 32];
            seeds.fill_bytes(&mut bytes);
            bytes
        };
        let endpoint = Endpoint::new(EndpointConfig {
            server_name: config.server.clone(),
            reach: config.reach.clone(),
            methods: METHODS.to_vec(),
            supported: SUPPORTED.map(str::to_owned).to_vec(),
            ..EndpointConfig::new(secret())
        });
        UserAgent {
            admission: Admission::new(&config, secret()),
            registrations: Registrations::new(&config),
            our_registrations: OurRegistrations::new(StdRng::from_seed(secret())),
            legs: Legs::default(),
            refusals: Refusals::default(),
            scanners: Scanners::default(),
            stack: Stack {
                endpoint,
                events: VecDeque::new(),
                farewell_by_invite: BTreeMap::new(),
                accounts_left: VecDeque::new(),
                dice: StdRng::from_seed(secret()),
                trace: Trace::new(config.trace),
                trunks: TrunkPlaces::default(),
                config,
            },
            new_leg,
            is_draining: false,
            still_taken: BTreeSet::new(),
            now: None,
        }
    }

    /// What is held now; nothing of it while nothing happens.
    pub fn held(&self) -> Held {
        let (server_transactions, client_transactions, dialogs) = self.stack.endpoint.occupancy();
        Held { legs: self.legs.len(), server_transactions, client_transactions, dialogs }
    }

    /// Takes what the endpoint has to tell, until it has nothing more.
    fn settle(&mut self, now: Instant) {
        while let Some(event) = self.stack.endpoint.poll_event() {
            self.take(now, event);
        }
    }

    fn take(&mut self, now: Instant, event: EndpointEvent) {
        match event {
            EndpointEvent::Request { tx, request, hop, dialog } => self.take_request(now, tx, request, hop, dialog),
            EndpointEvent::Cancelled { tx, .. } => self.step_by(Key::Server(tx), |leg, _| leg.cancelled()),
            EndpointEvent::CallerLost { tx } => self.step_by(Key::Server(tx), |leg, _| leg.caller_lost()),
            EndpointEvent::Response { tx, response, dialog, .. } => self.take_response(now, tx, &response, dialog),
            EndpointEvent::TimedOut { tx } => self.unanswered(now, tx),
            EndpointEvent::TransportFailed { tx } => {
                self.stack.trunks.question_lost(tx, &mut self.stack.events);
                self.unanswered(now, tx);
            }
            EndpointEvent::ByeChallenged { bye, response, hop, dialog } => self.prove_bye(now, bye, &response, hop, dialog),
            EndpointEvent::Acked { dialog, tx, ack } => self.step_by(Key::Dialog(dialog), |leg, stack| leg.acked(stack, now, tx, &ack)),
            EndpointEvent::PrackMissing { tx } => self.step_by(Key::Server(tx), |leg, stack| leg.prack_missing(stack, now)),
            EndpointEvent::AckMissing { dialog, .. } => self.step_by(Key::Dialog(dialog), |leg, stack| leg.ack_missing(stack, now)),
        }
    }

    /// A request of ours has no answer, and will have none.
    fn unanswered(&mut self, now: Instant, tx: ClientTx) {
        self.stack.farewell_by_invite.remove(&tx);
        self.registrations.ping_unanswered(tx);
        self.our_registrations.unanswered(&mut self.stack, now, tx);
        self.stack.trunks.question_unanswered(tx);
        self.step_by(Key::Client(tx), |leg, stack| leg.unanswered(stack, now, tx));
    }

    fn take_request(&mut self, now: Instant, tx: ServerTx, request: Request, hop: Hop, dialog: Option<DialogId>) {
        if let Some((dialog, leg)) = dialog.and_then(|dialog| Some((dialog, self.legs.find(Key::Dialog(dialog))?))) {
            if request.method == Method::Refer {
                return self.referred(now, leg, tx, &request);
            }
            return self.legs.step(&mut self.stack, leg, |leg, stack| leg.request(stack, now, tx, dialog, &request));
        }
        self.scanners.note(now, hop.remote.ip(), request.headers.get(&HeaderName::UserAgent));
        match (&request.method, dialog) {
            (Method::Invite, None) => self.invited(now, tx, request, hop),
            (Method::Register, _) => self.register(now, tx, &request, hop),
            (Method::Refer, None) => self.referred_outside(now, tx, &request, hop),
            (Method::Options, None) => self.asked_for_options(now, tx),
            // A dialog whose leg is over, or whose answer we did not want.
            (Method::Bye, Some(_)) => drop(self.stack.respond(now, tx, Response::new(200))),
            _ => drop(self.stack.respond(now, tx, Response::new(481))),
        }
    }

    fn take_response(&mut self, now: Instant, tx: ClientTx, response: &Response, dialog: Option<DialogId>) {
        if self.registrations.is_ping(tx) {
            if !response.is_provisional() {
                self.registrations.ping_answered(&mut self.stack, now, tx);
            }
            return;
        }
        if self.stack.trunks.is_question(tx) {
            if !response.is_provisional() {
                self.stack.trunks.question_answered(tx, response.status, &mut self.stack.events);
            }
            return;
        }
        if self.our_registrations.is_ours(tx) {
            return self.our_registrations.answered(&mut self.stack, now, tx, response);
        }
        if let Some(leg) = self.legs.find(Key::Client(tx)) {
            return self.legs.step(&mut self.stack, leg, |leg, stack| leg.response(stack, now, tx, response, dialog));
        }
        let is_of_invite = response.headers.cseq().is_ok_and(|cseq| cseq.method == Method::Invite);
        match dialog.filter(|_| is_of_invite) {
            Some(dialog) if response.is_success() => self.stack.end_unwanted_answer(now, tx, dialog),
            _ if !response.is_provisional() => drop(self.stack.farewell_by_invite.remove(&tx)),
            _ => {}
        }
    }

    /// A new call. Who it is comes first: nobody else learns whether we are full or draining.
    fn invited(&mut self, now: Instant, tx: ServerTx, request: Request, hop: Hop) {
        let comes_from_a_phone = self.registrations.is_path_of_a_phone(&hop);
        let caller = self.admission.caller(now, &request, &hop, comes_from_a_phone, &self.stack.config);
        let admitted = caller.and_then(|peer| match self.refuse_call(&peer, &request, &hop) {
            Some(denial) => Err(denial),
            None => Ok(peer),
        });
        let replaced = admitted.and_then(|peer| Ok((peer, self.replaced_by(&request)?)));
        match replaced {
            Err(denial) => self.deny(now, tx, &request, hop, denial),
            Ok((peer, replaces)) => self.begin(tx, &request, hop, peer, replaces),
        }
    }

    /// A trunk that challenges every request would otherwise go on charging for a call that is over.
    ///
    /// Two trunks may share a provider and its realm: who we were in the call comes first. An answer that crossed our CANCEL never was a leg.
    fn prove_bye(&mut self, now: Instant, mut bye: Request, challenged: &Response, hop: Hop, dialog: Option<DialogId>) {
        let cnonce = self.stack.endpoint.new_tag();
        let uri = bye.uri.to_string();
        let in_the_call = self.stack.accounts_left.iter().find(|(left, _)| Some(*left) == dialog).map(|(_, account)| account);
        let there = self.admission.directory.accounts_at(hop.remote.ip());
        let mut accounts = in_the_call.into_iter().chain(there);
        let proof = accounts.find_map(|account| account.answer(challenged, &Method::Bye, &uri, &cnonce));
        if let Some((name, value)) = proof {
            bye.headers.set(name, value);
            self.stack.endpoint.bye_again(now, bye, hop);
        }
    }

    fn refuse_call(&self, from: &Peer, request: &Request, hop: &Hop) -> Option<Denial> {
        let is_still_taken = || matches!(from, Peer::Phone(_)) && self.still_taken.contains(&caller::number(&request.uri));
        if self.is_draining && !is_still_taken() {
            return Some(Denial::later(RefusedWhy::Draining));
        }
        if self.legs.len() >= self.stack.config.max_legs {
            return Some(Denial::later(RefusedWhy::Overloaded));
        }
        let unusable = |response| Denial::with(response, Some(RefusedWhy::Unusable));
        let too_brief = || self.stack.session_bounds().refuse(&request.headers);
        refuse_body(request)
            .or_else(|| refuse_offer(&request.body, &self.stack.config.media_for(hop.local)))
            .or_else(too_brief)
            .map(unusable)
    }

    fn begin(&mut self, tx: ServerTx, request: &Request, hop: Hop, from: Peer, replaces: Option<LegId>) {
        let leg = (self.new_leg)();
        let headers = &request.headers;
        let address = headers.from().ok();
        let (phone, vouches) = match &from {
            Peer::Phone(name) => (Some(name.clone()), false),
            Peer::Trunk(_) => (None, true),
        };
        let credentials = match &from {
            Peer::Phone(_) => None,
            Peer::Trunk(name) => self.admission.directory.trunk_peers(name).find_map(|peer| peer.credentials.clone()),
        };
        self.stack.trace.watch_from(hop.remote.ip(), headers.get(&HeaderName::CallId).unwrap_or_default(), leg);
        let called = self.called(&from, request);
        self.legs.insert(leg, Leg::Incoming(Incoming::new(&self.stack, leg, tx, hop.remote.ip(), Known { phone, credentials }, request)));
        self.stack.events.push_back(Event::Invited {
            leg,
            from,
            caller: address.as_ref().map(|from| caller::number(&from.uri)).unwrap_or_default(),
            caller_name: address.as_ref().and_then(caller::name),
            identity: if vouches { caller::identity(headers) } else { None },
            is_private: vouches && caller::wants_privacy(headers),
            diverted: caller::diverted(headers),
            called,
            device: request.uri.sip().and_then(|uri| uri.params.value("gr")).filter(|gr| !gr.is_empty()).map(caller::plain),
            hop,
            offer: (!request.body.is_empty()).then(|| request.body.to_vec()),
            call_id: request.headers.call_id().unwrap_or_default().to_owned(),
            hops_left: request.headers.max_forwards().ok().flatten().unwrap_or(70).saturating_sub(1),
            replaces,
        });
    }

    /// The number dialled. A trunk that we register with calls us by the name we gave it; whom the caller wanted then stands in
    /// P-Called-Party-ID (RFC 7315 4.2) or in To.
    fn called(&self, from: &Peer, request: &Request) -> String {
        let called = caller::number(&request.uri);
        let Peer::Trunk(trunk) = from else { return called };
        if !self.admission.directory.is_our_user(trunk, &called) {
            return called;
        }
        let named = [HeaderName::new("P-Called-Party-ID"), Some(HeaderName::To)].into_iter().flatten();
        let mut wanted = named.filter_map(|name| request.headers.address(name).ok()).map(|address| caller::number(&address.uri));
        wanted.find(|number| !number.is_empty()).unwrap_or(called)
    }

    fn register(&mut self, now: Instant, tx: ServerTx, request: &Request, hop: Hop) {
        match self.admission.registrant(now, request, &hop) {
            Err(denial) => self.deny(now, tx, request, hop, denial),
            Ok(phone) => match self.registrations.register(&mut self.stack, now, &phone, request, hop) {
                Err(denial) => self.deny(now, tx, request, hop, denial),
                Ok(registered) => {
                    self.follow(&phone, &registered.moved);
                    self.stack.respond(now, tx, registered.response);
                }
            },
        }
    }

    /// A phone whose address changed in mid-call (a NAT's mapping, a new connection) has just proved where it is now.
    fn follow(&mut self, phone: &str, moved: &[(Hop, Hop)]) {
        for dialog in self.legs.dialogs_of_phone(phone) {
            let known = self.stack.endpoint.dialog(dialog).map(|dialog| dialog.hop());
            let path = moved.iter().find(|(old, _)| known.is_some_and(|known| known.is_same_peer(old)));
            if let Some((_, new)) = path {
                self.stack.endpoint.move_dialog(dialog, *new);
            }
        }
    }

    fn asked_for_options(&mut self, now: Instant, tx: ServerTx) {
        let response = match self.is_draining {
            true => Response::new(503).with(HeaderName::RetryAfter, 10u32),
            false => Response::new(200).with(HeaderName::Accept, crate::legs::SDP),
        };
        self.stack.respond(now, tx, response);
    }

    fn deny(&mut self, now: Instant, tx: ServerTx, request: &Request, hop: Hop, denial: Denial) {
        let status = denial.response.status;
        self.stack.respond(now, tx, *denial.response);
        let phone = (request.method == Method::Register).then(|| self.admission.named(request)).flatten();
        let news = denial.why.and_then(|why| self.refusals.note(now, hop, &request.method, phone, status, why));
        self.stack.events.extend(news);
    }

    fn step_by(&mut self, key: Key, step: impl FnOnce(Leg, &mut Stack) -> Next) {
        if let Some(leg) = self.legs.find(key) {
            self.legs.step(&mut self.stack, leg, step);
        }
    }

    fn set_trunks(&mut self, now: Instant, trunks: Vec<crate::TrunkPeer>) {
        self.stack.endpoint.trust(trunks.iter().map(|trunk| (trunk.transport, trunk.address)));
        self.stack.trunks.replace(now, &trunks);
        self.admission.directory.set_trunks(trunks);
    }
}

impl Engine for UserAgent {
    type Command = Command;
    type Event = Event;

    fn handle_packet(&mut self, now: Instant, hop: Hop, packet: Bytes) {
        self.now = Some(now);
        let traced = self.stack.trace.is_on().then(|| packet.clone());
        let is_unwanted = self.scanners.drops(hop.remote.ip(), &packet) && !self.admission.directory.is_trunk(&hop);
        if !is_unwanted {
            self.stack.endpoint.handle_packet(now, hop, packet);
        }
        // The leg that an INVITE begins is only known afterwards, and its end may be among the news already.
        let first = self.stack.events.len();
        self.settle(now);
        let looked = traced.and_then(|packet| self.stack.trace.look(now, false, hop, &packet));
        let claimed = self.stack.trace.claimed(now);
        for (at, traced) in (first..).zip(claimed.into_iter().chain(looked)) {
            self.stack.events.insert(at, Event::Traced(Box::new(traced)));
        }
    }

    fn handle_flow_closed(&mut self, now: Instant, flow: FlowId) {
        self.now = Some(now);
        self.stack.endpoint.handle_flow_closed(now, flow);
        self.registrations.flow_closed(&mut self.stack, now, flow);
        self.admission.tokens.flow_closed(flow);
        self.settle(now);
    }

    fn handle_unreachable(&mut self, now: Instant, hop: Hop) {
        self.now = Some(now);
        self.stack.endpoint.handle_unreachable(now, hop);
        self.settle(now);
    }

    fn handle_command(&mut self, now: Instant, command: Command) {
        self.now = Some(now);
        match command {
            Command::SetAccounts(accounts) => {
                self.admission.directory.set_accounts(accounts);
                let directory = &self.admission.directory;
                self.admission.tokens.keep_only(|phone| directory.ha1(phone).is_some());
                self.registrations.keep_only(&mut self.stack, now, |phone| directory.ha1(phone).is_some());
            }
            Command::SetTrunks(trunks) => self.set_trunks(now, trunks),
            Command::RestoreBindings(bindings) => self.registrations.restore(&mut self.stack, now, bindings),
            Command::Dial { leg, to, from_user, from_name, sdp_offer, headers } => {
                self.dial(now, leg, &to, DialOrder { from_user, from_name, local: sdp_offer, headers });
            }
            Command::Ring { leg } => self.legs.step(&mut self.stack, leg, |leg, stack| leg.ring(stack, now)),
            Command::Answer { leg, local } => self.legs.step(&mut self.stack, leg, |leg, stack| leg.answer(stack, now, local)),
            Command::Refuse { leg, status, reason } => {
                self.legs.step(&mut self.stack, leg, |leg, stack| leg.refuse(stack, now, status, reason.as_deref()));
            }
            Command::Progress { leg, local } => self.legs.step(&mut self.stack, leg, |leg, stack| leg.progress(stack, now, local)),
            Command::SendDigit { leg, digit, duration_ms } => {
                self.legs.step(&mut self.stack, leg, |leg, stack| leg.send_digit(stack, now, digit, duration_ms));
            }
            Command::SetDirection { leg, direction } => {
                self.legs.step(&mut self.stack, leg, |leg, stack| leg.set_direction(stack, now, direction));
            }
            Command::SetMedia { leg, local } => self.legs.step(&mut self.stack, leg, |leg, stack| leg.set_media(stack, now, local)),
            Command::ReferStatus { leg, refer, status } => {
                self.legs.step(&mut self.stack, leg, |leg, stack| leg.refer_status(stack, now, refer, status));
            }
            Command::HangUp { leg, cause } => self.legs.step(&mut self.stack, leg, |leg, stack| leg.hang_up(stack, now, &cause)),
            Command::Register(registration) => self.our_registrations.begin(&mut self.stack, now, registration),
            Command::SetRegistrations(wanted) => {
                let wanted = if self.is_draining { vec![] } else { wanted };
                self.our_registrations.replace(&mut self.stack, now, wanted);
            }
            Command::AllowToken { phone, token, lifetime } => self.admission.tokens.allow(now, phone, token, lifetime),
            Command::Drain { still_taken } => {
                (self.is_draining, self.still_taken) = (true, still_taken);
                // Whoever calls us by a registration takes another way from now on.
                self.our_registrations.replace(&mut self.stack, now, vec![]);
            }
        }
        self.settle(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.now = Some(now);
        self.stack.endpoint.handle_timeout(now);
        self.settle(now);
        self.registrations.handle_timeout(&mut self.stack, now);
        self.our_registrations.handle_timeout(&mut self.stack, now);
        let Stack { trunks, endpoint, config, events, .. } = &mut self.stack;
        trunks.handle_timeout(now, endpoint, &config.reach, events);
        for leg in self.legs.due(now) {
            self.legs.step(&mut self.stack, leg, |leg, stack| leg.deadline_passed(stack, now));
        }
        self.settle(now);
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        let transmit = self.stack.endpoint.poll_transmit()?;
        if let Some(now) = self.now.filter(|_| self.stack.trace.is_on())
            && let Some(traced) = self.stack.trace.look(now, true, transmit.hop, &transmit.bytes)
        {
            self.stack.events.push_back(Event::Traced(Box::new(traced)));
        }
        Some(transmit)
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.stack.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let registrations = [self.registrations.poll_timeout(), self.our_registrations.poll_timeout(), self.stack.trunks.poll_timeout()];
        let times = [self.stack.endpoint.poll_timeout(), self.legs.next_deadline()].into_iter().chain(registrations);
        times.flatten().min()
    }
}

/// An offer that no answer of ours could fit is refused before anybody hears of the call.
fn refuse_offer(offer: &[u8], local: &LocalMedia) -> Option<Response> {
    if offer.is_empty() {
        return None;
    }
    let codecs = vec![Codec::Pcma, Codec::Pcmu, Codec::G722, Codec::Opus];
    match carillon_media_sdp::answer(&LocalMedia { codecs, ..local.clone() }, offer) {
        // How the audio is to be protected is the application's to say: it knows who calls.
        Ok(_) | Err(SdpError::NoProtection(_)) => None,
        Err(error) => Some(Response::new(error.status())),
    }
}
