//! `PUT /pauses/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::PauseReason;

use super::settings::PauseSettings;
use crate::api::{Api, Body, Change, Changed, Kept, Problem, SignedIn, kept};

/// Changes a reason for a pause, at once. What is left out stays as it is.
#[utoipa::path(
    put,
    path = "/pauses/{id}",
    operation_id = "update_pause_reason",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the pause.")),
    request_body = Changed<PauseSettings>,
    responses(
        (status = 200, description = "As it is now.", body = Kept<PauseSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such pause.", body = Problem),
        (status = 409, description = "`stale`: read it again. `taken`: another one has this name, number or address.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(change): Body<Change>,
) -> Result<Json<Kept<PauseSettings>>, Problem> {
    kept::update::<PauseReason>(&api, &signed_in, id, change).await
}
