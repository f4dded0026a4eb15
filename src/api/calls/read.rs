//! `GET /calls/{id}`

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::{CallId, Entry, Fact, LegId, LegRole};
use carillon_store::{call, fact};
use serde::Serialize;
use utoipa::ToSchema;

use super::row::CallRow;
use crate::api::{Api, Problem, SignedIn};

/// A call with all that happened in it.
#[derive(Serialize, ToSchema)]
pub struct CallDetails {
    /// What lists show.
    #[serde(flatten)]
    call: CallRow,
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
    let directory = api.around.directory.read();
    Ok(Json(CallDetails { call: CallRow::of(&record, &directory), record: whole, timeline }))
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
