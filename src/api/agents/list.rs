//! `GET /agents`

use std::sync::Arc;

use axum::{Json, extract::State};

use crate::{
    api::{Api, Problem, SignedIn},
    live::row::AgentRow,
};

/// Every agent and what each is doing, by login.
#[utoipa::path(
    get,
    path = "/agents",
    operation_id = "list_agents",
    tag = "agents",
    responses((status = 200, description = "By login.", body = Vec<AgentRow>), (status = 403, description = "For supervisors.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Vec<AgentRow>>, Problem> {
    signed_in.supervises()?;
    let view = api.around.acd.view().await;
    let directory = api.around.directory.read();
    let mut rows: Vec<AgentRow> = view.agents.iter().filter_map(|agent| AgentRow::of(agent, &directory)).collect();
    rows.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(Json(rows))
}
