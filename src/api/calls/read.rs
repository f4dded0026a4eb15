//! `GET /calls/{id}`

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::{AgentId, CallId, Entry, Fact, LegId, LegRole, Origin};
use carillon_store::{call, fact};
use serde::Serialize;
use utoipa::ToSchema;

use super::{dispose::dispositions_of, row::CallRow};
use crate::{
    api::{Api, Problem, SignedIn},
    dispatch::Snapshot,
};

/// A call with all that happened in it.
#[derive(Serialize, ToSchema)]
pub struct CallDetails {
    /// What lists show.
    #[serde(flatten)]
    call: CallRow,
    /// Short name of the queue whose dispositions the reader may give it; absent: those of any queue alone.
    dispositions_of: Option<String>,
    /// What people call the agents, telephones, queues and trunks that the timeline names by id, and the queues it was given on to, by short
    /// name.
    names: BTreeMap<String, String>,
    /// The whole record: legs, waits, offers, recordings, with who and why of every ending.
    #[schema(value_type = Object)]
    record: serde_json::Value,
    /// The facts it was made from, in order.
    #[schema(value_type = Vec<Object>)]
    timeline: Vec<carillon_model::Entry>,
}

/// A call with all that happened in it. An agent may read the calls the agent answered.
#[utoipa::path(
    get,
    path = "/calls/{id}",
    operation_id = "read_call",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses((status = 200, description = "The call.", body = CallDetails), (status = 404, description = "No such call, or not yours.", body = Problem))
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<CallDetails>, Problem> {
    let id = CallId::new(id?.0);
    visible(&api, &signed_in, id).await?;
    let record = call::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("call"))?;
    let mut timeline = fact::of_call(&api.db, id).await?;
    let mut whole: serde_json::Value = serde_json::from_str(&record.body).unwrap_or_default();
    if signed_in.sees_only().is_some() {
        without_supervisors(&mut timeline, &mut whole);
    }
    let queue = dispositions_of(&api, &signed_in, &record).await?;
    let directory = api.around.directory.read();
    let dispositions_of = queue.and_then(|queue| directory.queues.get(&queue)).map(|queue| queue.name.clone());
    let supervises = signed_in.sees_only().is_none();
    let names = names(&timeline, &directory, supervises);
    Ok(Json(CallDetails { call: CallRow::of(&record, &directory, supervises), dispositions_of, names, record: whole, timeline }))
}

/// What people call whom and what these facts name.
fn names(timeline: &[Entry], directory: &Snapshot, supervises: bool) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut agent = |id: &AgentId| {
        names.extend(directory.name_of((*id).into(), supervises).map(|name| (id.to_string(), name)));
    };
    for entry in timeline {
        match &entry.fact {
            Fact::LegStarted { agent: Some(id), .. }
            | Fact::OfferCreated { agent: id, .. }
            | Fact::OfferEnded { agent: id, .. }
            | Fact::RecordingPaused { agent: id, .. }
            | Fact::RecordingResumed { agent: id, .. }
            | Fact::AgentStateChanged { agent: id, .. } => agent(id),
            Fact::CallSupervised { supervisor, .. } => agent(&(*supervisor).into()),
            Fact::CallDisposed { disposed, .. } => agent(&disposed.by.into()),
            _ => {}
        }
    }
    for entry in timeline {
        let (phone, trunk, queue) = match &entry.fact {
            Fact::LegStarted { phone, trunk, .. } => (*phone, *trunk, None),
            Fact::CallStarted { origin: Origin::Trunk(trunk), .. } => (None, Some(*trunk), None),
            Fact::CallStarted { origin: Origin::Phone(phone), .. } => (Some(*phone), None, None),
            Fact::OfferCreated { phone, queue, .. } => (Some(*phone), None, Some(*queue)),
            Fact::CallQueued { queue, .. } | Fact::CallDequeued { queue, .. } => (None, None, Some(*queue)),
            Fact::CallTransferred { to, .. } => {
                let queue = directory.queues.values().find(|queue| queue.name == to.as_str());
                names.extend(queue.map(|queue| (queue.name.clone(), queue.label.clone())));
                continue;
            }
            _ => continue,
        };
        names.extend(phone.and_then(|id| Some((id.to_string(), directory.phones.get(&id)?.name.clone()))));
        names.extend(trunk.and_then(|id| Some((id.to_string(), directory.trunks.get(&id)?.name.clone()))));
        names.extend(queue.and_then(|id| Some((id.to_string(), directory.queues.get(&id)?.label.clone()))));
    }
    names
}

/// Who heard the call beside its agent is for supervisors.
fn without_supervisors(timeline: &mut Vec<Entry>, record: &mut serde_json::Value) {
    let began = |entry: &Entry| match entry.fact {
        Fact::LegStarted { leg, role: LegRole::Supervisor, .. } => Some(leg),
        _ => None,
    };
    let theirs: BTreeSet<LegId> = timeline.iter().filter_map(began).collect();
    timeline.retain(|entry| match &entry.fact {
        Fact::LegStarted { leg, .. } | Fact::LegRinging { leg, .. } | Fact::LegAnswered { leg, .. } | Fact::LegEnded { leg, .. } => {
            !theirs.contains(leg)
        }
        Fact::CallSupervised { .. } => false,
        _ => true,
    });
    if let Some(legs) = record["legs"].as_array_mut() {
        legs.retain(|leg| leg["role"] != "supervisor");
    }
}

/// Somebody else's call is no different from one that does not exist.
pub(in crate::api) async fn visible(api: &Api, signed_in: &SignedIn, id: CallId) -> Result<(), Problem> {
    match signed_in.sees_only() {
        Some(agent) if !call::is_of_agent(&api.db, id, agent).await? => Err(Problem::not_found("call")),
        _ => Ok(()),
    }
}
