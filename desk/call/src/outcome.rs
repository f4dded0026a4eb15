//! The tables: what a leg's end, a refusal or a withdrawal means.

use carillon_model::{EndedBy, Ending, LegRole, OfferOutcome, QueueExit, Reason, Refusal};

use crate::LegEnd;

/// Whether a way out was gone, and not the person at its end: the next trunk may know another.
pub(crate) fn is_way_gone(reason: Reason) -> bool {
    matches!(reason, Reason::Unreachable | Reason::NoRoute | Reason::Overload | Reason::PeerLost)
}

/// Who and why, where a queue let a call go that follows no plan.
pub(crate) fn let_go(exit: QueueExit) -> Ending {
    let reason = match exit {
        QueueExit::Timeout => Reason::QueueTimeout,
        QueueExit::Full => Reason::QueueFull,
        QueueExit::NoAgents => Reason::NoAgents,
        QueueExit::Ended => Reason::ShuttingDown,
        QueueExit::Answered | QueueExit::Abandoned => Reason::HungUp,
    };
    Ending::new(EndedBy::System, reason)
}

/// Who ended a leg that this call did not tell to end.
pub(crate) fn ended_by(role: LegRole, end: LegEnd) -> EndedBy {
    match (end, role) {
        (LegEnd::Remote, LegRole::Caller) => EndedBy::Caller,
        (LegEnd::Remote, LegRole::Agent) => EndedBy::Agent,
        (LegEnd::Remote, LegRole::Callee) => EndedBy::Callee,
        (LegEnd::Remote, LegRole::Supervisor) => EndedBy::Supervisor,
        (LegEnd::Local, _) => EndedBy::System,
        (LegEnd::Network, _) => EndedBy::Network,
    }
}

/// How an offer ended whose leg ended unanswered. A phone that sends the call elsewhere counts as unreachable: else a voicemail answers.
pub(crate) fn offer_outcome(reason: Reason) -> OfferOutcome {
    match reason {
        Reason::Busy => OfferOutcome::Busy,
        Reason::NoAnswer | Reason::HungUp | Reason::Cancelled | Reason::AnsweredLate => OfferOutcome::NoAnswer,
        Reason::Rejected => OfferOutcome::Declined,
        Reason::AnsweredElsewhere => OfferOutcome::AnsweredElsewhere,
        Reason::Overload | Reason::ShuttingDown | Reason::ServerLost | Reason::OtherLegEnded | Reason::Transferred => {
            OfferOutcome::Withdrawn
        }
        Reason::Unreachable
        | Reason::Redirected
        | Reason::NumberUnknown
        | Reason::NoRoute
        | Reason::Forbidden
        | Reason::NoAgents
        | Reason::QueueTimeout
        | Reason::QueueFull
        | Reason::PlanEnded
        | Reason::PlanFailed
        | Reason::MediaNotAcceptable
        | Reason::MediaTimeout
        | Reason::ProtocolError
        | Reason::PeerLost => OfferOutcome::Unreachable,
    }
}

/// Who and why, for a leg whose offer `acd` took back.
pub(crate) fn withdrawn(outcome: OfferOutcome) -> Ending {
    let (by, reason) = match outcome {
        OfferOutcome::Answered | OfferOutcome::AnsweredElsewhere => (EndedBy::System, Reason::AnsweredElsewhere),
        OfferOutcome::NoAnswer => (EndedBy::System, Reason::NoAnswer),
        OfferOutcome::Busy => (EndedBy::Agent, Reason::Busy),
        OfferOutcome::Declined => (EndedBy::Agent, Reason::Rejected),
        OfferOutcome::Unreachable => (EndedBy::Network, Reason::Unreachable),
        OfferOutcome::CallerGone => (EndedBy::Caller, Reason::Cancelled),
        OfferOutcome::Withdrawn => (EndedBy::System, Reason::Cancelled),
    };
    Ending::new(by, reason)
}

/// Who and why, for a leg that answered after it was told to end: for having rung too long, it is the answer that was late.
pub(crate) fn answered_after(told: Ending) -> Ending {
    match (told.by, told.reason) {
        (EndedBy::System, Reason::NoAnswer) => Ending::new(EndedBy::System, Reason::AnsweredLate),
        _ => told,
    }
}

/// Who and why, for a leg that answered and whose claim `acd` refused.
pub(crate) fn refused(why: Refusal) -> Ending {
    let reason = match why {
        Refusal::Taken => Reason::AnsweredElsewhere,
        Refusal::Expired | Refusal::Withdrawn | Refusal::Unknown => Reason::AnsweredLate,
    };
    Ending::new(EndedBy::System, reason)
}
