//! A recording as lists show it.

use carillon_model::CallKind;
use carillon_store::recording::Recording;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dispatch::Snapshot;

/// A recording.
#[derive(Serialize, ToSchema)]
pub struct RecordingRow {
    /// Id.
    #[schema(value_type = String, format = Uuid)]
    id: carillon_model::RecordingId,
    /// The call.
    #[schema(value_type = String, format = Uuid)]
    call: carillon_model::CallId,
    /// What the call was.
    #[schema(value_type = String)]
    kind: CallKind,
    /// Who called.
    caller: String,
    /// What was dialled.
    called: String,
    /// The party really talked to.
    connected: Option<String>,
    /// Short name of the queue.
    queue: Option<String>,
    /// Login of the agent.
    agent: Option<String>,
    /// That agent's name.
    agent_name: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When it was told to end: the end of the recording span.
    #[schema(value_type = Option<String>, format = DateTime)]
    stopped_at: Option<Timestamp>,
    /// Milliseconds of audio in the file, once it is closed.
    length_ms: Option<u64>,
    /// Bytes of the file, once it is closed.
    bytes: Option<u64>,
    /// Milliseconds that could not be written and stand as silence.
    gap_ms: Option<u64>,
    /// What went wrong with the file.
    error: Option<String>,
    /// Rating given by a supervisor or an administrator.
    rating: Option<u32>,
}

impl RecordingRow {
    /// A stored recording with names in place of ids; `supervises`: whoever reads it does.
    pub(super) fn of(recording: &Recording, directory: &Snapshot, supervises: bool) -> Self {
        let closed = recording.file_closed.as_ref();
        Self {
            id: recording.id,
            call: recording.call,
            kind: recording.kind,
            caller: recording.caller.as_str().to_owned(),
            called: recording.called.as_str().to_owned(),
            connected: recording.connected.as_ref().map(|number| number.as_str().to_owned()),
            queue: recording.queue.and_then(|queue| directory.queues.get(&queue)).map(|queue| queue.name.clone()),
            agent_name: recording.agent.and_then(|agent| directory.name_of(agent.into(), supervises)),
            agent: recording.agent.and_then(|agent| directory.users.get(&agent.into())).map(|user| user.login.clone()),
            started_at: recording.started_at,
            stopped_at: recording.stopped_at,
            length_ms: closed.map(|closed| closed.length_ms),
            bytes: closed.map(|closed| closed.bytes),
            gap_ms: closed.map(|closed| closed.gap_ms),
            error: closed.and_then(|closed| closed.error.clone()),
            rating: recording.rating,
        }
    }
}
