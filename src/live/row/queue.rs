//! A queue.

use carillon_acd::QueueView;
use carillon_model::QueueId;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dispatch::Snapshot;

/// A queue and how it stands.
#[derive(Serialize, ToSchema)]
pub struct QueueRow {
    /// Id, as facts name the queue.
    #[schema(value_type = String, format = Uuid)]
    id: QueueId,
    /// Short name.
    pub(crate) name: String,
    /// Name shown to people.
    label: String,
    /// Callers who wait.
    waiting: u32,
    /// Since when the one who waits longest waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    longest_since: Option<Timestamp>,
    /// Its agents, counted by what they are doing.
    agents: Counts,
}

/// Agents counted by what they are doing.
#[derive(Serialize, ToSchema)]
pub struct Counts {
    available: u32,
    offered: u32,
    talking: u32,
    wrap_up: u32,
    paused: u32,
    unreachable: u32,
    logged_out: u32,
}

impl QueueRow {
    /// With names in place of ids; `None`: the queue is gone.
    pub fn of(view: &QueueView, directory: &Snapshot) -> Option<Self> {
        let queue = directory.queues.get(&view.queue)?;
        let of = view.agents;
        Some(Self {
            id: queue.id,
            name: queue.name.clone(),
            label: queue.label.clone(),
            waiting: view.waiting,
            longest_since: view.longest_since.map(|since| since.wall),
            agents: Counts {
                available: of.available,
                offered: of.offered,
                talking: of.talking,
                wrap_up: of.wrap_up,
                paused: of.paused,
                unreachable: of.unreachable,
                logged_out: of.logged_out,
            },
        })
    }
}
