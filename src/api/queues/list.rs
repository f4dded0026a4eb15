//! `GET /queues`

use std::sync::Arc;

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, Problem, SignedIn};

/// A queue and how it stands.
#[derive(Serialize, ToSchema)]
pub struct QueueRow {
    /// Short name.
    name: String,
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

/// Queues and how they stand; an agent sees the queues the agent works in.
#[utoipa::path(
    get,
    path = "/queues",
    tag = "queues",
    responses((status = 200, description = "By name.", body = Vec<QueueRow>), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Json<Vec<QueueRow>> {
    let view = api.around.acd.view().await;
    let directory = api.around.directory.read();
    let visible = directory.queues_seen_by(signed_in.sees_only());
    let mut rows: Vec<QueueRow> = view
        .queues
        .iter()
        .filter_map(|view| {
            let queue = directory.queues.get(&view.queue).filter(|queue| visible.contains(&queue.id))?;
            let of = view.agents;
            Some(QueueRow {
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
        })
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Json(rows)
}
