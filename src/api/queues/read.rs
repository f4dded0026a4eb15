//! `GET /queues/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::QueueId;
use carillon_store::queue;

use super::settings::QueueSettings;
use crate::api::{Api, Kept, Problem, SignedIn};

/// A queue as it is set up.
#[utoipa::path(
    get,
    path = "/queues/{id}",
    operation_id = "read_queue",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the queue.")),
    responses(
        (status = 200, description = "The settings.", body = Kept<QueueSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such queue.", body = Problem),
    )
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<Kept<QueueSettings>>, Problem> {
    signed_in.administers()?;
    Ok(Json(kept(&api, QueueId::new(id?.0)).await?))
}

/// The queue as it is stored now.
pub(super) async fn kept(api: &Api, id: QueueId) -> Result<Kept<QueueSettings>, Problem> {
    let stored = queue::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("queue"))?;
    Ok(Kept::of(id.uuid(), &stored, QueueSettings::of))
}
