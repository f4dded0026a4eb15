//! `GET /pauses/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::PauseReason;

use super::settings::PauseSettings;
use crate::api::{Api, Kept, Problem, SignedIn, kept::kept};

/// A reason for a pause as it is set up.
#[utoipa::path(
    get,
    path = "/pauses/{id}",
    operation_id = "read_pause_reason",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the pause.")),
    responses(
        (status = 200, description = "The settings.", body = Kept<PauseSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such pause.", body = Problem),
    )
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<Kept<PauseSettings>>, Problem> {
    signed_in.administers()?;
    Ok(Json(kept::<PauseReason>(&api, id?.0).await?))
}
