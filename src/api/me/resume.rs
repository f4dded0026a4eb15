//! `POST /me/resume`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{read::Me, refused::refused};
use crate::api::{Api, Problem, SignedIn};

/// Ends the agent's pause in every queue.
#[utoipa::path(
    post,
    path = "/me/resume",
    operation_id = "resume",
    tag = "agents",
    responses(
        (status = 200, description = "Back at work.", body = Me),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 409, description = "`use_the_phone`: an agent of typology phonebar does this on the telephone. Not paused, or not logged in.", body = Problem),
    )
)]
pub(in crate::api) async fn resume(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Me>, Problem> {
    let (agent, _) = signed_in.agent()?;
    signed_in.works_the_phone()?;
    api.around.acd.resume(agent).await.map_err(refused)?;
    api.live.touch();
    Ok(Json(Me::of(&api, &signed_in).await?))
}
