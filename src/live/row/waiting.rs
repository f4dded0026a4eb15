//! A caller who waits.

use std::time::Instant;

use carillon_acd::WaitingView;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{dispatch::Snapshot, live::Caller};

/// A caller who waits.
#[derive(Serialize, ToSchema)]
pub struct WaitingRow {
    /// The call.
    #[schema(value_type = String, format = Uuid)]
    call: carillon_model::CallId,
    /// Short name of the queue.
    queue: String,
    /// Who calls.
    caller: String,
    /// The caller's display name.
    caller_name: Option<String>,
    /// 1 is next in this queue.
    position: u32,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// For how long, milliseconds.
    waited_ms: u64,
    /// Logins of the agents being rung for this caller.
    offered_to: Vec<String>,
    /// Their names before colleagues, in the same order.
    offered_to_names: Vec<String>,
}

impl WaitingRow {
    /// With names in place of ids; `None`: the queue is gone.
    pub fn of(view: &WaitingView, caller: Caller, directory: &Snapshot) -> Option<Self> {
        let queue = directory.queues.get(&view.queue)?;
        let waited = Instant::now().saturating_duration_since(view.since.mono).as_millis();
        Some(Self {
            call: view.call,
            queue: queue.name.clone(),
            caller: caller.number,
            caller_name: caller.name,
            position: view.position,
            since: view.since.wall,
            waited_ms: u64::try_from(waited).unwrap_or(u64::MAX),
            offered_to_names: view.offered_to.iter().filter_map(|agent| directory.name_of((*agent).into(), false)).collect(),
            offered_to: view.offered_to.iter().filter_map(|agent| Some(directory.users.get(&(*agent).into())?.login.clone())).collect(),
        })
    }
}
