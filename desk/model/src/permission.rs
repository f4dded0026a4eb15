//! What of the desktop an agent is shown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A part of the desktop that an agent may be kept from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The list of the own calls.
    Calls,
    /// Callers who gave up.
    AbandonedCalls,
    /// The recordings of the own calls.
    Recordings,
    /// Pausing by the page; whoever is paused may always resume.
    Pause,
    /// Choosing the language of the page.
    Language,
    /// Changing the own password.
    Password,
    /// Numbers of callers and of whom is called; without it references stand for them, which can be dialled all the same.
    Numbers,
}

impl Part {
    /// Every one.
    pub const ALL: [Self; 7] =
        [Self::Calls, Self::AbandonedCalls, Self::Recordings, Self::Pause, Self::Language, Self::Password, Self::Numbers];
}

/// The parts an agent is shown: all of them, those of later versions too; or those of a list, and what comes later stays hidden.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parts(Option<BTreeSet<Part>>);

impl Parts {
    /// Those of a list.
    pub fn only(parts: impl IntoIterator<Item = Part>) -> Self {
        Self(Some(parts.into_iter().collect()))
    }

    /// Whether a part is among them.
    pub fn shows(&self, part: Part) -> bool {
        self.0.as_ref().is_none_or(|parts| parts.contains(&part))
    }

    /// The list, if one was made.
    pub const fn list(&self) -> Option<&BTreeSet<Part>> {
        self.0.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_list_everything_is_shown_and_with_one_nothing_else() {
        assert!(Part::ALL.into_iter().all(|part| Parts::default().shows(part)));
        let parts = Parts::only([Part::Calls, Part::Pause]);
        let shown: Vec<Part> = Part::ALL.into_iter().filter(|part| parts.shows(*part)).collect();
        assert_eq!(shown, [Part::Calls, Part::Pause]);
        assert_eq!(serde_json::to_string(&parts).expect("JSON"), r#"["calls","pause"]"#);
        assert_eq!(serde_json::from_str::<Parts>("null").expect("parts"), Parts::default());
    }
}
