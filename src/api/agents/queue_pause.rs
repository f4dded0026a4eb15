//! `POST /agents/{id}/queues/{queue}/pause` and `/resume`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};

use super::of::{ordered, row};
use crate::{
    api::{
        Api, Body, Problem, SignedIn,
        me::{
            pause::{PauseChoice, chosen},
            queue_pause::named,
            refused::refused,
        },
    },
    live::row::AgentRow,
};

/// A supervisor pauses an agent in one queue; for the others the agent stays open.
#[utoipa::path(
    post,
    path = "/agents/{id}/queues/{queue}/pause",
    operation_id = "pause_agent_in_queue",
    tag = "agents",
    params(("id" = String, Path, description = "Id of the agent."), ("queue" = String, Path, description = "Short name of the queue.")),
    request_body = PauseChoice,
    responses(
        (status = 200, description = "Paused there.", body = AgentRow),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such agent, or no such queue.", body = Problem),
        (status = 409, description = "The agent is not logged in. `not_in_queue`: the agent does not work there.", body = Problem),
        (status = 422, description = "No such reason.", body = Problem),
    )
)]
pub(in crate::api) async fn pause(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    path: Result<Path<(uuid::Uuid, String)>, PathRejection>,
    Body(choice): Body<PauseChoice>,
) -> Result<Json<AgentRow>, Problem> {
    signed_in.supervises()?;
    let Path((agent, queue)) = path?;
    let agent = ordered(&api, &signed_in, Ok(Path(agent)))?;
    let queue = named(&api, Ok(Path(queue)))?;
    let reason = chosen(&api, &choice)?;
    api.around.acd.pause_in(agent, queue, reason).await.map_err(refused)?;
    Ok(Json(row(&api, agent).await?))
}

/// A supervisor lets an agent take calls from that queue again.
#[utoipa::path(
    post,
    path = "/agents/{id}/queues/{queue}/resume",
    operation_id = "resume_agent_in_queue",
    tag = "agents",
    params(("id" = String, Path, description = "Id of the agent."), ("queue" = String, Path, description = "Short name of the queue.")),
    responses(
        (status = 200, description = "Open for it.", body = AgentRow),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such agent, or no such queue.", body = Problem),
        (status = 409, description = "The agent is not paused there, or not logged in.", body = Problem),
    )
)]
pub(in crate::api) async fn resume(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    path: Result<Path<(uuid::Uuid, String)>, PathRejection>,
) -> Result<Json<AgentRow>, Problem> {
    signed_in.supervises()?;
    let Path((agent, queue)) = path?;
    let agent = ordered(&api, &signed_in, Ok(Path(agent)))?;
    let queue = named(&api, Ok(Path(queue)))?;
    api.around.acd.resume_in(agent, queue).await.map_err(refused)?;
    Ok(Json(row(&api, agent).await?))
}
