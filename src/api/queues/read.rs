//! `GET /queues/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::Queue;

use super::settings::QueueSettings;
use crate::api::{Api, Kept, Problem, SignedIn, kept::kept};

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
    Ok(Json(kept::<Queue>(&api, id?.0).await?))
}
