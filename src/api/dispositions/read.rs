//! `GET /dispositions/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::DispositionId;
use carillon_store::disposition;

use super::settings::DispositionSettings;
use crate::api::{Api, Kept, Problem, SignedIn};

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
    Ok(Json(kept(&api, DispositionId::new(id?.0)).await?))
}

/// The disposition as it is stored now.
pub(super) async fn kept(api: &Api, id: DispositionId) -> Result<Kept<DispositionSettings>, Problem> {
    let stored = disposition::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("disposition"))?;
    let directory = api.around.directory.read();
    Ok(Kept::of(id.uuid(), &stored, |disposition| DispositionSettings::of(disposition, &directory)))
}
