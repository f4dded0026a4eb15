//! `POST /agents/{id}/pause`

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
            refused::refused,
        },
    },
    live::row::AgentRow,
};

/// A supervisor pauses an agent; during an offer, a call or wrap-up the pause begins when that is over.
#[utoipa::path(
    post,
    path = "/agents/{id}/pause",
    operation_id = "pause_agent",
    tag = "agents",
    params(("id" = String, Path, description = "Id of the agent.")),
    request_body = PauseChoice,
    responses(
        (status = 200, description = "Paused, or about to be.", body = AgentRow),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such agent.", body = Problem),
        (status = 409, description = "The agent is not logged in.", body = Problem),
        (status = 422, description = "No such reason.", body = Problem),
    )
)]
pub(in crate::api) async fn pause(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(choice): Body<PauseChoice>,
) -> Result<Json<AgentRow>, Problem> {
    let agent = ordered(&api, &signed_in, id)?;
    let reason = chosen(&api, &choice)?;
    api.around.acd.pause(agent, reason).await.map_err(refused)?;
    Ok(Json(row(&api, agent).await?))
}
