//! An abandoned call as the list shows it, and who may see it.

use carillon_model::{AgentId, CallId, DispositionId, Part, Reason};
use carillon_store::abandoned_call::{self, AbandonedCall, Redial};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Problem, SignedIn},
    dispatch::Snapshot,
};

/// An abandoned call.
#[derive(Serialize, ToSchema)]
pub struct AbandonedRow {
    /// Id of the call.
    #[schema(value_type = String, format = Uuid)]
    id: CallId,
    /// Its short number.
    number: u64,
    /// The caller's number.
    phone: String,
    /// The caller's display name.
    name: Option<String>,
    /// Short name of the queue that was left.
    queue: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    abandoned_at: Timestamp,
    /// Whether somebody has reserved it: nobody else can do anything with it.
    reserved: bool,
    /// Who has; absent also where it is somebody who is not here any more.
    reserved_by: Option<Colleague>,
    /// Who reserved it last.
    assigned_to: Option<Colleague>,
    /// The newest attempt to call back.
    redial: Option<RedialRow>,
    /// Id of the call by which the caller was served afterwards.
    #[schema(value_type = Option<String>, format = Uuid)]
    served_by: Option<CallId>,
    /// How it was classed: the name of the lowest level.
    disposition: Option<String>,
    /// The names of all levels, the first first.
    disposition_names: Vec<String>,
    /// The ids of all levels, the first first.
    #[schema(value_type = Vec<String>)]
    disposition_path: Vec<DispositionId>,
    /// What was written about it.
    note: Option<String>,
}

/// An agent as the others know them.
#[derive(Serialize, ToSchema)]
pub struct Colleague {
    /// Login name.
    login: String,
    /// Name shown to colleagues.
    pub(super) name: String,
}

/// An attempt to call back.
#[derive(Serialize, ToSchema)]
pub struct RedialRow {
    /// Id of the call.
    #[schema(value_type = String, format = Uuid)]
    call: CallId,
    /// When it began.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// Whether the caller of before answered.
    answered: bool,
    /// Why it ended; absent while it is up.
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
}

impl AbandonedRow {
    /// With names in place of ids.
    pub(super) fn of(call: &AbandonedCall, directory: &Snapshot) -> Self {
        let redial = |redial: &Redial| RedialRow {
            call: redial.call,
            started_at: redial.started_at,
            answered: redial.answered_at.is_some(),
            reason: redial.reason,
        };
        let disposed = call.disposition.as_ref();
        Self {
            id: call.call,
            number: call.number,
            phone: call.caller.as_str().to_owned(),
            name: call.caller_name.as_ref().map(|name| name.as_str().to_owned()),
            queue: directory.queues.get(&call.queue).map(|queue| queue.name.clone()),
            abandoned_at: call.abandoned_at,
            reserved: call.reserved_by.is_some(),
            reserved_by: call.reserved_by.and_then(|agent| Colleague::of(agent, directory)),
            assigned_to: call.assigned_to.and_then(|agent| Colleague::of(agent, directory)),
            redial: call.redial.as_ref().map(redial),
            served_by: call.served_by,
            disposition: disposed.and_then(|disposed| disposed.names.last().cloned()),
            disposition_names: disposed.map(|disposed| disposed.names.clone()).unwrap_or_default(),
            disposition_path: disposed.map(|disposed| disposed.path.clone()).unwrap_or_default(),
            note: disposed.and_then(|disposed| disposed.note.as_ref()).map(|note| note.as_str().to_owned()),
        }
    }
}

impl Colleague {
    /// `None`: the user is gone.
    pub(super) fn of(agent: AgentId, directory: &Snapshot) -> Option<Self> {
        directory.users.get(&agent.into()).map(|user| Self { login: user.login.clone(), name: user.known_as().to_owned() })
    }
}

/// An abandoned call, for those who may see its queue. Another queue's is no different from one that does not exist.
pub(in crate::api) async fn seen(api: &Api, signed_in: &SignedIn, id: CallId) -> Result<AbandonedCall, Problem> {
    signed_in.is_shown(Part::AbandonedCalls)?;
    let missing = || Problem::not_found("abandoned call");
    let found = abandoned_call::get(&api.db, id).await?.ok_or_else(missing)?;
    let only = signed_in.sees_only();
    let seen = only.is_none() || api.around.directory.read().queues_seen_by(only).contains(&found.queue);
    seen.then_some(found).ok_or_else(missing)
}
