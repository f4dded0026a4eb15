//! `PUT /queues/{id}/members/{agent}`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::{AgentId, Membership, QueueId};
use carillon_store::{membership, queue, user};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::{Api, Body, Problem, SignedIn};

/// How an agent works in a queue.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// 1 is asked first; agents of the next number only when nobody of this one is free.
    #[schema(example = 1)]
    priority: u32,
}

/// Puts an agent into a queue, or changes the priority there, at once.
#[utoipa::path(
    put,
    path = "/queues/{id}/members/{agent}",
    operation_id = "save_member",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the queue."), ("agent" = String, Path, description = "Id of the agent.")),
    request_body = Place,
    responses(
        (status = 204, description = "So it is."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such queue or agent.", body = Problem),
        (status = 422, description = "Priority 0.", body = Problem),
    )
)]
pub(in crate::api) async fn save(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    ids: Result<Path<(uuid::Uuid, uuid::Uuid)>, PathRejection>,
    Body(place): Body<Place>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let Path((queue, agent)) = ids?;
    let (queue, agent) = (QueueId::new(queue), AgentId::new(agent));
    if place.priority == 0 {
        return Err(Problem::invalid("priority", "1 is asked first; 0 is none."));
    }
    let mut write = api.write(&signed_in).await?;
    queue::get(&mut write, queue).await?.ok_or_else(|| Problem::not_found("queue"))?;
    let user = user::get(&mut write, agent.into()).await?;
    user.and_then(|user| user.entity.agent).ok_or_else(|| Problem::not_found("agent"))?;
    membership::save(&mut write, &Membership { queue, agent, priority: place.priority }, Timestamp::now()).await?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
