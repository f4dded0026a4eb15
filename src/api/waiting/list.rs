//! `GET /waiting`

use std::sync::Arc;

use axum::{Json, extract::State};

use crate::{
    api::{Api, Problem, SignedIn},
    live::row::WaitingRow,
};

/// Callers who wait, in the order of service; an agent sees those of the queues the agent works in.
#[utoipa::path(
    get,
    path = "/waiting",
    operation_id = "list_waiting",
    tag = "queues",
    responses((status = 200, description = "Next first, within each queue.", body = Vec<WaitingRow>), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Json<Vec<WaitingRow>> {
    let view = api.around.acd.view().await;
    api.live.reaches(api.around.journal.last()).await;
    let directory = api.around.directory.read();
    let visible = directory.queues_seen_by(signed_in.sees_only());
    let seen = view.waiting.iter().filter(|view| visible.contains(&view.queue));
    Json(seen.filter_map(|view| WaitingRow::of(view, api.live.caller(view.call)?, &directory)).collect())
}
