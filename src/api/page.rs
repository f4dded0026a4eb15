//! Lists: a page and where the next one begins. No totals, no page numbers.

use carillon_model::QueueId;
use carillon_store::{self as store, SEARCH_MAX, Search};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Problem, SignedIn};
use crate::{dispatch::Snapshot, masking::is_hidden_from};

/// Rows a page has at most.
pub const MOST: u32 = 200;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Hand this back as `after` for the following page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of what was found, as it is shown.
    pub fn of<R>(found: store::Page<R>, shown: impl FnMut(R) -> T) -> Self {
        Self { items: found.items.into_iter().map(shown).collect(), next: found.next }
    }
}

/// The number of rows asked for, checked.
pub fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(50),
        Some(asked) if (1..=MOST).contains(&asked) => Ok(asked),
        Some(_) => Err(Problem::invalid("limit", format!("Between 1 and {MOST}."))),
    }
}

/// What is looked for, checked; nothing where the text is blank.
pub fn search(directory: &Snapshot, signed_in: &SignedIn, text: Option<String>) -> Result<Option<Search>, Problem> {
    let Some(text) = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else { return Ok(None) };
    match text.chars().count() > SEARCH_MAX {
        true => Err(Problem::invalid("q", format!("At most {SEARCH_MAX} characters."))),
        false => Ok(Some(Search { text, hides_numbers: is_hidden_from(directory, signed_in.user.id) })),
    }
}

/// The queue of a short name.
pub fn queue(directory: &Snapshot, name: Option<&str>) -> Result<Option<QueueId>, Problem> {
    let Some(name) = name else { return Ok(None) };
    let found = directory.queues.values().find(|queue| queue.name == name);
    found.map(|queue| Some(queue.id)).ok_or_else(|| Problem::invalid("queue", "There is no such queue."))
}
