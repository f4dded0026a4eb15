//! `POST /agents/{id}/log-out`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_acd::Taken;
use carillon_model::EndedBy;
use carillon_store::session;

use super::of::{ordered, row};
use crate::{
    api::{Api, Problem, SignedIn, me::refused::refused},
    live::row::AgentRow,
};

/// A supervisor logs an agent out: the sessions end, the phone is free. An agent at work keeps desk and phone until call and wrap-up are
/// over, is logged out then, and may choose a phone again.
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
    let logged_out = api.around.acd.log_out(agent, EndedBy::Supervisor).await;
    if logged_out != Ok(Taken::AfterWork) {
        let mut write = api.db.write().await?;
        let ended = session::delete_of_user(&mut write, agent.into()).await?;
        write.commit().await?;
        // A page that hears of it may have asked for its telephone once more while its session was there.
        if ended > 0 {
            let _ = api.around.acd.log_out(agent, EndedBy::Supervisor).await;
        }
        api.live.close_user(agent.into());
        // Asked again after the database had refused: the log-out was done before, the sessions are ended now.
        if ended == 0 {
            logged_out.map_err(refused)?;
        }
    }
    Ok(Json(row(&api, agent).await?))
}
