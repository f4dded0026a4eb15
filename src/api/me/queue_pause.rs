//! `POST /me/queues/{queue}/pause` and `/resume`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::{Part, QueueId};

use super::{
    pause::{PauseChoice, chosen},
    read::Me,
    refused::refused,
};
use crate::api::{Api, Body, Problem, SignedIn};

/// Pauses the agent in one of the own queues, who stays open for the others; or changes the reason. It holds at once for whoever is not rung
/// yet. Pausing in the last open queue is a pause as any other.
#[utoipa::path(
    post,
    path = "/me/queues/{queue}/pause",
    operation_id = "pause_in_queue",
    tag = "agents",
    params(("queue" = String, Path, description = "Short name of the queue.")),
    request_body = PauseChoice,
    responses(
        (status = 200, description = "Paused there.", body = Me),
        (status = 403, description = "Not an agent. `not_shown`: you may not pause.", body = Problem),
        (status = 404, description = "No such queue.", body = Problem),
        (status = 409, description = "`use_the_phone`: an agent of typology phonebar does this on the telephone. `not_in_queue`: you do not work there. Not logged in with a phone.", body = Problem),
        (status = 422, description = "No such reason.", body = Problem),
    )
)]
pub(in crate::api) async fn pause(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    queue: Result<Path<String>, PathRejection>,
    Body(choice): Body<PauseChoice>,
) -> Result<Json<Me>, Problem> {
    let (agent, _) = signed_in.agent()?;
    signed_in.works_the_phone()?;
    signed_in.is_shown(Part::Pause)?;
    let queue = named(&api, queue)?;
    let reason = chosen(&api, &choice)?;
    api.around.acd.pause_in(agent, queue, reason).await.map_err(refused)?;
    api.live.touch();
    Ok(Json(Me::of(&api, &signed_in).await?))
}

/// The agent takes calls from that queue again. A pause of all queues stands.
#[utoipa::path(
    post,
    path = "/me/queues/{queue}/resume",
    operation_id = "resume_in_queue",
    tag = "agents",
    params(("queue" = String, Path, description = "Short name of the queue.")),
    responses(
        (status = 200, description = "Open for it.", body = Me),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 404, description = "No such queue.", body = Problem),
        (status = 409, description = "`use_the_phone`: an agent of typology phonebar does this on the telephone. Not paused there, or not logged in.", body = Problem),
    )
)]
pub(in crate::api) async fn resume(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    queue: Result<Path<String>, PathRejection>,
) -> Result<Json<Me>, Problem> {
    let (agent, _) = signed_in.agent()?;
    signed_in.works_the_phone()?;
    let queue = named(&api, queue)?;
    api.around.acd.resume_in(agent, queue).await.map_err(refused)?;
    api.live.touch();
    Ok(Json(Me::of(&api, &signed_in).await?))
}

/// The queue of a path, by its short name.
pub(in crate::api) fn named(api: &Api, name: Result<Path<String>, PathRejection>) -> Result<QueueId, Problem> {
    let name = name?.0;
    let directory = api.around.directory.read();
    directory.queues.values().find(|queue| queue.name == name).map(|queue| queue.id).ok_or_else(|| Problem::not_found("queue"))
}
