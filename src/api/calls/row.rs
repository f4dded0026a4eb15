//! A call as lists show it.

use carillon_model::{CallKind, DispositionId, EndedBy, Reason};
use carillon_store::call::CallRecord;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dispatch::Snapshot;

/// A call.
#[derive(Serialize, ToSchema)]
pub struct CallRow {
    /// Id.
    #[schema(value_type = String, format = Uuid)]
    id: carillon_model::CallId,
    /// Short number people use for it.
    number: u64,
    /// `inbound`, `outbound`, `internal`, `dialer` or `service`.
    #[schema(value_type = String)]
    kind: CallKind,
    /// Who called.
    caller: String,
    /// The caller's display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    caller_name: Option<String>,
    /// What was dialled.
    called: String,
    /// The party really talked to.
    connected: Option<String>,
    /// Short name of the queue it came through.
    queue: Option<String>,
    /// Login of the agent who talked, the first if several; of a call that reached nobody, who made it.
    agent: Option<String>,
    /// That agent's name.
    agent_name: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When the caller first talked to somebody.
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
    /// When it ended; absent while it is up.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Milliseconds in queues.
    wait_ms: u64,
    /// Milliseconds of ringing.
    ring_ms: u64,
    /// Milliseconds of talk.
    talk_ms: u64,
    /// Who ended it.
    #[schema(value_type = Option<String>)]
    ended_by: Option<EndedBy>,
    /// Why it ended.
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
    /// How it was classed: the name of the lowest level.
    disposition: Option<String>,
    /// The names of all levels, the first first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disposition_names: Vec<String>,
    /// The ids of all levels, the first first.
    #[schema(value_type = Vec<String>)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disposition_path: Vec<DispositionId>,
    /// What was written about it.
    note: Option<String>,
    /// When it was classed.
    #[schema(value_type = Option<String>, format = DateTime)]
    disposed_at: Option<Timestamp>,
    /// Its recording.
    #[schema(value_type = Option<String>, format = Uuid)]
    recording: Option<carillon_model::RecordingId>,
}

impl CallRow {
    /// A stored record with names in place of ids; `supervises`: whoever reads it does.
    pub(super) fn of(record: &CallRecord, directory: &Snapshot, supervises: bool) -> Self {
        let disposed = record.disposition.as_ref();
        Self {
            id: record.id,
            number: record.number,
            kind: record.kind,
            caller: record.caller.as_str().to_owned(),
            caller_name: record.caller_name.as_ref().map(|name| name.as_str().to_owned()),
            called: record.called.as_str().to_owned(),
            connected: record.connected.as_ref().map(|number| number.as_str().to_owned()),
            queue: record.queue.and_then(|queue| directory.queues.get(&queue)).map(|queue| queue.name.clone()),
            agent_name: record.agent.and_then(|agent| directory.name_of(agent.into(), supervises)),
            agent: record.agent.and_then(|agent| directory.users.get(&agent.into())).map(|user| user.login.clone()),
            started_at: record.started_at,
            answered_at: record.answered_at,
            ended_at: record.ended_at,
            wait_ms: record.wait_ms,
            ring_ms: record.ring_ms,
            talk_ms: record.talk_ms,
            ended_by: record.ending.map(|ending| ending.by),
            reason: record.ending.map(|ending| ending.reason),
            disposition: disposed.and_then(|disposed| disposed.names.last().cloned()),
            disposition_names: disposed.map(|disposed| disposed.names.clone()).unwrap_or_default(),
            disposition_path: disposed.map(|disposed| disposed.path.clone()).unwrap_or_default(),
            note: disposed.and_then(|disposed| disposed.note.as_ref()).map(|note| note.as_str().to_owned()),
            disposed_at: disposed.map(|disposed| disposed.at),
            recording: record.recording,
        }
    }
}
