//! One agent's working session, from log-in to log-out. What the agent is doing is computed from it, never kept beside it.

use std::{collections::BTreeMap, time::Instant};

use carillon_model::{AgentState, CallId, EndedBy, Now, OfferId, OfferOutcome, PauseId, PhoneId, QueueId, Reason};

use crate::phones::OwnCall;

/// What put an agent on pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PauseCause {
    /// The agent or a supervisor chose this reason.
    Chosen(PauseId),
    /// Too many calls in a row were missed.
    Misses,
}

impl PauseCause {
    /// The reason chosen, if one was.
    pub fn chosen(self) -> Option<PauseId> {
        match self {
            Self::Chosen(pause) => Some(pause),
            Self::Misses => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) phone: PhoneId,
    pub(crate) work: Work,
    /// Wished for; it shows once the work at hand is over.
    pub(crate) pause: Option<PauseCause>,
    /// Queues the agent takes nothing from meanwhile, and why: the others go on.
    pub(crate) paused_in: BTreeMap<QueueId, PauseId>,
    /// Wished for; it happens once the call at hand is over.
    pub(crate) leaving: Option<EndedBy>,
    /// Offers missed in a row.
    pub(crate) misses: u32,
    /// Since when the agent waits for work: longest-idle goes by it. An offer that ended without the agent's doing does not touch it.
    pub(crate) idle_since: Instant,
    /// Available, or rung since: a ring that comes to nothing costs no turn, and gives none to who was at work before it.
    pub(crate) is_idle: bool,
    /// No offers until then.
    pub(crate) rest_until: Option<Instant>,
    pub(crate) unreachable_since: Option<Instant>,
    /// What was last told of the agent, and when it began.
    pub(crate) told: Status,
    pub(crate) told_at: Now,
}

impl Session {
    pub(crate) fn new(now: Now, phone: PhoneId) -> Self {
        Self {
            phone,
            work: Work::None,
            pause: None,
            paused_in: BTreeMap::new(),
            leaving: None,
            misses: 0,
            idle_since: now.mono,
            is_idle: false,
            rest_until: None,
            unreachable_since: None,
            told: Status::of(AgentState::LoggedOut),
            told_at: now,
        }
    }

    pub(crate) fn is_talking(&self) -> bool {
        matches!(self.work, Work::Talking { .. })
    }

    pub(crate) fn rests(&self, now: Instant) -> bool {
        self.rest_until.is_some_and(|until| until > now)
    }
}

/// What the engine itself gave the agent to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    None,
    Offered { offer: OfferId, call: CallId, until: Instant },
    Talking { call: CallId, queue: QueueId },
    WrapUp { call: Option<CallId>, until: Instant },
}

/// An agent's state with all that is told of it: a change of any of it is a fact of its own, so that a pause whose reason changes is
/// two intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) state: AgentState,
    pub(crate) pause: Option<PauseCause>,
    pub(crate) call: Option<CallId>,
    pub(crate) until: Option<Instant>,
}

impl Status {
    pub(crate) fn of(state: AgentState) -> Self {
        Self { state, pause: None, call: None, until: None }
    }

    /// The reason, where the server made the state by itself.
    pub(crate) fn why(&self) -> Option<Reason> {
        match (self.state, self.pause) {
            (AgentState::Paused, Some(PauseCause::Misses)) => Some(Reason::NoAnswer),
            (AgentState::Unreachable, _) => Some(Reason::Unreachable),
            _ => None,
        }
    }
}

/// What a session is doing. Work given by the engine comes first, then calls of the agent's own, then wrap-up, then the agent's wish,
/// then the phone. (A pause is an interval people are paid or judged by: a phone that drops out does not cut it in two.)
pub(crate) fn status(session: &Session, own_call: Option<(CallId, OwnCall)>, reachable: bool) -> Status {
    match (session.work, own_call) {
        (Work::Talking { call, .. }, _) => Status { call: Some(call), ..Status::of(AgentState::Talking) },
        (Work::Offered { call, until, .. }, _) => Status { call: Some(call), until: Some(until), ..Status::of(AgentState::Offered) },
        (Work::WrapUp { .. } | Work::None, Some((call, how))) => {
            let state = match how {
                OwnCall::Up => AgentState::Talking,
                OwnCall::Rings => AgentState::Offered,
            };
            Status { call: Some(call), ..Status::of(state) }
        }
        (Work::WrapUp { call, until }, None) => Status { call, until: Some(until), ..Status::of(AgentState::WrapUp) },
        (Work::None, None) => match session.pause {
            Some(_) => Status { pause: session.pause, ..Status::of(AgentState::Paused) },
            None if !reachable => Status::of(AgentState::Unreachable),
            None => Status::of(AgentState::Available),
        },
    }
}

/// What an offer's end means for the agent and for the caller's next turn.
pub(crate) struct Consequence {
    /// Counts towards the pause after misses, and sends the agent to the back of the idle.
    pub(crate) miss: bool,
    /// The agent was asked for this caller: others come first next time.
    pub(crate) asked: bool,
    pub(crate) rest: Option<std::time::Duration>,
    pub(crate) doubt_phone: bool,
}

impl Consequence {
    /// The outcome table.
    pub(crate) fn of(outcome: OfferOutcome) -> Self {
        use crate::limits::{REST_AFTER_BUSY, REST_AFTER_MISS};
        let nothing = Self { miss: false, asked: false, rest: None, doubt_phone: false };
        match outcome {
            OfferOutcome::Answered | OfferOutcome::CallerGone | OfferOutcome::AnsweredElsewhere | OfferOutcome::Withdrawn => nothing,
            OfferOutcome::NoAnswer | OfferOutcome::Declined => {
                Self { miss: true, asked: true, rest: Some(REST_AFTER_MISS), doubt_phone: false }
            }
            OfferOutcome::Busy => Self { asked: true, rest: Some(REST_AFTER_BUSY), ..nothing },
            OfferOutcome::Unreachable => Self { asked: true, doubt_phone: true, ..nothing },
        }
    }
}
