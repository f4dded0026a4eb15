//! `PUT /queues/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::Queue;

use super::settings::QueueSettings;
use crate::api::{Api, Body, Change, Changed, Kept, Problem, SignedIn, kept};

/// Changes a queue, at once. What is left out stays as it is.
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
    Body(change): Body<Change>,
) -> Result<Json<Kept<QueueSettings>>, Problem> {
    kept::update::<Queue>(&api, &signed_in, id, change).await
}
