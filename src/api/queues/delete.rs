//! `DELETE /queues/{id}`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::QueueId;
use carillon_store::queue;

use crate::api::{Api, Problem, SignedIn, kept::Named};

/// Removes a queue. Its memberships go with it; call records stay.
#[utoipa::path(
    delete,
    path = "/queues/{id}",
    operation_id = "delete_queue",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the queue.")),
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such queue.", body = Problem),
        (status = 409, description = "`in_use`: something still names it.", body = Problem),
    )
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let id = QueueId::new(id?.0);
    let missing = || Problem::not_found("queue");
    let before = queue::get(&api.db, id).await?.ok_or_else(missing)?;
    api.may_lose_name(Named::Queue, &before.entity.name)?;
    let mut write = api.write(&signed_in).await?;
    if !queue::delete(&mut write, id).await? {
        return Err(missing());
    }
    write.commit().await?;
    api.setup_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
