//! Waiting in a queue: offers ring agents' phones, claims are granted or refused, and the queue may let the call go.

use carillon_dialplan::Outcome;
use carillon_model::{
    AgentId, CallToAcd, EndedBy, Ending, Fact, LegId, LegRole, Name, Now, Number, OfferId, OfferOutcome, PhoneId, Queue, QueueExit,
    QueueId, Reason, RecordingPolicy, Refusal, TicketId,
};

use crate::{
    Call, Effect, Taking, Target,
    call::Stage,
    leg::{Claim, Leg, LegState},
    outcome,
};

/// A call's place in its queue, as last told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// 1 is next.
    pub position: u32,
    /// How many wait.
    pub waiting: u32,
    /// Estimated wait in milliseconds; `None` while there is nothing to estimate from.
    pub estimated_wait_ms: Option<u64>,
}

/// A call in a queue. The offers under way are its agents' legs.
pub(crate) struct Waiting {
    pub(crate) ticket: TicketId,
    pub(crate) queue: QueueId,
    pub(crate) recording: RecordingPolicy,
    pub(crate) place: Option<Place>,
}

impl Call {
    pub(crate) fn join(&mut self, now: Now, queue: &Queue, priority: i32, wait_for_nobody: bool) {
        let fresh = TicketId::new(self.ids.next(now.wall));
        let ticket = self.places_by_queue.get(&queue.id).map_or(fresh, |(ticket, _)| *ticket);
        self.places_by_queue.insert(queue.id, (ticket, priority));
        let play = self.new_play(now);
        let party = self.served_callee().map(|leg| leg.party.clone());
        self.fact(Fact::CallQueued { call: self.setup.call, ticket, queue: queue.id, party });
        self.effect(Effect::PlayMusic { leg: self.served, play, music: queue.music.clone() });
        self.effect(Effect::Acd(CallToAcd::Join { ticket, queue: queue.id, priority, wait_for_nobody }));
        self.stage = Stage::Waiting(Waiting { ticket, queue: queue.id, recording: queue.recording.clone(), place: None });
    }

    pub(crate) fn remember_place(&mut self, ticket: TicketId, place: Place) {
        if let Stage::Waiting(waiting) = &mut self.stage
            && waiting.ticket == ticket
        {
            waiting.place = Some(place);
        }
    }

    pub(crate) fn ring_agent(&mut self, now: Now, offer: OfferId, ticket: TicketId, agent: AgentId, phone: PhoneId) {
        let known = self.leg_of(offer).is_some();
        match &self.stage {
            _ if known => {}
            Stage::Waiting(waiting) if waiting.ticket == ticket => self.dial_agent(now, offer, agent, phone),
            // It crossed the end of the waiting.
            _ => self.effect(Effect::Acd(CallToAcd::Failed { offer, outcome: OfferOutcome::CallerGone })),
        }
    }

    fn dial_agent(&mut self, now: Now, offer: OfferId, agent: AgentId, phone: PhoneId) {
        let Some(party) = self.setup.site.number_of(phone).cloned() else {
            return self.effect(Effect::Acd(CallToAcd::Failed { offer, outcome: OfferOutcome::Unreachable }));
        };
        let id = LegId::new(self.ids.next(now.wall));
        let leg = Leg { agent: Some(agent), phone: Some(phone), offer: Some(offer), ..Leg::new(LegRole::Agent) };
        self.add_leg(id, leg, party);
        let (from, from_name) = self.served_party();
        self.effect(Effect::Dial { leg: id, target: Target::Phone(phone), from, from_name, taking: Taking::ByHand });
    }

    /// An agent answered: `acd` decides whether the agent is the call's.
    pub(crate) fn claim(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(offer) = leg.offer else { return };
        leg.claim = Claim::Asked;
        self.effect(Effect::Acd(CallToAcd::Answered { offer }));
    }

    /// The claim stands: bridge. It may find the agent gone already; then the call ended as it would have a moment later.
    pub(crate) fn claim_granted(&mut self, now: Now, offer: OfferId) {
        let Some(id) = self.leg_of(offer) else { return };
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.claim == Claim::Asked) else { return };
        leg.claim = Claim::Granted;
        leg.holds_phone = true;
        let state = leg.state;
        match (state, &self.stage) {
            (LegState::Answered, Stage::Waiting(waiting)) => {
                let (queue, recording) = (waiting.queue, waiting.recording.clone());
                self.bridge(id);
                self.dequeued(QueueExit::Answered);
                self.talk(now, id, Some(queue), &recording, &[self.served]);
            }
            (LegState::Ended(ending), stage) => {
                let was_waiting = matches!(stage, Stage::Waiting(_));
                self.release_phone(id);
                self.forget(id);
                if was_waiting {
                    self.dequeued(QueueExit::Answered);
                    self.close(ending);
                }
            }
            (LegState::Answered, _) => self.hang_up(id, Ending::new(EndedBy::System, Reason::AnsweredElsewhere)),
            // Told to end already; its phone is released at its end.
            (LegState::Trying | LegState::Ringing | LegState::Answering | LegState::Closing { .. }, _) => {}
        }
    }

    pub(crate) fn claim_refused(&mut self, offer: OfferId, why: Refusal) {
        let Some(id) = self.leg_of(offer) else { return };
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.claim == Claim::Asked) else { return };
        leg.claim = Claim::None;
        self.hang_up(id, outcome::refused(why));
        self.forget(id);
    }

    pub(crate) fn offer_withdrawn(&mut self, offer: OfferId, outcome: OfferOutcome) {
        let Some(id) = self.leg_of(offer) else { return };
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.claim != Claim::Granted) else { return };
        // A claim on its way crossed the withdrawal: it will be refused.
        let claimed = std::mem::replace(&mut leg.claim, Claim::None) == Claim::Asked;
        let ending = outcome::withdrawn(outcome);
        self.hang_up(id, if claimed { outcome::answered_after(ending) } else { ending });
        self.forget(id);
    }

    /// A leg dialled for an offer ended of itself before it was the call's.
    pub(crate) fn offer_failed(&mut self, offer: OfferId, reason: Reason) {
        self.effect(Effect::Acd(CallToAcd::Failed { offer, outcome: outcome::offer_outcome(reason) }));
    }

    pub(crate) fn queue_lets_go(&mut self, now: Now, ticket: TicketId, exit: QueueExit) {
        match &self.stage {
            Stage::Waiting(waiting) if waiting.ticket == ticket => {}
            _ => return,
        }
        self.dequeued(exit);
        self.hang_up_agents(Ending::new(EndedBy::System, Reason::Cancelled));
        if exit == QueueExit::Ended {
            return self.close(Ending::new(EndedBy::System, Reason::ShuttingDown));
        }
        self.effect(Effect::StopPlay { leg: self.served });
        match self.walk {
            Some(_) => self.walk_on(now, Outcome::LeftQueue(exit)),
            None => self.fail_aloud(now, outcome::let_go(exit)),
        }
    }

    /// Who is served, where it is somebody we called: whoever called has left.
    fn served_callee(&self) -> Option<&Leg> {
        self.legs.get(&self.served).filter(|leg| leg.role == LegRole::Callee)
    }

    /// Who is served, by number and name, as those are told whom the call is offered or given to.
    pub(crate) fn served_party(&self) -> (Number, Option<Name>) {
        match self.served_callee() {
            Some(leg) => (leg.party.clone(), None),
            None => (self.setup.caller.clone(), self.setup.caller_name.clone()),
        }
    }

    /// The call leaves the queue it is in, if it is in one, because it ends.
    pub(crate) fn leave_queue(&mut self, ending: Ending) {
        let Stage::Waiting(waiting) = &self.stage else { return };
        let ticket = waiting.ticket;
        let who_waits = if self.served_callee().is_some() { EndedBy::Callee } else { EndedBy::Caller };
        let exit = if ending.by == who_waits { QueueExit::Abandoned } else { QueueExit::Ended };
        self.dequeued(exit);
        self.effect(Effect::Acd(CallToAcd::Leave { ticket, exit }));
    }

    fn dequeued(&mut self, exit: QueueExit) {
        if let Stage::Waiting(Waiting { ticket, queue, .. }) = std::mem::replace(&mut self.stage, Stage::Turning) {
            self.fact(Fact::CallDequeued { call: self.setup.call, ticket, queue, exit });
        }
    }

    fn hang_up_agents(&mut self, ending: Ending) {
        let offered: Vec<_> = self.legs.iter().filter(|(_, leg)| leg.offer.is_some()).map(|(id, _)| *id).collect();
        offered.into_iter().for_each(|id| self.hang_up(id, ending));
    }

    fn leg_of(&self, offer: OfferId) -> Option<LegId> {
        self.legs.iter().find(|(_, leg)| leg.offer == Some(offer)).map(|(id, _)| *id)
    }
}
