//! `PUT /dispositions/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::Disposition;

use super::settings::DispositionSettings;
use crate::api::{Api, Body, Change, Changed, Kept, Problem, SignedIn, kept};

/// Changes a disposition, at once. It stays below the one it is below; calls that were given it keep the name it had. What is left out stays as it is.
#[utoipa::path(
    put,
    path = "/dispositions/{id}",
    operation_id = "update_disposition",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the disposition.")),
    request_body = Changed<DispositionSettings>,
    responses(
        (status = 200, description = "As it is now.", body = Kept<DispositionSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such disposition.", body = Problem),
        (status = 409, description = "`stale`: read it again. `taken`: another one below the same one has this name.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(change): Body<Change>,
) -> Result<Json<Kept<DispositionSettings>>, Problem> {
    kept::update::<Disposition>(&api, &signed_in, id, change).await
}
