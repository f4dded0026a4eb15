//! `POST /agents/{id}/resume`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};

use super::of::{ordered, row};
use crate::{
    api::{Api, Problem, SignedIn, me::refused::refused},
    live::row::AgentRow,
};

/// A supervisor ends an agent's pause.
#[utoipa::path(
    post,
    path = "/agents/{id}/resume",
    operation_id = "resume_agent",
    tag = "agents",
    params(("id" = String, Path, description = "Id of the agent.")),
    responses(
        (status = 200, description = "Back at work.", body = AgentRow),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such agent.", body = Problem),
        (status = 409, description = "The agent is not paused, or not logged in.", body = Problem),
    )
)]
pub(in crate::api) async fn resume(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<AgentRow>, Problem> {
    let agent = ordered(&api, &signed_in, id)?;
    api.around.acd.resume(agent).await.map_err(refused)?;
    Ok(Json(row(&api, agent).await?))
}
