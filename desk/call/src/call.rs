//! The call itself: its state, and the way from what happens to who deals with it.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    time::Instant,
};

use carillon_dialplan::{Action, Walk};
use carillon_model::{
    AcdToCall, CallId, CallToAcd, EndedBy, Ending, Fact, Hearing, IdSource, LegId, LegRole, Now, Number, Origin, PlayId, QueueId, Reason,
    RecordingPolicy, TicketId,
};

use crate::{
    CallSetup, Effect, Event, Place, Start,
    away::Away,
    dial::{Dialling, Reserving},
    ending::Closing,
    leg::{Leg, LegState},
    outcome,
    plan::{Menu, Playing},
    queue::Waiting,
    service::Service,
    supervise::Supervisor,
    takeover::Replacing,
    talk::{Recording, Talk},
    transfer::{Failing, WalkBefore},
};

/// One call. After each [`Call::handle_event`] or [`Call::handle_timeout`], and once after [`Call::new`], drain [`Call::poll_effect`];
/// then wait for the next event or for [`Call::poll_timeout`]. Once [`Effect::Over`] came the call does nothing more.
pub struct Call {
    pub(crate) setup: CallSetup,
    pub(crate) ids: IdSource,
    pub(crate) legs: BTreeMap<LegId, Leg>,
    /// The leg the call serves: who is played to, waits and is given on. The one it began with, until that one gives the call on.
    pub(crate) served: LegId,
    pub(crate) stage: Stage,
    /// The way through the dialplan, once begun.
    pub(crate) walk: Option<Walk>,
    pub(crate) recording: Option<Recording>,
    /// The ticket of each queue the call was in, and its priority there: who comes back keeps the place.
    pub(crate) places_by_queue: BTreeMap<QueueId, (TicketId, i32)>,
    /// The queue the talk at hand, or the last one, came through or is held in the name of.
    pub(crate) queue: Option<QueueId>,
    /// The recording that talk called for.
    pub(crate) policy: RecordingPolicy,
    /// Somebody on the way into the place of another.
    pub(crate) replacing: Option<Replacing>,
    /// An agent's page that is gone for a while.
    pub(crate) away: Option<Away>,
    /// Somebody beside the agent who talks.
    pub(crate) supervisor: Option<Supervisor>,
    /// Given on, and not yet with somebody.
    pub(crate) is_given_on: bool,
    /// The way it went before it was given on into another part of the dialplan: what it takes up again if it comes back.
    pub(crate) walk_before: Option<WalkBefore>,
    /// Set once, by whatever ended the call first.
    pub(crate) ending: Option<Ending>,
    pub(crate) closing: Closing,
    pub(crate) effects: VecDeque<Effect>,
}

/// What the call is doing for its caller. How far that has come stands in the legs.
pub(crate) enum Stage {
    /// The start is not on disk yet: the caller is neither rung nor answered.
    Opening,
    /// Our answer to the caller is out; the action waits for it to be agreed.
    Answering(Action),
    /// Prompts play to the caller.
    Playing(Playing),
    /// The caller is asked for a key.
    Menu(Menu),
    /// In a queue.
    Waiting(Waiting),
    /// A phone of ours is to be dialled once `acd` says that it can be had.
    Reserving(Reserving),
    /// Somebody is being dialled outside any queue.
    Dialling(Dialling),
    /// An agent's own phone is rung for a call the agent asked for.
    Summoning(Instant),
    /// The party served and somebody talk, or one has the other on hold.
    Talking(Talk),
    /// A feature code dialled on one of our phones is served.
    Service(Service),
    /// Whoever is served hears that nobody can be had, before the call ends for it.
    Failing(Failing),
    /// Between two of these, within one event.
    Turning,
    /// The call has its ending and waits for its legs to end.
    Closing,
}

impl Call {
    /// A call that just came in. `ids` names its legs, plays, tickets and recordings.
    pub fn new(now: Now, setup: CallSetup, ids: IdSource) -> Self {
        let mut call = Self {
            ids,
            legs: BTreeMap::new(),
            served: setup.leg,
            stage: Stage::Opening,
            walk: None,
            recording: None,
            places_by_queue: BTreeMap::new(),
            queue: None,
            policy: RecordingPolicy::default(),
            replacing: None,
            away: None,
            supervisor: None,
            is_given_on: false,
            walk_before: None,
            ending: None,
            closing: Closing::LegsOpen,
            effects: VecDeque::new(),
            setup,
        };
        call.begin();
        call.settle(now);
        call
    }

    /// The call's id.
    pub fn id(&self) -> CallId {
        self.setup.call
    }

    /// Whether [`Effect::Over`] is out, or waits in [`Call::poll_effect`].
    pub fn is_over(&self) -> bool {
        self.closing == Closing::Over
    }

    /// Where the call stands in the queue it waits in; `None` when it waits in none or has not been told yet.
    pub fn place(&self) -> Option<Place> {
        match &self.stage {
            Stage::Waiting(waiting) => waiting.place,
            _ => None,
        }
    }

    /// Takes what happened.
    pub fn handle_event(&mut self, now: Now, event: Event) {
        if self.is_over() {
            return;
        }
        match event {
            Event::Committed => self.committed(now),
            Event::LegRinging { leg } => self.leg_ringing(now, leg),
            Event::LegEarly { leg } => self.leg_early(leg),
            Event::LegAnswered { leg } => self.leg_answered(now, leg),
            Event::LegEnded { leg, by, status, reason, quality } => self.leg_ended(now, leg, by, status, reason, quality),
            Event::Digit { leg, digit } => self.digit(now, leg, digit),
            Event::PlayEnded { leg, play, completed } => self.play_ended(now, leg, play, completed),
            Event::MediaLost { leg } => self.media_lost(now, leg),
            Event::LegHearing { leg, hearing } => self.leg_hearing(leg, hearing),
            Event::LegHolds { leg, holds } => self.leg_holds(now, leg, holds),
            Event::FeatureDone(outcome) => self.feature_done(now, outcome),
            Event::Acd(message) => self.acd(now, message),
            Event::HangUp { ending } => self.close(ending),
            Event::RecordingClosed { recording, length_ms, bytes, gap_ms, error } => {
                self.recording_closed(recording, length_ms, bytes, gap_ms, error);
            }
            Event::Drain => self.close(Ending::new(EndedBy::System, Reason::ShuttingDown)),
        }
        self.settle(now);
    }

    /// Takes the time: does what has come due.
    pub fn handle_timeout(&mut self, now: Now) {
        let due = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now.mono);
        match &self.stage {
            Stage::Playing(playing) if due(playing.gives_up) => self.prompt_failed(now),
            Stage::Menu(menu) if due(menu.gives_up) => self.prompt_failed(now),
            Stage::Menu(menu) if due(menu.key_until) => self.no_key(now),
            Stage::Dialling(dialling) if due(dialling.gives_up) => self.prompt_failed(now),
            Stage::Dialling(dialling) if due(dialling.ring_until) => self.rang_out(now),
            Stage::Summoning(until) if due(Some(*until)) => self.close(Ending::new(EndedBy::System, Reason::NoAnswer)),
            Stage::Talking(talk) if due(talk.consult_until()) => self.consult_rang_out(now),
            Stage::Service(service) if due(service.until()) => self.service_due(now),
            Stage::Failing(failing) if due(Some(failing.until)) => self.close(failing.ending),
            _ => {}
        }
        if due(self.away.map(|away| away.until)) {
            self.page_stays_away(now);
        }
        self.supervisor_rang_out(now);
        self.recording_timeout(now);
        self.settle(now);
    }

    /// The next thing to carry out, in order.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Call::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let stage = match &self.stage {
            Stage::Playing(playing) => playing.gives_up,
            Stage::Menu(menu) => menu.gives_up.or(menu.key_until),
            Stage::Dialling(dialling) => dialling.gives_up.or(dialling.ring_until),
            Stage::Summoning(until) => Some(*until),
            Stage::Talking(talk) => talk.consult_until(),
            Stage::Service(service) => service.until(),
            Stage::Failing(failing) => Some(failing.until),
            Stage::Opening | Stage::Answering(_) | Stage::Waiting(_) | Stage::Reserving(_) | Stage::Turning | Stage::Closing => None,
        };
        let supervisor = self.supervisor.as_ref().and_then(Supervisor::until);
        let away = self.away.map(|away| away.until);
        stage.into_iter().chain(supervisor).chain(away).chain(self.recording_until()).min()
    }

    /// The first facts, before anything is promised to anybody.
    fn begin(&mut self) {
        let setup = &self.setup;
        let (phone, trunk) = match setup.origin {
            Origin::Phone(phone) => (Some(phone), None),
            Origin::Trunk(trunk) => (None, Some(trunk)),
        };
        let agent = phone.and_then(|phone| setup.agents.get(&phone).copied());
        let caller = Leg { came_in: true, phone, trunk, agent, ..Leg::new(LegRole::Caller) };
        let (leg, party) = (setup.leg, setup.caller.clone());
        let refused = matches!(setup.start, Start::Refuse(_));
        let clicked = matches!(setup.start, Start::Click { .. });
        let alarm = phone.filter(|_| setup.start.is_emergency());
        self.fact(Fact::CallStarted {
            call: self.setup.call,
            number: self.setup.number,
            kind: self.setup.kind,
            origin: self.setup.origin.clone(),
            caller: self.setup.caller.clone(),
            caller_name: self.setup.caller_name.clone(),
            called: self.setup.called.clone(),
        });
        if let Some(phone) = alarm {
            let (call, number) = (self.setup.call, self.setup.called.clone());
            self.fact(Fact::EmergencyDialled { call, phone, agent, number });
        }
        if clicked {
            return;
        }
        self.add_leg(leg, caller, party);
        if !refused {
            self.take_callers_phone();
        }
    }

    fn committed(&mut self, now: Now) {
        if !matches!(self.stage, Stage::Opening) {
            return;
        }
        match self.setup.start.clone() {
            Start::Step(step) => {
                let called = self.setup.called.clone();
                self.walk_from(now, &step, &called);
            }
            Start::Dial(destination) => self.dial_directly(now, destination),
            Start::Click { phone, destination, queue } => self.summon(phone, destination, queue),
            Start::Feature(code) => self.serve(code),
            Start::Refuse(reason) => self.close(Ending::new(EndedBy::System, reason)),
        }
    }

    fn leg_ringing(&mut self, now: Now, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.state == LegState::Trying && !leg.came_in) else { return };
        leg.state = LegState::Ringing;
        self.fact(Fact::LegRinging { call: self.setup.call, leg: id });
        self.dialled_leg_rings(now, id);
        self.consulted_rings(now, id);
    }

    fn leg_answered(&mut self, now: Now, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        match (leg.came_in, leg.state) {
            (true, LegState::Answering) => {
                leg.state = LegState::Answered;
                self.fact(Fact::LegAnswered { call: self.setup.call, leg: id });
                self.tell_hearing(id);
                if !self.newcomer_answered(now, id) {
                    self.caller_answered(now);
                }
            }
            (false, LegState::Trying | LegState::Ringing) => {
                leg.state = LegState::Answered;
                self.fact(Fact::LegAnswered { call: self.setup.call, leg: id });
                self.tell_hearing(id);
                self.claim(id);
                self.tell_phone_answered(id);
                self.summoned(now, id);
                self.dialled_leg_answers(now, id);
                self.consulted_answers(now, id);
                self.page_answers(now, id);
                self.supervisor_answers(id);
            }
            // The answer crossed our hang-up, which ends the leg all the same (RFC 3261 9.1).
            (false, LegState::Closing { ending, answered: false }) => {
                leg.state = LegState::Closing { ending: outcome::answered_after(ending), answered: true };
                self.fact(Fact::LegAnswered { call: self.setup.call, leg: id });
            }
            (true, _) | (false, LegState::Answering | LegState::Answered | LegState::Closing { .. } | LegState::Ended(_)) => {}
        }
    }

    /// Whoever was called is on a call from now on. What an offer rang, `acd` knows by the claim.
    fn tell_phone_answered(&mut self, id: LegId) {
        let called = self.legs.get(&id).filter(|leg| leg.role == LegRole::Callee && leg.offer.is_none() && leg.holds_phone);
        if let Some(phone) = called.and_then(|leg| leg.phone) {
            self.effect(Effect::Acd(CallToAcd::PhoneAnswered { phone }));
        }
    }

    fn caller_answered(&mut self, now: Now) {
        match std::mem::replace(&mut self.stage, Stage::Turning) {
            Stage::Answering(action) => self.carry_out(now, action),
            Stage::Service(service) => self.service_begins(now, service),
            stage => {
                self.stage = stage;
                self.advance_dial(now);
            }
        }
    }

    fn play_ended(&mut self, now: Now, leg: LegId, play: PlayId, completed: bool) {
        if self.legs.get(&leg).is_some_and(Leg::is_live) {
            self.prompt_ended(now, play, completed);
        }
    }

    fn media_lost(&mut self, now: Now, leg: LegId) {
        let ending = Ending::new(EndedBy::Network, Reason::MediaTimeout);
        match self.legs.get(&leg).is_some_and(Leg::is_answered) {
            true if self.supervisor_is_lost(now, leg, ending) => {}
            true if self.waits_for_page(now, leg) => self.hang_up(leg, ending),
            true => self.end_leg(now, leg, ending),
            false => {}
        }
    }

    /// Nothing is done about it, but it is told, of a leg that is not answered yet when it is. A supervisor who listens says nothing, and
    /// nobody misses it.
    fn leg_hearing(&mut self, id: LegId, hearing: Hearing) {
        if self.is_supervisor(id) {
            return;
        }
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.hearing != hearing) else { return };
        leg.hearing = hearing;
        if leg.is_answered() {
            self.fact(Fact::LegHearing { call: self.setup.call, leg: id, hearing });
        }
    }

    /// What was not told of a leg before it was answered.
    fn tell_hearing(&mut self, id: LegId) {
        if let Some(leg) = self.legs.get(&id).filter(|leg| leg.is_answered() && leg.hearing != Hearing::Heard) {
            self.fact(Fact::LegHearing { call: self.setup.call, leg: id, hearing: leg.hearing });
        }
    }

    fn acd(&mut self, now: Now, message: AcdToCall) {
        match message {
            AcdToCall::Position { ticket, position, waiting, estimated_wait_ms } => {
                self.remember_place(ticket, Place { position, waiting, estimated_wait_ms });
            }
            AcdToCall::Offer { offer, ticket, agent, phone, until: _ } => self.ring_agent(now, offer, ticket, agent, phone),
            AcdToCall::Withdraw { offer, outcome } => self.offer_withdrawn(offer, outcome),
            AcdToCall::Granted { offer } => self.claim_granted(now, offer),
            AcdToCall::Refused { offer, why } => self.claim_refused(offer, why),
            AcdToCall::Exit { ticket, exit } => self.queue_lets_go(now, ticket, exit),
            AcdToCall::Reserved { phone, agent } => self.phone_reserved(now, phone, agent),
            AcdToCall::Busy { phone } => self.phone_taken(now, phone),
        }
    }

    /// The served leg while effects may name it.
    pub(crate) fn live_served(&mut self) -> Option<&mut Leg> {
        self.legs.get_mut(&self.served).filter(|leg| leg.is_live())
    }

    pub(crate) fn add_leg(&mut self, id: LegId, mut leg: Leg, party: Number) {
        leg.party = party.clone();
        self.fact(Fact::LegStarted {
            call: self.setup.call,
            leg: id,
            role: leg.role,
            party,
            agent: leg.agent,
            phone: leg.phone,
            trunk: leg.trunk,
            offer: leg.offer,
        });
        self.legs.insert(id, leg);
    }

    /// Tells `acd` that the caller's phone is in use, if it is one of ours.
    fn take_callers_phone(&mut self) {
        let Some(leg) = self.live_served() else { return };
        let Some(phone) = leg.phone else { return };
        leg.holds_phone = true;
        self.effect(Effect::Acd(CallToAcd::PhoneBusy { phone }));
    }

    pub(crate) fn new_play(&mut self, now: Now) -> PlayId {
        PlayId::new(self.ids.next(now.wall))
    }

    pub(crate) fn fact(&mut self, fact: Fact) {
        self.effect(Effect::Fact(fact));
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push_back(effect);
    }
}

/// Only what may stand in a log.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("setup", &self.setup).field("legs", &self.legs).field("ending", &self.ending).finish_non_exhaustive()
    }
}
