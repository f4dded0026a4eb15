//! One leg as its call sees it. What a call is doing is read off its legs.

use std::collections::BTreeSet;

use carillon_model::{AgentId, Ending, Hearing, LegId, LegRole, Number, OfferId, PhoneId, TrunkId};

/// A leg, kept to the end of the call also when it has ended: late messages name it.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    pub(crate) role: LegRole,
    /// Made by an INVITE to us; all others we dialled.
    pub(crate) came_in: bool,
    /// Its party's number.
    pub(crate) party: Number,
    pub(crate) agent: Option<AgentId>,
    pub(crate) phone: Option<PhoneId>,
    pub(crate) trunk: Option<TrunkId>,
    pub(crate) offer: Option<OfferId>,
    pub(crate) claim: Claim,
    pub(crate) state: LegState,
    /// The leg it hears now.
    pub(crate) hears: Option<LegId>,
    /// Whether it is heard before its answer.
    pub(crate) early: bool,
    /// Whether it ever heard the other side of the call.
    pub(crate) talked: bool,
    /// Whether its phone put the other side on hold.
    pub(crate) holds: bool,
    /// What is heard of it, as was told.
    pub(crate) hearing: Hearing,
    /// Whether its agent's part was work that wrap-up follows.
    pub(crate) worked: bool,
    /// The consent announcements it heard to their end.
    pub(crate) consents: BTreeSet<String>,
    /// Whether `acd` counts the phone as taken by this leg and is owed its release.
    pub(crate) holds_phone: bool,
}

/// How far a leg has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LegState {
    /// Dialled and nothing heard, or invited and not yet rung.
    Trying,
    /// It rings, there or for the caller.
    Ringing,
    /// Our 200 to the caller is out and not yet agreed.
    Answering,
    /// Its media flows.
    Answered,
    /// Told to end, for this; its end is still to come.
    Closing {
        /// What it ends for.
        ending: Ending,
        /// Whether it was answered before, or has been since.
        answered: bool,
    },
    /// Gone, for this.
    Ended(Ending),
}

/// How far the claim on an offer has come. The bridge waits for [`Claim::Granted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Not made.
    None,
    /// `acd` has yet to answer.
    Asked,
    /// The agent is the call's.
    Granted,
}

impl Leg {
    pub(crate) fn new(role: LegRole) -> Self {
        Self {
            role,
            came_in: false,
            party: Number::new(String::new()),
            agent: None,
            phone: None,
            trunk: None,
            offer: None,
            claim: Claim::None,
            state: LegState::Trying,
            hears: None,
            early: false,
            talked: false,
            holds: false,
            hearing: Hearing::Heard,
            worked: false,
            consents: BTreeSet::new(),
            holds_phone: false,
        }
    }

    /// Neither ended nor told to end: effects may name it.
    pub(crate) fn is_live(&self) -> bool {
        match self.state {
            LegState::Trying | LegState::Ringing | LegState::Answering | LegState::Answered => true,
            LegState::Closing { .. } | LegState::Ended(_) => false,
        }
    }

    pub(crate) fn is_answered(&self) -> bool {
        self.state == LegState::Answered
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state, LegState::Ended(_))
    }

    /// Where it rings or was answered on the way out of the site, or came in by a trunk.
    pub(crate) fn is_outside(&self) -> bool {
        self.trunk.is_some()
    }
}
