//! What a walk asks of a call, and what the call tells it.

use std::{collections::BTreeSet, fmt};

use carillon_model::{QueueExit, Reason};

/// What the call does next. Every action is followed by exactly one [`Outcome`], except [`Action::HangUp`], which is the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Answers if need be and plays `prompt` to its end. With `consent`, tell [`Outcome::Played`] only when all of it was heard, and
    /// write the consent fact.
    Announce {
        /// The prompt.
        prompt: String,
        /// Whether it is what a recorded party must hear.
        consent: bool,
    },
    /// Answers if need be and plays these one after another.
    Play {
        /// The prompts, in order; never empty. One with a colon in it is a [`crate::Saying`].
        prompts: Vec<String>,
        /// Whether any key ends it; then it was heard.
        skip: bool,
    },
    /// Answers if need be, plays the prompts and listens. A key ends the playing. The time-out runs from the end of the playing.
    Menu {
        /// The prompts, in order, as of [`Self::Play`]; never empty.
        prompts: Vec<String>,
        /// Keys that lead somewhere. Any other is told as [`Outcome::Key`] all the same.
        keys: BTreeSet<char>,
        /// Milliseconds to wait for a key.
        timeout_ms: u32,
    },
    /// Answers if need be and waits in a queue.
    Queue {
        /// The queue's short name.
        queue: String,
        /// Higher is served first.
        priority: i32,
        /// Whether to wait when nobody is logged in to the queue.
        wait_for_nobody: bool,
    },
    /// Dials somebody; the caller is answered when they answer.
    Dial {
        /// Whom.
        target: DialTarget,
        /// Milliseconds to ring.
        ring_ms: u32,
    },
    /// Ends the call: a refusal when it was not answered, a hang-up when it was.
    HangUp {
        /// Why.
        reason: Reason,
    },
}

impl Action {
    /// Whether the caller's leg must be answered before this can be done.
    pub fn needs_answer(&self) -> bool {
        match self {
            Self::Announce { .. } | Self::Play { .. } | Self::Menu { .. } | Self::Queue { .. } => true,
            Self::Dial { .. } | Self::HangUp { .. } => false,
        }
    }
}

/// Short and stable: what `cases.toml` expects, word for word.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Announce { prompt, .. } => write!(f, "announce {prompt}"),
            Self::Play { prompts, .. } => write!(f, "play {}", prompts.join(" ")),
            Self::Menu { prompts, .. } => write!(f, "menu {}", prompts.join(" ")),
            Self::Queue { queue, .. } => write!(f, "queue {queue}"),
            Self::Dial { target, .. } => write!(f, "dial {target}"),
            Self::HangUp { reason } => write!(f, "hang up {}", reason_word(*reason)),
        }
    }
}

/// Whom to dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialTarget {
    /// One of our phones, by name.
    Phone(String),
    /// A number outside.
    Number {
        /// The number.
        number: String,
        /// The trunk the plan insists on; `None`: the outbound routes decide.
        trunk: Option<String>,
    },
}

impl fmt::Display for DialTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(name) => write!(f, "phone {name}"),
            Self::Number { number, trunk: None } => write!(f, "number {number}"),
            Self::Number { number, trunk: Some(trunk) } => write!(f, "number {number} by {trunk}"),
        }
    }
}

/// How an action went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What was to be heard was heard to its end.
    Played,
    /// It could not be played.
    PlayFailed,
    /// The caller pressed a key in a menu.
    Key(char),
    /// The caller pressed none in time.
    NoKey,
    /// The queue let the call go.
    LeftQueue(QueueExit),
    /// Nobody was reached. `Busy` and `NoAnswer` have exits of their own; all else is a failure.
    NotReached(Reason),
}

/// The next move of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The step just entered (fact `call.step`); `None` while a step goes on, as when a menu asks again.
    pub entered: Option<String>,
    /// The menu just left (fact `call.menu`).
    pub menu: Option<MenuEnd>,
    /// What to do.
    pub action: Action,
}

/// How a menu was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuEnd {
    /// Name of the menu step.
    pub step: String,
    /// The key that led on, or `None`: nothing or a wrong key to the end.
    pub key: Option<char>,
}

/// The reasons a plan may hang up with, as it spells them. Others are for the server alone to give.
const REASONS: [(&str, Reason); 9] = [
    ("busy", Reason::Busy),
    ("rejected", Reason::Rejected),
    ("number_unknown", Reason::NumberUnknown),
    ("no_route", Reason::NoRoute),
    ("forbidden", Reason::Forbidden),
    ("no_agents", Reason::NoAgents),
    ("queue_timeout", Reason::QueueTimeout),
    ("queue_full", Reason::QueueFull),
    ("plan_ended", Reason::PlanEnded),
];

pub(crate) fn reason_of(word: &str) -> Result<Reason, String> {
    REASONS.iter().find(|(known, _)| *known == word).map(|(_, reason)| *reason).ok_or_else(|| {
        let words: Vec<_> = REASONS.iter().map(|(known, _)| *known).collect();
        format!("`{word}` is no reason to hang up with; the reasons are {}", words.join(", "))
    })
}

fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::NoAnswer => "no_answer",
        Reason::Unreachable => "unreachable",
        Reason::PlanFailed => "plan_failed",
        _ => REASONS.iter().find(|(_, known)| *known == reason).map_or("for another reason", |(word, _)| word),
    }
}
