//! `GET /dispositions/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::Disposition;

use super::settings::DispositionSettings;
use crate::api::{Api, Kept, Problem, SignedIn, kept::kept};

/// A disposition as it is set up.
#[utoipa::path(
    get,
    path = "/dispositions/{id}",
    operation_id = "read_disposition",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the disposition.")),
    responses(
        (status = 200, description = "The settings.", body = Kept<DispositionSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such disposition.", body = Problem),
    )
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<Kept<DispositionSettings>>, Problem> {
    signed_in.administers()?;
    Ok(Json(kept::<Disposition>(&api, id?.0).await?))
}
