//! `POST /agents/{id}/log-out`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::EndedBy;
use carillon_store::session;

use super::of::{ordered, row};
use crate::{
    api::{Api, Problem, SignedIn, me::refused::refused},
    live::row::AgentRow,
};

/// A supervisor logs an agent out, after the call if there is one. The agent's sessions end; the phone is free.
#[utoipa::path(
    post,
    path = "/agents/{id}/log-out",
    operation_id = "log_out_agent",
    tag = "agents",
    params(("id" = String, Path, description = "Id of the agent.")),
    responses(
        (status = 200, description = "Logged out, or about to be.", body = AgentRow),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such agent.", body = Problem),
        (status = 409, description = "The agent is not logged in.", body = Problem),
    )
)]
pub(in crate::api) async fn log_out(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<AgentRow>, Problem> {
    let agent = ordered(&api, &signed_in, id)?;
    api.around.acd.log_out(agent, EndedBy::Supervisor).await.map_err(refused)?;
    let mut write = api.db.write().await?;
    session::delete_of_user(&mut write, agent.into()).await?;
    write.commit().await?;
    api.live.close_user(agent.into());
    Ok(Json(row(&api, agent).await?))
}
