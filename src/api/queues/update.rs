//! `PUT /queues/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::QueueId;
use carillon_store::queue;
use jiff::Timestamp;

use super::{read::kept, settings::QueueSettings};
use crate::api::{
    Api, Body, Changed, Kept, Problem, SignedIn,
    kept::{Named, taken},
};

/// Changes a queue, at once.
#[utoipa::path(
    put,
    path = "/queues/{id}",
    operation_id = "update_queue",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the queue.")),
    request_body = Changed<QueueSettings>,
    responses(
        (status = 200, description = "As it is now.", body = Kept<QueueSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such queue.", body = Problem),
        (status = 409, description = "`stale`: read it again. `taken`: another one has this name, number or address. `in_use`: the dialplan says the old name.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(Changed { version, settings }): Body<Changed<QueueSettings>>,
) -> Result<Json<Kept<QueueSettings>>, Problem> {
    signed_in.administers()?;
    let id = QueueId::new(id?.0);
    let missing = || Problem::not_found("queue");
    let queue = settings.queue(id)?;
    api.check_queue_sounds(&queue)?;
    let before = queue::get(&api.db, id).await?.ok_or_else(missing)?;
    if before.entity.name != queue.name {
        api.may_lose_name(Named::Queue, &before.entity.name)?;
    }
    let mut write = api.write(&signed_in).await?;
    queue::update(&mut write, &queue, version, Timestamp::now()).await.map_err(taken("name"))?.ok_or_else(missing)?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok(Json(kept(&api, id).await?))
}
