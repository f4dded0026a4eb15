//! A plan as the rest of the crate reads it: routes in their order, steps by name, every reference with its place.

use std::collections::BTreeMap;

use carillon_model::Reason;

use crate::{
    problem::Place,
    route::{Ask, Route},
};

/// A dialplan that parsed: every step it leads to exists.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) file: String,
    pub(crate) routes: Vec<Route>,
    pub(crate) steps: BTreeMap<String, Step>,
}

impl Plan {
    /// The first step for a call: that of the first route, in file order, which fits. `None`: the number exists nowhere here.
    pub fn route(&self, ask: &Ask<'_>) -> Option<&str> {
        self.routes.iter().find(|route| route.fits(ask)).map(|route| route.step.name.as_str())
    }

    /// Names of all steps, sorted.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.steps.keys().map(String::as_str)
    }
}

/// A name the plan mentions, and where.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) place: Place,
}

#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) place: Place,
    pub(crate) kind: StepKind,
}

#[derive(Debug, Clone)]
pub(crate) enum StepKind {
    Announce {
        prompt: Named,
        consent: bool,
        then: Named,
    },
    Play {
        prompts: Vec<Named>,
        skip: bool,
        then: Named,
    },
    Menu {
        prompts: Vec<Named>,
        keys: BTreeMap<char, Named>,
        timeout_ms: u32,
        tries: u32,
        wrong: Option<Named>,
        otherwise: Named,
    },
    Queue {
        queue: Named,
        priority: i32,
        wait_for_nobody: bool,
        on_timeout: Option<Named>,
        on_full: Option<Named>,
        on_no_agents: Option<Named>,
    },
    Dial {
        to: DialTo,
        ring_ms: u32,
        on_busy: Option<Named>,
        on_no_answer: Option<Named>,
        on_failed: Option<Named>,
    },
    HangUp {
        reason: Reason,
        prompt: Option<Named>,
    },
}

#[derive(Debug, Clone)]
pub(crate) enum DialTo {
    Phone(Callee),
    Number { number: Callee, trunk: Option<Named> },
}

/// A name written in the plan, or whatever the caller dialled (`{called}`).
#[derive(Debug, Clone)]
pub(crate) enum Callee {
    Called,
    Fixed(Named),
}

impl StepKind {
    /// Where this step may lead.
    pub(crate) fn exits(&self) -> Vec<&Named> {
        match self {
            Self::Announce { then, .. } | Self::Play { then, .. } => vec![then],
            Self::Menu { keys, otherwise, .. } => keys.values().chain([otherwise]).collect(),
            Self::Queue { on_timeout, on_full, on_no_agents, .. } => [on_timeout, on_full, on_no_agents].into_iter().flatten().collect(),
            Self::Dial { on_busy, on_no_answer, on_failed, .. } => [on_busy, on_no_answer, on_failed].into_iter().flatten().collect(),
            Self::HangUp { .. } => Vec::new(),
        }
    }

    /// Exits that may be taken the moment the step is entered, with nothing heard and nobody waited for.
    pub(crate) fn instant_exits(&self) -> Vec<&Named> {
        match self {
            Self::Queue { on_full, on_no_agents, .. } => [on_full, on_no_agents].into_iter().flatten().collect(),
            Self::Dial { on_busy, on_failed, .. } => [on_busy, on_failed].into_iter().flatten().collect(),
            Self::Announce { .. } | Self::Play { .. } | Self::Menu { .. } | Self::HangUp { .. } => Vec::new(),
        }
    }

    /// What it plays from a list, things to be said among it.
    pub(crate) fn played(&self) -> Vec<&Named> {
        match self {
            Self::Play { prompts, .. } | Self::Menu { prompts, .. } => prompts.iter().collect(),
            Self::Announce { .. } | Self::HangUp { .. } | Self::Queue { .. } | Self::Dial { .. } => Vec::new(),
        }
    }

    /// Prompts that it plays by themselves.
    pub(crate) fn said_alone(&self) -> Option<&Named> {
        match self {
            Self::Announce { prompt, .. } => Some(prompt),
            Self::Menu { wrong: prompt, .. } | Self::HangUp { prompt, .. } => prompt.as_ref(),
            Self::Play { .. } | Self::Queue { .. } | Self::Dial { .. } => None,
        }
    }
}
