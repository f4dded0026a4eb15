//! `GET /waiting`

use std::{sync::Arc, time::Instant};

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, Problem, SignedIn};

/// A caller who waits.
#[derive(Serialize, ToSchema)]
pub struct WaitingRow {
    /// The call.
    #[schema(value_type = String, format = Uuid)]
    call: carillon_model::CallId,
    /// Short name of the queue.
    queue: String,
    /// 1 is next in this queue.
    position: u32,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// For how long, milliseconds.
    waited_ms: u64,
    /// Logins of the agents being rung for this caller.
    offered_to: Vec<String>,
}

/// Callers who wait, in the order of service; an agent sees those of the queues the agent works in.
#[utoipa::path(
    get,
    path = "/waiting",
    tag = "queues",
    responses((status = 200, description = "Next first, within each queue.", body = Vec<WaitingRow>), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Json<Vec<WaitingRow>> {
    let view = api.around.acd.view().await;
    let directory = api.around.directory.read();
    let visible = directory.queues_seen_by(signed_in.sees_only());
    let now = Instant::now();
    let rows = view.waiting.iter().filter_map(|waiting| {
        let queue = directory.queues.get(&waiting.queue).filter(|queue| visible.contains(&queue.id))?;
        let waited = now.saturating_duration_since(waiting.since.mono).as_millis();
        Some(WaitingRow {
            call: waiting.call,
            queue: queue.name.clone(),
            position: waiting.position,
            since: waiting.since.wall,
            waited_ms: u64::try_from(waited).unwrap_or(u64::MAX),
            offered_to: waiting.offered_to.iter().filter_map(|agent| Some(directory.users.get(&(*agent).into())?.login.clone())).collect(),
        })
    });
    Json(rows.collect())
}
