//! Lists: a page and where the next one begins. No totals, no page numbers.

use carillon_model::QueueId;
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use crate::dispatch::Snapshot;

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

/// The number of rows asked for, checked.
pub fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(50),
        Some(asked) if (1..=MOST).contains(&asked) => Ok(asked),
        Some(_) => Err(Problem::invalid("limit", format!("Between 1 and {MOST}."))),
    }
}

/// The queue of a short name.
pub fn queue(directory: &Snapshot, name: Option<&str>) -> Result<Option<QueueId>, Problem> {
    let Some(name) = name else { return Ok(None) };
    let found = directory.queues.values().find(|queue| queue.name == name);
    found.map(|queue| Some(queue.id)).ok_or_else(|| Problem::invalid("queue", "There is no such queue."))
}
