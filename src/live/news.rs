//! What goes beside the chain: how things stand, as messages. The names are the API's.

use carillon_model::CallId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::telemetry::AlarmRow;

use super::row::{AgentRow, LiveCallRow, QueueRow, WaitingRow};

/// A message that says how things stand; all but the snapshot go beside the chain, without `seq`.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", content = "data")]
pub(super) enum News {
    /// How everything stands that the reader may see: it replaces what the reader held.
    #[serde(rename = "snapshot")]
    Snapshot(Picture),
    /// How an agent stands.
    #[serde(rename = "agent.changed")]
    AgentChanged(AgentRow),
    /// How a queue stands, and who waits in it.
    #[serde(rename = "queue.changed")]
    QueueChanged(Line),
    /// How a call that is up stands.
    #[serde(rename = "call.changed")]
    CallChanged(LiveCallRow),
    /// A call's record, or its recording's, has just been written: lists that show it are stale.
    #[serde(rename = "call.saved")]
    CallSaved(Saved),
    /// An abandoned call is new, reserved, released, called back, classed or off the list: lists that show it are stale.
    #[serde(rename = "abandoned.changed")]
    AbandonedChanged(Abandoned),
    /// There is something new in one's notifications, or they were seen at another desktop.
    #[serde(rename = "notifications.changed")]
    NotificationsChanged {},
    /// An operator changed something: what was read of the set-up is stale.
    #[serde(rename = "setup.changed")]
    SetupChanged {},
    /// Nothing, every five seconds.
    #[serde(rename = "heartbeat")]
    Heartbeat {},
}

/// How things stand when a reader begins.
#[derive(Serialize, ToSchema)]
pub(super) struct Picture {
    /// Agents.
    pub(super) agents: Vec<AgentRow>,
    /// Queues.
    pub(super) queues: Vec<QueueRow>,
    /// Callers who wait.
    pub(super) waiting: Vec<WaitingRow>,
    /// Calls that are up.
    pub(super) calls: Vec<LiveCallRow>,
    /// The call that the reader, an agent, writes up, once it has ended, as it was then.
    pub(super) written_up: Option<LiveCallRow>,
    /// For supervisors: what is wrong with the server.
    pub(super) alarms: Vec<AlarmRow>,
    /// Whether the facts that were missed came before this.
    pub(super) resumed: bool,
}

/// A queue and who waits in it.
#[derive(Serialize, ToSchema)]
pub(super) struct Line {
    /// The queue.
    pub(super) queue: QueueRow,
    /// The callers who wait, next first, 100 at most.
    pub(super) waiting: Vec<WaitingRow>,
}

/// A call whose record was written.
#[derive(Serialize, ToSchema)]
pub(super) struct Saved {
    /// The call.
    #[schema(value_type = String, format = Uuid)]
    pub(super) call: CallId,
}

/// An abandoned call that stands otherwise.
#[derive(Serialize, ToSchema)]
pub(super) struct Abandoned {
    /// The call.
    #[schema(value_type = String, format = Uuid)]
    pub(super) call: CallId,
    /// Short name of the queue that was left.
    pub(super) queue: Option<String>,
}
