//! The engine: what comes in, what time brings, and the settling after each.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

use carillon_model::{
    AcdToCall, AgentId, AgentState, CallId, CallToAcd, EndedBy, Fact, IdSource, Now, OfferId, OfferOutcome, PhoneId, QueueId,
};

use crate::{
    Setup,
    agent::{Session, Status, Work, status},
    event::{Effect, Event},
    line::{CallMemory, Line},
    offer::{Offer, Tell, wall_at},
    pace::Pace,
    phones::{OwnCall, Phones},
    roster::Roster,
};

/// Agents, queues and offers of one site. How to drive it stands at the top of the crate.
#[derive(Debug)]
pub struct Acd {
    pub(crate) ids: IdSource,
    pub(crate) roster: Roster,
    pub(crate) sessions_by_agent: BTreeMap<AgentId, Session>,
    pub(crate) phones: Phones,
    pub(crate) line: Line,
    pub(crate) offers_by_id: BTreeMap<OfferId, Offer>,
    pub(crate) pace_by_queue: BTreeMap<QueueId, Pace>,
    pub(crate) memory_by_call: BTreeMap<CallId, CallMemory>,
    pub(crate) draining: bool,
    pub(crate) closed: bool,
    effects: VecDeque<Effect>,
}

impl Acd {
    /// An engine that knows nothing yet; [`Event::Configure`] comes first. `seed` makes its ids.
    pub fn new(seed: u64) -> Self {
        Self {
            ids: IdSource::new(seed),
            roster: Roster::default(),
            sessions_by_agent: BTreeMap::new(),
            phones: Phones::default(),
            line: Line::default(),
            offers_by_id: BTreeMap::new(),
            pace_by_queue: BTreeMap::new(),
            memory_by_call: BTreeMap::new(),
            draining: false,
            closed: false,
            effects: VecDeque::new(),
        }
    }

    /// Takes in what happened. Deadlines that passed before `now` are dealt with first, so that nothing late is taken for timely.
    pub fn handle_event(&mut self, now: Now, event: Event) {
        self.elapse(now);
        match event {
            Event::Configure(setup) => self.configure(now, setup),
            Event::PhoneReachable { phone } => self.phones.appeared(phone),
            Event::PhoneUnreachable { phone } => self.phone_lost(now, phone),
            Event::FromCall { call, message } => self.call_says(now, call, message),
            Event::CallGone { call } => self.call_gone(now, call),
            Event::Drain => self.draining = true,
            Event::Close => (self.draining, self.closed) = (true, true),
        }
        self.settle(now);
    }

    /// Deals with the deadlines that have passed.
    pub fn handle_timeout(&mut self, now: Now) {
        self.elapse(now);
        self.settle(now);
    }

    /// The next effect to carry out, in order.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Acd::handle_timeout`] is wanted, if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let of_sessions = self.sessions_by_agent.values().filter_map(|session| self.next_of_session(session));
        let of_offers = self.offers_by_id.values().map(|offer| offer.until);
        // A caller past the longest wait who is still being rung for goes when the offer ends, not by the clock.
        let of_waiting = self.line.queues().flat_map(|queue| self.line.of_queue(queue)).filter(|(_, waiting)| waiting.offers.is_empty());
        let of_waiting = of_waiting.filter_map(|(_, waiting)| self.deadline(waiting));
        of_sessions.chain(of_offers).chain(of_waiting).chain(self.phones.next_doubt_ends()).min()
    }

    fn next_of_session(&self, session: &Session) -> Option<Instant> {
        let wrap_up = match session.work {
            Work::WrapUp { until, .. } => Some(until),
            Work::None | Work::Offered { .. } | Work::Talking { .. } => None,
        };
        [wrap_up, session.rest_until, self.release_at(session)].into_iter().flatten().min()
    }

    fn call_says(&mut self, now: Now, call: CallId, message: CallToAcd) {
        match message {
            CallToAcd::Join { ticket, queue, priority, wait_for_nobody } => self.join(now, call, ticket, queue, priority, wait_for_nobody),
            CallToAcd::Leave { ticket, exit } => self.leave(now, call, ticket, exit),
            CallToAcd::Reserve { phone, is_called } => self.reserve(call, phone, is_called),
            CallToAcd::PhoneAnswered { phone } => self.phones.answer_own_call(phone, call),
            CallToAcd::Answered { offer } => self.claim(now, call, offer),
            CallToAcd::Failed { offer, outcome } => self.offer_failed(now, call, offer, outcome),
            CallToAcd::PhoneBusy { phone } => self.phone_busy(now, call, phone),
            CallToAcd::Worked { phone, queue } => self.worked(now, call, phone, queue),
            CallToAcd::PhoneFree { phone } => self.phone_free(now, call, phone),
        }
    }

    fn configure(&mut self, now: Now, setup: Setup) {
        self.roster = Roster::new(setup);
        let known = &self.roster.agents_by_id;
        let removed: Vec<_> = self.sessions_by_agent.keys().filter(|agent| !known.contains_key(agent)).copied().collect();
        for agent in removed {
            self.begin_log_out(now, agent, EndedBy::System);
        }
        // A pause in a queue ends with the agent's place there.
        for agent in self.sessions_by_agent.keys().copied().collect::<Vec<_>>() {
            let own: BTreeSet<QueueId> = self.roster.memberships(agent).iter().map(|(queue, _)| *queue).collect();
            self.open_queues(agent, |queue| !own.contains(&queue));
        }
        let queues = &self.roster.queues_by_id;
        self.pace_by_queue.retain(|queue, _| queues.contains_key(queue));
    }

    /// A phone that is gone rings no more: what was offered to it goes to somebody else.
    fn phone_lost(&mut self, now: Now, phone: PhoneId) {
        self.phones.disappeared(phone);
        if let Some(offer) = self.offer_at(phone) {
            self.end_offer(now, offer, OfferOutcome::Unreachable, Tell::Call);
        }
    }

    /// Calls between colleagues, and calls a plan puts through to a phone: an agent can be had from a pause or wrap-up, not from work. A
    /// phone nobody works with speaks for itself, and so does one that is out of reach.
    fn reserve(&mut self, call: CallId, phone: PhoneId, is_called: bool) {
        let agent = self.holder_of(phone);
        let session = agent.and_then(|agent| self.sessions_by_agent.get(&agent));
        let at_work = session.is_some_and(|session| {
            matches!(session.work, Work::Offered { .. } | Work::Talking { .. }) || self.phones.own_call(phone).is_some()
        });
        if at_work {
            return self.tell(call, AcdToCall::Busy { phone });
        }
        self.phones.begin_own_call(phone, call, if is_called { OwnCall::Rings } else { OwnCall::Up });
        self.tell(call, AcdToCall::Reserved { phone, agent });
    }

    /// A phone in use takes no offer: one that rings there ends as busy. What a call has by an offer it need not take again.
    fn phone_busy(&mut self, now: Now, call: CallId, phone: PhoneId) {
        let ringing = self.offer_at(phone);
        let rings_for_it = ringing.and_then(|offer| self.offers_by_id.get(&offer)).is_some_and(|offer| offer.call == call);
        if rings_for_it || self.talks_on(phone, call).is_some() {
            return;
        }
        self.phones.begin_own_call(phone, call, OwnCall::Up);
        if let Some(offer) = ringing {
            self.end_offer(now, offer, OfferOutcome::Busy, Tell::Call);
        }
    }

    /// A call outside any offer was work: the agent's wrap-up begins, and shows once the phone is free.
    fn worked(&mut self, now: Now, call: CallId, phone: PhoneId, queue: Option<QueueId>) {
        if !self.phones.is_in(phone, call) {
            return;
        }
        let Some(agent) = self.holder_of(phone) else { return };
        let wrapup = self.roster.wrapup_outside(agent, queue);
        let Some(session) = self.sessions_by_agent.get_mut(&agent) else { return };
        if matches!(session.work, Work::None | Work::WrapUp { .. }) && !wrapup.is_zero() {
            session.work = Work::WrapUp { call: Some(call), until: now.mono + wrapup };
        }
    }

    fn phone_free(&mut self, now: Now, call: CallId, phone: PhoneId) {
        self.phones.end_own_call(phone, call);
        if let Some(agent) = self.talks_on(phone, call) {
            self.end_talk(now, agent);
        }
    }

    fn call_gone(&mut self, now: Now, call: CallId) {
        for ticket in self.calls_tickets(call) {
            self.take_out_of_line(now, ticket, OfferOutcome::CallerGone);
        }
        self.phones.forget_call(call);
        let talking = |session: &Session| matches!(session.work, Work::Talking { call: with, .. } if with == call);
        let agents: Vec<_> = self.sessions_by_agent.iter().filter(|(_, session)| talking(session)).map(|(agent, _)| *agent).collect();
        for agent in agents {
            self.end_talk(now, agent);
        }
        self.memory_by_call.remove(&call);
        let is_for_it = |effect: &Effect| matches!(effect, Effect::ToCall { call: to, .. } if *to == call);
        self.effects.retain(|effect| !is_for_it(effect));
    }

    fn end_talk(&mut self, now: Now, agent: AgentId) {
        let Some(session) = self.sessions_by_agent.get_mut(&agent) else { return };
        let Work::Talking { call, queue } = session.work else { return };
        let wrapup = self.roster.wrapup(agent, queue);
        session.work = if wrapup.is_zero() { Work::None } else { Work::WrapUp { call: Some(call), until: now.mono + wrapup } };
    }

    pub(crate) fn end_session(&mut self, agent: AgentId, by: EndedBy) {
        self.open_queues(agent, |_| true);
        if self.sessions_by_agent.remove(&agent).is_some() {
            self.fact(Fact::AgentLoggedOut { agent, by });
            self.tell_state(agent, Status::of(AgentState::LoggedOut), None);
        }
    }

    /// What time alone brings about, up to `now`.
    pub(crate) fn elapse(&mut self, now: Now) {
        let expired: Vec<_> = self.offers_by_id.iter().filter(|(_, offer)| offer.until <= now.mono).map(|(id, _)| *id).collect();
        for offer in expired {
            self.end_offer(now, offer, OfferOutcome::NoAnswer, Tell::Call);
        }
        for session in self.sessions_by_agent.values_mut() {
            if matches!(session.work, Work::WrapUp { until, .. } if until <= now.mono) {
                session.work = Work::None;
            }
            session.rest_until = session.rest_until.filter(|until| *until > now.mono);
        }
        self.phones.end_doubts(now.mono);
    }

    /// After each input: who leaves, who is let go, who stands where, who is asked, and what became of whom.
    pub(crate) fn settle(&mut self, now: Now) {
        self.end_sessions_that_wait(now);
        self.let_go(now);
        self.tell_positions();
        self.begin_idling(now);
        self.dispatch(now);
        self.tell_states(now);
        debug_assert_eq!(self.broken_rules(now), Vec::<String>::new());
    }

    fn end_sessions_that_wait(&mut self, now: Now) {
        let leaves = |session: &Session| {
            let at_call = session.is_talking() || self.phones.own_call(session.phone).is_some();
            session.leaving.filter(|_| !at_call).or_else(|| self.release_at(session).filter(|at| *at <= now.mono).map(|_| EndedBy::System))
        };
        let leaving: Vec<_> = self.sessions_by_agent.iter().filter_map(|(agent, session)| Some((*agent, leaves(session)?))).collect();
        for (agent, by) in leaving {
            self.end_session(agent, by);
        }
    }

    fn release_at(&self, session: &Session) -> Option<Instant> {
        Some(session.unreachable_since? + self.roster.release_unreachable?)
    }

    /// Whoever has just become available is the last among the idle. An offer that ended changes nothing here: a miss is noted where
    /// the offer ends, and an agent whose caller hung up keeps the turn.
    fn begin_idling(&mut self, now: Now) {
        let states: Vec<_> = self.sessions_by_agent.values().map(|session| self.status_of(session).state).collect();
        for (session, state) in self.sessions_by_agent.values_mut().zip(states) {
            match state {
                AgentState::Available => {
                    if !std::mem::replace(&mut session.is_idle, true) {
                        session.idle_since = now.mono;
                    }
                }
                AgentState::Offered => {}
                _ => session.is_idle = false,
            }
        }
    }

    fn tell_states(&mut self, now: Now) {
        let statuses: Vec<_> = self.sessions_by_agent.iter().map(|(agent, session)| (*agent, self.status_of(session))).collect();
        for (agent, status) in statuses {
            let Some(session) = self.sessions_by_agent.get_mut(&agent).filter(|session| session.told != status) else { continue };
            session.unreachable_since = (status.state == AgentState::Unreachable).then_some(now.mono);
            session.told = status;
            session.told_at = now;
            self.tell_state(agent, status, status.until.map(|until| wall_at(now, until)));
        }
    }

    fn tell_state(&mut self, agent: AgentId, status: Status, until: Option<jiff::Timestamp>) {
        self.fact(Fact::AgentStateChanged {
            agent,
            state: status.state,
            pause: status.pause.and_then(|pause| pause.chosen()),
            call: status.call,
            until,
            why: status.why(),
        });
    }

    pub(crate) fn status_of(&self, session: &Session) -> Status {
        status(session, self.phones.own_call(session.phone), self.phones.is_reachable(session.phone))
    }

    /// The agent who works with a phone.
    pub(crate) fn holder_of(&self, phone: PhoneId) -> Option<AgentId> {
        self.sessions_by_agent.iter().find(|(_, session)| session.phone == phone).map(|(agent, _)| *agent)
    }

    fn offer_at(&self, phone: PhoneId) -> Option<OfferId> {
        self.offers_by_id.iter().find(|(_, offer)| offer.phone == phone).map(|(id, _)| *id)
    }

    fn talks_on(&self, phone: PhoneId, call: CallId) -> Option<AgentId> {
        let agent = self.holder_of(phone)?;
        matches!(self.sessions_by_agent.get(&agent)?.work, Work::Talking { call: with, .. } if with == call).then_some(agent)
    }

    pub(crate) fn memory(&mut self, call: CallId) -> &mut CallMemory {
        self.memory_by_call.entry(call).or_default()
    }

    pub(crate) fn tell(&mut self, call: CallId, message: AcdToCall) {
        self.effects.push_back(Effect::ToCall { call, message });
    }

    pub(crate) fn fact(&mut self, fact: Fact) {
        self.effects.push_back(Effect::Fact(fact));
    }
}

/// Agents who hold a phone, for the invariants and the views.
impl Acd {
    pub(crate) fn holders(&self) -> BTreeMap<PhoneId, BTreeSet<AgentId>> {
        let mut agents_by_phone: BTreeMap<PhoneId, BTreeSet<AgentId>> = BTreeMap::new();
        for (agent, session) in &self.sessions_by_agent {
            agents_by_phone.entry(session.phone).or_default().insert(*agent);
        }
        agents_by_phone
    }
}
