//! `POST /me/end-wrapup`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{read::Me, refused::refused};
use crate::api::{Api, Problem, SignedIn};

/// Ends the agent's wrap-up before its time.
#[utoipa::path(
    post,
    path = "/me/end-wrapup",
    operation_id = "end_wrapup",
    tag = "agents",
    responses(
        (status = 200, description = "Free for the next call.", body = Me),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 409, description = "Not in wrap-up, or not logged in.", body = Problem),
    )
)]
pub(in crate::api) async fn end_wrapup(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Me>, Problem> {
    let (agent, _) = signed_in.agent()?;
    api.around.acd.end_wrap_up(agent).await.map_err(refused)?;
    Ok(Json(Me::of(&api, &signed_in).await?))
}
