//! Dispositions: how agents class a call once it is over.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DispositionId, QueueId, UserId};

/// Levels there may be, one below the other.
pub const DISPOSITION_LEVELS: usize = 3;

/// A class a call may be given. One with others below it is only the way to those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// Id.
    pub id: DispositionId,
    /// What people read; unique among those below the same one.
    pub name: String,
    /// The one it stands below.
    pub parent: Option<DispositionId>,
    /// Whether it is the site's own and not one of the usual ones, which stand apart.
    pub custom: bool,
    /// Its place among those of the same level, the smallest first.
    pub position: u32,
    /// The queues whose calls may be given it; none: any call. Of the first level alone; those below follow.
    pub queues: Vec<QueueId>,
}

/// What somebody wrote about a call. Its `Debug` form shows nothing of it; use [`Note::as_str`] where the text is meant.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Note(String);

impl Note {
    /// Wraps text as it came from a person or the database.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// How a call was classed. It holds the names as they were then: what is renamed or removed later changes no record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Disposed {
    /// The dispositions, the first level first; the last one is the call's.
    pub path: Vec<DispositionId>,
    /// Their names.
    pub names: Vec<String>,
    /// What was written about the call.
    pub note: Option<Note>,
    /// Who did it.
    pub by: UserId,
}

impl Disposed {
    /// Name of the lowest level, which is what lists show.
    pub fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_note() {
        assert_eq!(format!("{:?}", Note::new("call Nora back")), "…");
    }
}
