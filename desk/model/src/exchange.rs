//! What a call and `acd` say to one another. Ids and values only, so that either may one day live on another node.

use std::time::Instant;

use crate::{AgentId, OfferId, OfferOutcome, PhoneId, QueueExit, QueueId, Refusal, TicketId};

/// From a call to `acd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallToAcd {
    /// The call waits in a queue. The caller's place counts from here, also after a requeue with the same ticket.
    Join {
        /// The waiting.
        ticket: TicketId,
        /// The queue.
        queue: QueueId,
        /// Higher is served first; 0 is usual.
        priority: i32,
        /// Whether to wait when nobody at all is logged in to the queue.
        wait_for_nobody: bool,
    },
    /// The call waits no longer.
    Leave {
        /// The waiting.
        ticket: TicketId,
        /// Why.
        exit: QueueExit,
    },
    /// The call wants this phone outside any queue (a number dialled on another phone, a plan's `dial`). Dial only on
    /// [`AcdToCall::Reserved`].
    Reserve {
        /// The phone.
        phone: PhoneId,
        /// Whether its user is called: rung until [`CallToAcd::PhoneAnswered`], on a call only then. Whoever asked for the call
        /// is on it at once.
        is_called: bool,
    },
    /// The user of a reserved phone that rang has answered.
    PhoneAnswered {
        /// The phone.
        phone: PhoneId,
    },
    /// A leg dialled for an offer answered: the call claims it. Bridge only on [`AcdToCall::Granted`].
    Answered {
        /// The offer.
        offer: OfferId,
    },
    /// The legs dialled for an offer all failed.
    Failed {
        /// The offer.
        offer: OfferId,
        /// How: no answer, busy, declined, unreachable.
        outcome: OfferOutcome,
    },
    /// A phone is in use by this call outside any offer.
    PhoneBusy {
        /// The phone.
        phone: PhoneId,
    },
    /// The agent's part in a call outside any offer is done, and was work: wrap-up follows once the phone is free.
    Worked {
        /// The phone.
        phone: PhoneId,
        /// The queue it was done for, if for one: its wrap-up is meant.
        queue: Option<QueueId>,
    },
    /// The phone is free again: the end of an agent's part in a call, whatever began it.
    PhoneFree {
        /// The phone.
        phone: PhoneId,
    },
}

/// From `acd` to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcdToCall {
    /// Where the call stands.
    Position {
        /// The waiting.
        ticket: TicketId,
        /// 1 is next.
        position: u32,
        /// How many wait.
        waiting: u32,
        /// Estimate from the queue's last answered calls; `None` while there are none.
        estimated_wait_ms: Option<u64>,
    },
    /// Ring this agent's phone.
    Offer {
        /// The offer.
        offer: OfferId,
        /// The waiting it is for.
        ticket: TicketId,
        /// The agent.
        agent: AgentId,
        /// The phone to ring.
        phone: PhoneId,
        /// When `acd` will take it back.
        until: Instant,
    },
    /// The offer is over: end the leg dialled for it.
    Withdraw {
        /// The offer.
        offer: OfferId,
        /// How it ended.
        outcome: OfferOutcome,
    },
    /// The phone is the call's until it says [`CallToAcd::PhoneFree`].
    Reserved {
        /// The phone.
        phone: PhoneId,
        /// The agent who works with it now, if one does.
        agent: Option<AgentId>,
    },
    /// Whoever works with the phone is on a call, or about to be.
    Busy {
        /// The phone.
        phone: PhoneId,
    },
    /// The claim stands: bridge.
    Granted {
        /// The offer.
        offer: OfferId,
    },
    /// The claim came too late: hang the leg up.
    Refused {
        /// The offer.
        offer: OfferId,
        /// Why.
        why: Refusal,
    },
    /// The queue lets the call go; the dialplan decides what follows.
    Exit {
        /// The waiting.
        ticket: TicketId,
        /// Why: timeout, full, no agents, ended.
        exit: QueueExit,
    },
}
