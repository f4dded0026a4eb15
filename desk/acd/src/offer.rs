//! Offers: one attempt to give one waiting call to one agent, from its making to its one outcome.

use std::time::{Duration, Instant};

use carillon_model::{AcdToCall, AgentId, CallId, Fact, Now, OfferId, OfferOutcome, PhoneId, QueueId, Refusal, TicketId};

use crate::{
    acd::Acd,
    agent::{Consequence, PauseCause, Work},
    limits::{DOUBT_OF_PHONE, REST_AFTER_BUSY, SHORTEST_OFFER},
};

#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) call: CallId,
    pub(crate) ticket: TicketId,
    pub(crate) queue: QueueId,
    pub(crate) agent: AgentId,
    pub(crate) phone: PhoneId,
    pub(crate) until: Instant,
}

/// Whether the call must be told that an offer ended: not when it was the call that said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tell {
    Call,
    Nobody,
}

impl Acd {
    pub(crate) fn make_offer(&mut self, now: Now, ticket: TicketId, agent: AgentId) {
        let Some(waiting) = self.line.get_mut(ticket) else { return };
        let Some(session) = self.sessions_by_agent.get_mut(&agent) else { return };
        let Some(queue) = self.roster.queues_by_id.get(&waiting.queue) else { return };
        let offer = OfferId::new(self.ids.next(now.wall));
        let until = now.mono + Duration::from_millis(queue.offer_ms.into()).max(SHORTEST_OFFER);
        let (call, queue, phone) = (waiting.call, waiting.queue, session.phone);
        waiting.offers.insert(offer);
        session.work = Work::Offered { offer, call, until };
        self.offers_by_id.insert(offer, Offer { call, ticket, queue, agent, phone, until });
        self.fact(Fact::OfferCreated { offer, call, ticket, queue, agent, phone, until: wall_at(now, until) });
        self.tell(call, AcdToCall::Offer { offer, ticket, agent, phone, until });
    }

    /// A leg dialled for the offer was answered: the call claims it. The first claim within the offer's time stands.
    pub(crate) fn claim(&mut self, now: Now, call: CallId, offer: OfferId) {
        let Some(claimed) = self.offers_by_id.get(&offer).filter(|claimed| claimed.call == call) else {
            let why = self.memory_by_call.get(&call).map_or(Refusal::Unknown, |memory| memory.refusal(offer));
            return self.tell(call, AcdToCall::Refused { offer, why });
        };
        let (ticket, agent, queue) = (claimed.ticket, claimed.agent, claimed.queue);
        // The offer's end is written before the call can write what follows from it.
        self.end_offer(now, offer, OfferOutcome::Answered, Tell::Nobody);
        self.tell(call, AcdToCall::Granted { offer });
        self.take_out_of_line(now, ticket, OfferOutcome::AnsweredElsewhere);
        if let Some(session) = self.sessions_by_agent.get_mut(&agent) {
            session.misses = 0;
            session.work = Work::Talking { call, queue };
        }
    }

    /// The call could not ring the agent, or the agent's phone refused. Outcomes that are not the call's to give count as withdrawn,
    /// with a rest, lest an offer that cannot even be dialled be made again at once.
    pub(crate) fn offer_failed(&mut self, now: Now, call: CallId, offer: OfferId, outcome: OfferOutcome) {
        let Some(agent) = self.offers_by_id.get(&offer).filter(|failed| failed.call == call).map(|failed| failed.agent) else { return };
        match outcome {
            OfferOutcome::NoAnswer | OfferOutcome::Busy | OfferOutcome::Declined | OfferOutcome::Unreachable => {
                self.end_offer(now, offer, outcome, Tell::Nobody);
            }
            OfferOutcome::Answered | OfferOutcome::CallerGone | OfferOutcome::AnsweredElsewhere | OfferOutcome::Withdrawn => {
                self.end_offer(now, offer, OfferOutcome::Withdrawn, Tell::Nobody);
                if let Some(session) = self.sessions_by_agent.get_mut(&agent) {
                    session.rest_until = Some(now.mono + REST_AFTER_BUSY);
                }
            }
        }
    }

    /// The one place where an offer ends.
    pub(crate) fn end_offer(&mut self, now: Now, id: OfferId, outcome: OfferOutcome, tell: Tell) {
        let Some(offer) = self.offers_by_id.remove(&id) else { return };
        let consequence = Consequence::of(outcome);
        if let Some(waiting) = self.line.get_mut(offer.ticket) {
            waiting.offers.remove(&id);
            if consequence.asked {
                waiting.note_asked(offer.agent);
            }
            if waiting.offers.is_empty() {
                waiting.round = None;
            }
        }
        self.memory(offer.call).remember(id, refusal_after(outcome));
        if consequence.doubt_phone {
            self.phones.doubt(offer.phone, now.mono + DOUBT_OF_PHONE);
        }
        let misses_pause = self.roster.queues_by_id.get(&offer.queue).map_or(0, |queue| queue.misses_pause);
        if let Some(session) = self.sessions_by_agent.get_mut(&offer.agent) {
            session.work = Work::None;
            session.rest_until = consequence.rest.map(|rest| now.mono + rest);
            if consequence.miss {
                session.idle_since = now.mono;
                session.misses += 1;
                if misses_pause > 0 && session.misses >= misses_pause && session.pause.is_none() {
                    session.pause = Some(PauseCause::Misses);
                }
            }
        }
        self.fact(Fact::OfferEnded { offer: id, call: offer.call, agent: offer.agent, outcome });
        if tell == Tell::Call {
            self.tell(offer.call, AcdToCall::Withdraw { offer: id, outcome });
        }
    }
}

/// What an answer that comes after such an end is told.
fn refusal_after(outcome: OfferOutcome) -> Refusal {
    match outcome {
        OfferOutcome::NoAnswer => Refusal::Expired,
        OfferOutcome::Answered | OfferOutcome::AnsweredElsewhere => Refusal::Taken,
        OfferOutcome::Busy | OfferOutcome::Declined | OfferOutcome::Unreachable | OfferOutcome::CallerGone | OfferOutcome::Withdrawn => {
            Refusal::Withdrawn
        }
    }
}

/// A moment of the monotonic clock on the wall's.
pub(crate) fn wall_at(now: Now, at: Instant) -> jiff::Timestamp {
    now.wall.checked_add(at.saturating_duration_since(now.mono)).unwrap_or(now.wall)
}
