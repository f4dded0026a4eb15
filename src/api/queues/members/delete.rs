//! `DELETE /queues/{id}/members/{agent}`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::{AgentId, QueueId};
use carillon_store::membership;

use crate::api::{Api, Problem, SignedIn};

/// Takes an agent out of a queue, at once; a call the agent is on goes on.
#[utoipa::path(
    delete,
    path = "/queues/{id}/members/{agent}",
    operation_id = "delete_member",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the queue."), ("agent" = String, Path, description = "Id of the agent.")),
    responses(
        (status = 204, description = "Out of it."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "The agent is not in this queue.", body = Problem),
    )
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    ids: Result<Path<(uuid::Uuid, uuid::Uuid)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let Path((queue, agent)) = ids?;
    let mut write = api.write(&signed_in).await?;
    if !membership::delete(&mut write, QueueId::new(queue), AgentId::new(agent)).await? {
        return Err(Problem::not_found("member"));
    }
    write.commit().await?;
    api.setup_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
