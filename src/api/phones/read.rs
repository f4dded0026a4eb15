//! `GET /phones/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::Phone;

use super::settings::PhoneSettings;
use crate::api::{Api, Kept, Problem, SignedIn, kept::kept};

/// A phone as it is set up.
#[utoipa::path(
    get,
    path = "/phones/{id}",
    operation_id = "read_phone",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the phone.")),
    responses(
        (status = 200, description = "The settings.", body = Kept<PhoneSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such phone.", body = Problem),
    )
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<Kept<PhoneSettings>>, Problem> {
    signed_in.administers()?;
    Ok(Json(kept::<Phone>(&api, id?.0).await?))
}
