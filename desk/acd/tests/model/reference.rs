//! The model: plain lists, nothing clever. It takes in what happened, and judges every offer, ending, state and position by itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use carillon_acd::{Acd, AgentCounts, Setup};
use carillon_model::{
    AcdToCall, AgentId, AgentState, CallId, Fact, Now, OfferId, OfferOutcome, PauseId, PhoneId, Queue, QueueExit, QueueId, Refusal,
    Strategy, TicketId,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pause {
    Chosen(PauseId),
    Misses,
}

#[derive(Debug)]
struct Worker {
    phone: PhoneId,
    talk: Option<(CallId, QueueId)>,
    wrap_up: Option<(CallId, Instant)>,
    pause: Option<Pause>,
    paused_in: BTreeMap<QueueId, PauseId>,
    leaving: bool,
    misses: u32,
    rest: Option<Instant>,
    /// Since when the agent waits for work, as of the last fact.
    idle: Instant,
    /// Free since then, but for rings that came to nothing.
    is_idle: bool,
    told: (AgentState, Option<PauseId>, Option<CallId>),
    told_at: Option<Instant>,
}

#[derive(Debug, Clone)]
struct Ringing {
    call: CallId,
    ticket: TicketId,
    queue: QueueId,
    agent: AgentId,
    until: Instant,
}

#[derive(Debug)]
struct Caller {
    call: CallId,
    queue: QueueId,
    priority: i32,
    wait_for_nobody: bool,
    entered: Instant,
    joined: Instant,
    told_position: Option<u32>,
    asked: BTreeMap<AgentId, u32>,
}

pub(crate) struct Reference {
    setup: Setup,
    workers: BTreeMap<AgentId, Worker>,
    /// Who logs in with a pause, and what was told of pauses in single queues.
    begins_with: BTreeMap<AgentId, Option<PauseId>>,
    told_paused_in: BTreeMap<(AgentId, QueueId), PauseId>,
    phones_up: BTreeSet<PhoneId>,
    doubts: BTreeMap<PhoneId, Instant>,
    /// Whether each only rings there yet.
    own_calls: BTreeMap<(PhoneId, CallId), bool>,
    ringing: BTreeMap<OfferId, Ringing>,
    ended: BTreeMap<OfferId, OfferOutcome>,
    waiting: BTreeMap<TicketId, Caller>,
    entered: BTreeMap<TicketId, Instant>,
    /// How offers must end, by what happened.
    expected_ends: BTreeMap<OfferId, OfferOutcome>,
    /// What the call said of an offer: no Withdraw comes back for it.
    said_by_call: BTreeSet<OfferId>,
    gone: BTreeSet<CallId>,
    claimed: Option<(CallId, OfferId, Result<(), Refusal>)>,
    reserved: Option<(CallId, PhoneId, bool)>,
    refused_entry: BTreeMap<TicketId, QueueExit>,
}

const REST_AFTER_MISS: Duration = Duration::from_secs(1);
const REST_AFTER_BUSY: Duration = Duration::from_secs(5);
const DOUBT: Duration = Duration::from_secs(30);

impl Reference {
    pub(crate) fn new(setup: Setup) -> Self {
        Self {
            setup,
            workers: BTreeMap::new(),
            begins_with: BTreeMap::new(),
            told_paused_in: BTreeMap::new(),
            phones_up: BTreeSet::new(),
            doubts: BTreeMap::new(),
            own_calls: BTreeMap::new(),
            ringing: BTreeMap::new(),
            ended: BTreeMap::new(),
            waiting: BTreeMap::new(),
            entered: BTreeMap::new(),
            expected_ends: BTreeMap::new(),
            said_by_call: BTreeSet::new(),
            gone: BTreeSet::new(),
            claimed: None,
            reserved: None,
            refused_entry: BTreeMap::new(),
        }
    }

    // What happens.

    pub(crate) fn log_in(&mut self, agent: AgentId, phone: PhoneId, pause: Option<PauseId>) -> bool {
        if let Some(worker) = self.workers.get_mut(&agent) {
            let stays = worker.leaving && worker.phone == phone;
            worker.leaving &= !stays;
            if let Some(pause) = pause.filter(|_| stays) {
                worker.pause = Some(Pause::Chosen(pause));
            }
            return stays;
        }
        self.begins_with.insert(agent, pause);
        self.reachable(phone) && self.workers.values().all(|worker| worker.phone != phone)
    }

    pub(crate) fn log_out(&mut self, agent: AgentId) -> bool {
        let ringing = self.ringing_at(agent);
        let Some(worker) = self.workers.get_mut(&agent) else { return false };
        worker.leaving = true;
        self.expected_ends.extend(ringing.map(|offer| (offer, OfferOutcome::Withdrawn)));
        true
    }

    pub(crate) fn pause(&mut self, agent: AgentId, pause: PauseId) -> bool {
        self.workers.get_mut(&agent).map(|worker| worker.pause = Some(Pause::Chosen(pause))).is_some()
    }

    pub(crate) fn pause_in(&mut self, agent: AgentId, queue: QueueId, pause: PauseId) -> bool {
        let own = self.setup.memberships.iter().filter(|membership| membership.agent == agent).map(|membership| membership.queue);
        let own: BTreeSet<QueueId> = own.collect();
        let Some(worker) = self.workers.get_mut(&agent).filter(|_| own.contains(&queue)) else { return false };
        worker.paused_in.insert(queue, pause);
        if worker.paused_in.len() == own.len() {
            worker.paused_in.clear();
            worker.pause = Some(Pause::Chosen(pause));
        }
        true
    }

    pub(crate) fn resume_in(&mut self, agent: AgentId, queue: QueueId) -> bool {
        self.workers.get_mut(&agent).is_some_and(|worker| worker.paused_in.remove(&queue).is_some())
    }

    pub(crate) fn resume(&mut self, agent: AgentId) -> bool {
        let Some(worker) = self.workers.get_mut(&agent) else { return false };
        let was_open = worker.paused_in.is_empty();
        worker.paused_in.clear();
        if worker.pause.take().is_none() && was_open {
            return false;
        }
        (worker.misses, worker.rest) = (0, None);
        true
    }

    pub(crate) fn end_wrap_up(&mut self, now: Instant, agent: AgentId) -> bool {
        let Some(worker) = self.workers.get_mut(&agent) else { return false };
        worker.wrap_up.take().is_some_and(|(_, until)| until > now)
    }

    pub(crate) fn decline(&mut self, agent: AgentId, offer: OfferId) -> bool {
        let rings = self.ringing.get(&offer).is_some_and(|ringing| ringing.agent == agent);
        if rings {
            self.expected_ends.insert(offer, OfferOutcome::Declined);
        }
        rings
    }

    pub(crate) fn phone_up(&mut self, phone: PhoneId) {
        self.phones_up.insert(phone);
        self.doubts.remove(&phone);
    }

    pub(crate) fn phone_down(&mut self, phone: PhoneId) {
        self.phones_up.remove(&phone);
        self.doubts.remove(&phone);
        let ringing = self.holder(phone).and_then(|agent| self.ringing_at(agent));
        self.expected_ends.extend(ringing.map(|offer| (offer, OfferOutcome::Unreachable)));
    }

    /// Whether the caller came back to a place kept.
    pub(crate) fn join(
        &mut self,
        now: Instant,
        call: CallId,
        ticket: TicketId,
        queue: QueueId,
        priority: i32,
        wait_for_nobody: bool,
    ) -> bool {
        if self.waiting.contains_key(&ticket) {
            return false;
        }
        let comes_back = self.entered.contains_key(&ticket);
        let crowd = self.waiting.values().filter(|caller| caller.queue == queue).count();
        if !comes_back && crowd >= self.queue(queue).max_waiting as usize {
            self.refused_entry.insert(ticket, QueueExit::Full);
            return false;
        }
        let entered = *self.entered.entry(ticket).or_insert(now);
        let asked = BTreeMap::new();
        let caller = Caller { call, queue, priority, wait_for_nobody, entered, joined: now, told_position: None, asked };
        self.waiting.insert(ticket, caller);
        comes_back
    }

    pub(crate) fn leave(&mut self, ticket: TicketId) {
        if self.waiting.remove(&ticket).is_some() {
            self.expect_all_to_end(ticket, OfferOutcome::CallerGone);
        }
    }

    pub(crate) fn call_gone(&mut self, now: Instant, call: CallId) {
        let tickets: Vec<_> = self.waiting.iter().filter(|(_, caller)| caller.call == call).map(|(ticket, _)| *ticket).collect();
        for ticket in tickets {
            self.leave(ticket);
        }
        self.entered.retain(|ticket, _| ticket.as_u128() != call.as_u128());
        self.own_calls.retain(|(_, of), _| *of != call);
        self.gone.insert(call);
        for agent in self.agents_talking_in(call) {
            self.end_talk(now, agent);
        }
    }

    pub(crate) fn claim(&mut self, now: Instant, call: CallId, offer: OfferId) {
        let stands = self.ringing.get(&offer).is_some_and(|ringing| ringing.until > now);
        let verdict = match self.ended.get(&offer) {
            _ if stands => Ok(()),
            Some(OfferOutcome::NoAnswer) => Err(Refusal::Expired),
            Some(OfferOutcome::Answered | OfferOutcome::AnsweredElsewhere) => Err(Refusal::Taken),
            _ => Err(Refusal::Withdrawn),
        };
        self.claimed = Some((call, offer, verdict));
        if let Some(ringing) = self.ringing.get(&offer).cloned().filter(|_| stands) {
            self.said_by_call.insert(offer);
            self.waiting.remove(&ringing.ticket);
            self.expect_all_to_end(ringing.ticket, OfferOutcome::AnsweredElsewhere);
            self.expected_ends.insert(offer, OfferOutcome::Answered);
        }
    }

    pub(crate) fn call_failed_offer(&mut self, offer: OfferId, outcome: OfferOutcome) {
        if self.ringing.contains_key(&offer) {
            self.said_by_call.insert(offer);
            self.expected_ends.insert(offer, outcome);
        }
    }

    pub(crate) fn talk_of(&self, agent: AgentId) -> Option<(CallId, PhoneId)> {
        let worker = self.workers.get(&agent)?;
        Some((worker.talk?.0, worker.phone))
    }

    pub(crate) fn phone_busy(&mut self, call: CallId, phone: PhoneId) {
        let holder = self.holder(phone);
        let rings = holder.and_then(|agent| self.ringing_at(agent));
        let rings_for_it = rings.is_some_and(|offer| self.ringing[&offer].call == call);
        let talks_in_it = holder.is_some_and(|agent| self.workers[&agent].talk.is_some_and(|(with, _)| with == call));
        if rings_for_it || talks_in_it {
            return;
        }
        self.own_calls.insert((phone, call), false);
        self.expected_ends.extend(rings.map(|offer| (offer, OfferOutcome::Busy)));
    }

    pub(crate) fn phone_free(&mut self, now: Instant, call: CallId, phone: PhoneId) {
        self.own_calls.remove(&(phone, call));
        let talking = self.agents_talking_in(call).into_iter().find(|agent| self.workers[agent].phone == phone);
        if let Some(agent) = talking {
            self.end_talk(now, agent);
        }
    }

    pub(crate) fn worked(&mut self, now: Instant, call: CallId, phone: PhoneId, queue: Option<QueueId>) {
        let Some(agent) = self.holder(phone).filter(|_| self.own_calls.contains_key(&(phone, call))) else { return };
        let own = self.setup.agents.iter().find(|(id, _)| *id == agent).and_then(|(_, agent)| agent.wrapup_ms);
        let wrapup = own.unwrap_or_else(|| queue.map_or(self.setup.outside_wrapup_ms, |queue| self.queue(queue).wrapup_ms));
        let at_work = self.workers[&agent].talk.is_some() || self.ringing_at(agent).is_some();
        if wrapup > 0 && !at_work {
            self.workers.get_mut(&agent).expect("logged in").wrap_up = Some((call, now + Duration::from_millis(wrapup.into())));
        }
    }

    pub(crate) fn phone_answered(&mut self, call: CallId, phone: PhoneId) {
        self.own_calls.entry((phone, call)).and_modify(|rings| *rings = false);
    }

    pub(crate) fn reserve(&mut self, call: CallId, phone: PhoneId, is_called: bool) {
        let free = self
            .holder(phone)
            .is_none_or(|agent| self.workers[&agent].talk.is_none() && self.ringing_at(agent).is_none() && !self.in_own_call(phone));
        if free {
            self.own_calls.insert((phone, call), is_called);
        }
        self.reserved = Some((call, phone, free));
    }

    // What the engine says.

    pub(crate) fn hear(&mut self, now: Instant, call: CallId, message: &AcdToCall) {
        assert!(!self.gone.contains(&call), "a call that is gone is told {message:?}");
        match message {
            AcdToCall::Position { ticket, position, waiting, .. } => {
                let line = self.line(self.waiting[ticket].queue);
                assert_eq!(line.len(), *waiting as usize);
                assert_eq!(line.get(*position as usize - 1), Some(ticket));
                let caller = self.waiting.get_mut(ticket).expect("waits");
                assert_ne!(caller.told_position.replace(*position), Some(*position), "told without a change");
            }
            AcdToCall::Offer { offer, ticket, agent, phone, until } => {
                let ringing = &self.ringing[offer];
                assert_eq!((ringing.call, ringing.ticket, ringing.agent, ringing.until), (call, *ticket, *agent, *until));
                assert_eq!(self.workers[agent].phone, *phone);
            }
            AcdToCall::Withdraw { offer, outcome } => {
                assert_eq!(self.ended.get(offer), Some(outcome));
                assert!(!self.said_by_call.contains(offer), "the call knew");
            }
            AcdToCall::Granted { offer } => {
                assert_eq!(self.claimed.take(), Some((call, *offer, Ok(()))));
                assert_eq!(
                    self.ended.get(offer),
                    Some(&OfferOutcome::Answered),
                    "the call could write what follows before the offer's end"
                );
            }
            AcdToCall::Refused { offer, why } => assert_eq!(self.claimed.take(), Some((call, *offer, Err(*why)))),
            AcdToCall::Reserved { phone, agent } => {
                assert_eq!(self.reserved.take(), Some((call, *phone, true)));
                assert_eq!(self.holder(*phone), *agent);
            }
            AcdToCall::Busy { phone } => assert_eq!(self.reserved.take(), Some((call, *phone, false))),
            AcdToCall::Exit { ticket, exit } => self.exit(now, *ticket, *exit),
        }
    }

    fn exit(&mut self, now: Instant, ticket: TicketId, exit: QueueExit) {
        if let Some(refused) = self.refused_entry.remove(&ticket) {
            return assert_eq!(refused, exit);
        }
        let caller = self.waiting.remove(&ticket).expect("waits");
        assert!(self.ringing.values().all(|ringing| ringing.ticket != ticket), "let go while an agent is rung");
        match exit {
            QueueExit::Timeout => assert!(self.past_longest_wait(now, &caller)),
            QueueExit::NoAgents => assert!(!caller.wait_for_nobody && !self.is_staffed(caller.queue)),
            other => panic!("nobody is let go for {other:?} here"),
        }
    }

    pub(crate) fn read(&mut self, now: Now, fact: &Fact) {
        match fact {
            Fact::OfferCreated { offer, call, ticket, queue, agent, phone, until } => {
                assert_eq!(self.workers[agent].phone, *phone);
                let left = Duration::try_from(now.wall.duration_until(*until)).expect("ahead");
                let ringing = Ringing { call: *call, ticket: *ticket, queue: *queue, agent: *agent, until: now.mono + left };
                self.judge_offer(now.mono, &ringing);
                let idle = self.idle(now.mono, *agent);
                let worker = self.workers.get_mut(agent).expect("logged in");
                (worker.idle, worker.is_idle) = (idle, true);
                self.ringing.insert(*offer, ringing);
            }
            Fact::OfferEnded { offer, call, agent, outcome } => {
                let ringing = self.ringing.remove(offer).expect("an offer ends once");
                assert_eq!((ringing.call, ringing.agent), (*call, *agent));
                match self.expected_ends.remove(offer) {
                    Some(expected) if ringing.until > now.mono => assert_eq!(expected, *outcome),
                    _ => assert_eq!((*outcome, ringing.until <= now.mono), (OfferOutcome::NoAnswer, true)),
                }
                self.ended.insert(*offer, *outcome);
                self.bear(now.mono, &ringing, *offer, *outcome);
            }
            Fact::AgentLoggedIn { agent, phone } => {
                let told = (AgentState::LoggedOut, None, None);
                let worker = Worker {
                    phone: *phone,
                    talk: None,
                    wrap_up: None,
                    pause: self.begins_with.remove(agent).flatten().map(Pause::Chosen),
                    paused_in: BTreeMap::new(),
                    leaving: false,
                    misses: 0,
                    rest: None,
                    idle: now.mono,
                    is_idle: false,
                    told,
                    told_at: None,
                };
                assert!(self.holder(*phone).is_none(), "a phone has one agent");
                assert!(self.workers.insert(*agent, worker).is_none());
            }
            Fact::AgentLoggedOut { agent, .. } => {
                assert!(self.told_paused_in.keys().all(|(of, _)| of != agent), "a pause outlives the session");
                let worker = self.workers.remove(agent).expect("logged in");
                let released = worker.told.0 == AgentState::Unreachable
                    && worker.told_at.is_some_and(|since| now.mono >= since + Duration::from_secs(45));
                assert!(worker.leaving || released, "logged out for no reason");
                assert!(worker.talk.is_none() && !self.in_own_call(worker.phone), "logged out during a call");
            }
            Fact::AgentQueuePaused { agent, queue, pause } => {
                assert_ne!(self.told_paused_in.insert((*agent, *queue), *pause), Some(*pause), "told twice");
            }
            Fact::AgentQueueResumed { agent, queue } => {
                assert!(self.told_paused_in.remove(&(*agent, *queue)).is_some(), "told of no pause");
            }
            Fact::AgentStateChanged { agent, state: AgentState::LoggedOut, .. } => assert!(!self.workers.contains_key(agent)),
            Fact::AgentStateChanged { agent, state, pause, call, .. } => {
                let told = (*state, *pause, *call);
                let idle = self.idle(now.mono, *agent);
                let worker = self.workers.get_mut(agent).expect("logged in");
                match state {
                    AgentState::Available => (worker.idle, worker.is_idle) = (idle, true),
                    AgentState::Offered => {}
                    _ => worker.is_idle = false,
                }
                // A new offer or wrap-up in the same call is a new fact with the same words.
                let may_repeat = matches!(state, AgentState::Offered | AgentState::WrapUp);
                assert!(worker.told != told || may_repeat, "told twice: {told:?}");
                (worker.told, worker.told_at) = (told, Some(now.mono));
            }
            other => panic!("acd does not write {other:?}"),
        }
    }

    /// May this agent be rung for this caller now, and is it this agent's and this caller's turn?
    fn judge_offer(&self, now: Instant, offered: &Ringing) {
        let agent = offered.agent;
        assert_eq!(self.expected(now, agent).0, AgentState::Available, "only who is available is asked");
        assert!(self.is_rested(now, agent), "who rests is not asked");
        assert!(!self.workers[&agent].leaving);
        let caller = &self.waiting[&offered.ticket];
        assert_eq!((caller.call, caller.queue), (offered.call, offered.queue));
        assert!(!self.past_longest_wait(now, caller));
        let rung = |ticket: &TicketId| self.ringing.values().any(|ringing| ringing.ticket == *ticket);
        let mine = (-caller.priority, caller.entered, offered.ticket);
        for (ticket, other) in &self.waiting {
            let ahead = (-other.priority, other.entered, *ticket) < mine;
            let could_be_served = self.priority(other.queue, agent).is_some() && !self.past_longest_wait(now, other);
            assert!(!ahead || !could_be_served || rung(ticket), "{ticket:?} was before {:?}", offered.ticket);
        }
        if self.queue(offered.queue).strategy == Strategy::LongestIdle {
            assert!(!rung(&offered.ticket), "one agent at a time");
            let asked = |agent| caller.asked.get(&agent).copied().unwrap_or(0);
            let rank = |agent| (asked(agent), self.priority(offered.queue, agent), self.idle(now, agent), agent);
            for other in self.workers.keys().filter(|other| self.is_free_for(now, **other, offered.queue)) {
                assert!(rank(agent) <= rank(*other), "{other:?} was before {agent:?}");
            }
        }
    }

    /// What the outcome table says of the agent and the caller.
    fn bear(&mut self, now: Instant, ringing: &Ringing, offer: OfferId, outcome: OfferOutcome) {
        let misses_pause = self.queue(ringing.queue).misses_pause;
        let phone = self.workers.get(&ringing.agent).expect("logged in").phone;
        let worker = self.workers.get_mut(&ringing.agent).expect("logged in");
        worker.rest = None;
        match outcome {
            OfferOutcome::Answered => {
                worker.misses = 0;
                worker.talk = Some((ringing.call, ringing.queue));
            }
            OfferOutcome::NoAnswer | OfferOutcome::Declined => {
                worker.misses += 1;
                worker.idle = now;
                worker.rest = Some(now + REST_AFTER_MISS);
                if misses_pause > 0 && worker.misses >= misses_pause && worker.pause.is_none() {
                    worker.pause = Some(Pause::Misses);
                }
            }
            OfferOutcome::Busy => worker.rest = Some(now + REST_AFTER_BUSY),
            OfferOutcome::Unreachable => {
                if self.phones_up.contains(&phone) {
                    self.doubts.insert(phone, now + DOUBT);
                }
            }
            OfferOutcome::Withdrawn if self.said_by_call.contains(&offer) => worker.rest = Some(now + REST_AFTER_BUSY),
            OfferOutcome::CallerGone | OfferOutcome::AnsweredElsewhere | OfferOutcome::Withdrawn => {}
        }
        let asked = matches!(outcome, OfferOutcome::NoAnswer | OfferOutcome::Declined | OfferOutcome::Busy | OfferOutcome::Unreachable);
        if let Some(caller) = self.waiting.get_mut(&ringing.ticket).filter(|_| asked) {
            *caller.asked.entry(ringing.agent).or_default() += 1;
        }
    }

    // What must hold when the engine has nothing more to say.

    pub(crate) fn at_rest(&mut self, now: Instant) {
        self.doubts.retain(|_, until| *until > now);
        assert_eq!(self.claimed, None, "a claim is answered");
        assert_eq!(self.reserved, None, "a reservation is answered");
        assert!(self.refused_entry.is_empty(), "who is refused is told");
        assert!(self.expected_ends.is_empty(), "still stand: {:?}", self.expected_ends);
        for (agent, worker) in &self.workers {
            assert_eq!(worker.told, self.expected(now, *agent), "{agent:?}");
            let at_call = worker.talk.is_some() || self.in_own_call(worker.phone);
            assert!(!worker.leaving || at_call, "{agent:?} should have left");
            let rings = self.ringing.values().filter(|ringing| ringing.agent == *agent).count();
            assert!(rings <= 1 && (rings == 0 || !at_call), "{agent:?} has {rings} offers, at a call: {at_call}");
        }
        for ringing in self.ringing.values() {
            let phone = self.workers[&ringing.agent].phone;
            assert!(ringing.until > now && self.reachable(phone) && self.waiting.contains_key(&ringing.ticket));
        }
        for (ticket, caller) in &self.waiting {
            assert_eq!(
                caller.told_position.map(|position| position as usize - 1),
                self.line(caller.queue).iter().position(|at| at == ticket)
            );
            if self.ringing.values().any(|ringing| ringing.ticket == *ticket) {
                continue;
            }
            assert!(!self.past_longest_wait(now, caller), "{ticket:?} should have been let go");
            assert!(caller.wait_for_nobody || self.is_staffed(caller.queue), "{ticket:?} waits for nobody");
            let idle = self.workers.keys().find(|agent| self.is_free_for(now, **agent, caller.queue));
            assert_eq!(idle, None, "a caller waits and an agent is idle");
        }
    }

    pub(crate) fn agrees_with_views(&self, acd: &Acd) {
        for view in acd.agents() {
            let expected = self.workers.get(&view.agent).map_or(AgentState::LoggedOut, |worker| worker.told.0);
            assert_eq!(view.state, expected);
            assert_eq!(view.phone, self.workers.get(&view.agent).map(|worker| worker.phone));
            let told = self.told_paused_in.iter().filter(|((agent, _), _)| *agent == view.agent);
            let told: Vec<_> = told.map(|((_, queue), pause)| (*queue, *pause)).collect();
            assert_eq!(view.paused_in, told);
            let is = self.workers.get(&view.agent).map(|worker| worker.paused_in.clone().into_iter().collect::<Vec<_>>());
            assert_eq!(view.paused_in, is.unwrap_or_default());
            assert_eq!(view.misses, self.workers.get(&view.agent).map_or(0, |worker| worker.misses));
        }
        assert_eq!(acd.waiting().len(), self.waiting.len());
        for view in acd.queues() {
            assert_eq!(view.waiting as usize, self.line(view.queue).len());
            assert_eq!(sum(view.agents), self.setup.memberships.iter().filter(|membership| membership.queue == view.queue).count());
        }
    }

    // What follows from what.

    /// What an agent must be doing.
    fn expected(&self, now: Instant, agent: AgentId) -> (AgentState, Option<PauseId>, Option<CallId>) {
        let worker = &self.workers[&agent];
        if let Some((call, _)) = worker.talk {
            return (AgentState::Talking, None, Some(call));
        }
        if let Some(ringing) = self.ringing.values().find(|ringing| ringing.agent == agent) {
            return (AgentState::Offered, None, Some(ringing.call));
        }
        let own = self.own_calls.iter().filter(|((phone, _), _)| *phone == worker.phone);
        if let Some(((_, call), rings)) = own.min_by_key(|((_, call), rings)| (**rings, *call)) {
            return (if *rings { AgentState::Offered } else { AgentState::Talking }, None, Some(*call));
        }
        if let Some((call, _)) = worker.wrap_up.filter(|(_, until)| *until > now) {
            return (AgentState::WrapUp, None, Some(call));
        }
        match worker.pause {
            Some(Pause::Chosen(pause)) => (AgentState::Paused, Some(pause), None),
            Some(Pause::Misses) => (AgentState::Paused, None, None),
            None if !self.is_up(now, worker.phone) => (AgentState::Unreachable, None, None),
            None => (AgentState::Available, None, None),
        }
    }

    fn is_free_for(&self, now: Instant, agent: AgentId, queue: QueueId) -> bool {
        let available = self.expected(now, agent).0 == AgentState::Available;
        available && self.is_rested(now, agent) && self.priority(queue, agent).is_some()
    }

    /// Whoever was busy until now is idle from now.
    fn idle(&self, now: Instant, agent: AgentId) -> Instant {
        let worker = &self.workers[&agent];
        if worker.is_idle { worker.idle } else { now }
    }

    fn is_rested(&self, now: Instant, agent: AgentId) -> bool {
        self.workers[&agent].rest.is_none_or(|until| until <= now)
    }

    fn end_talk(&mut self, now: Instant, agent: AgentId) {
        let own = self.setup.agents.iter().find(|(id, _)| *id == agent).and_then(|(_, agent)| agent.wrapup_ms);
        let (call, queue) = self.workers[&agent].talk.expect("talks");
        let wrapup = own.unwrap_or(self.queue(queue).wrapup_ms);
        let worker = self.workers.get_mut(&agent).expect("logged in");
        worker.talk = None;
        worker.wrap_up = (wrapup > 0).then(|| (call, now + Duration::from_millis(wrapup.into())));
    }

    fn expect_all_to_end(&mut self, ticket: TicketId, outcome: OfferOutcome) {
        let offers: Vec<_> = self.ringing.iter().filter(|(_, ringing)| ringing.ticket == ticket).map(|(offer, _)| *offer).collect();
        self.expected_ends.extend(offers.into_iter().map(|offer| (offer, outcome)));
    }

    fn line(&self, queue: QueueId) -> Vec<TicketId> {
        let mut line: Vec<_> = self.waiting.iter().filter(|(_, caller)| caller.queue == queue).collect();
        line.sort_by_key(|(ticket, caller)| (-caller.priority, caller.entered, **ticket));
        line.into_iter().map(|(ticket, _)| *ticket).collect()
    }

    fn past_longest_wait(&self, now: Instant, caller: &Caller) -> bool {
        self.queue(caller.queue).max_wait_ms.is_some_and(|longest| now >= caller.joined + Duration::from_millis(longest.into()))
    }

    fn is_staffed(&self, queue: QueueId) -> bool {
        self.workers.keys().any(|agent| self.membership(queue, *agent).is_some())
    }

    /// Of an agent who is open for the queue.
    fn priority(&self, queue: QueueId, agent: AgentId) -> Option<u32> {
        if self.workers.get(&agent).is_some_and(|worker| worker.paused_in.contains_key(&queue)) {
            return None;
        }
        self.membership(queue, agent)
    }

    fn membership(&self, queue: QueueId, agent: AgentId) -> Option<u32> {
        let mut memberships = self.setup.memberships.iter();
        memberships.find(|membership| membership.queue == queue && membership.agent == agent).map(|membership| membership.priority)
    }

    fn queue(&self, id: QueueId) -> &Queue {
        self.setup.queues.iter().find(|queue| queue.id == id).expect("set up")
    }

    fn agents_talking_in(&self, call: CallId) -> Vec<AgentId> {
        let talks = |worker: &Worker| worker.talk.is_some_and(|(with, _)| with == call);
        self.workers.iter().filter(|(_, worker)| talks(worker)).map(|(agent, _)| *agent).collect()
    }

    fn ringing_at(&self, agent: AgentId) -> Option<OfferId> {
        self.ringing.iter().find(|(_, ringing)| ringing.agent == agent).map(|(offer, _)| *offer)
    }

    fn holder(&self, phone: PhoneId) -> Option<AgentId> {
        self.workers.iter().find(|(_, worker)| worker.phone == phone).map(|(agent, _)| *agent)
    }

    fn in_own_call(&self, phone: PhoneId) -> bool {
        self.own_calls.keys().any(|(at, _)| *at == phone)
    }

    fn reachable(&self, phone: PhoneId) -> bool {
        self.phones_up.contains(&phone) && !self.doubts.contains_key(&phone)
    }

    fn is_up(&self, now: Instant, phone: PhoneId) -> bool {
        self.phones_up.contains(&phone) && self.doubts.get(&phone).is_none_or(|until| *until <= now)
    }
}

fn sum(counts: AgentCounts) -> usize {
    let AgentCounts { available, offered, talking, wrap_up, paused, unreachable, logged_out } = counts;
    (available + offered + talking + wrap_up + paused + unreachable + logged_out) as usize
}
