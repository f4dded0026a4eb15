//! `GET /queues`

use std::sync::Arc;

use axum::{Json, extract::State};

use crate::{
    api::{Api, Problem, SignedIn},
    live::row::QueueRow,
};

/// Queues and how they stand; an agent sees the queues the agent works in.
#[utoipa::path(
    get,
    path = "/queues",
    operation_id = "list_queues",
    tag = "queues",
    responses((status = 200, description = "By name.", body = Vec<QueueRow>), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Json<Vec<QueueRow>> {
    let view = api.around.acd.view().await;
    let directory = api.around.directory.read();
    let visible = directory.queues_seen_by(signed_in.sees_only());
    let seen = view.queues.iter().filter(|view| visible.contains(&view.queue));
    let mut rows: Vec<QueueRow> = seen.filter_map(|view| QueueRow::of(view, &directory)).collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Json(rows)
}
