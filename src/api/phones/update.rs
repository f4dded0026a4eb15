//! `PUT /phones/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::Phone;

use super::settings::PhoneSettings;
use crate::api::{Api, Body, Change, Changed, Kept, Problem, SignedIn, kept};

/// Changes a phone, at once; without a password it keeps its own. What is left out stays as it is.
#[utoipa::path(
    put,
    path = "/phones/{id}",
    operation_id = "update_phone",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the phone.")),
    request_body = Changed<PhoneSettings>,
    responses(
        (status = 200, description = "As it is now.", body = Kept<PhoneSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such phone.", body = Problem),
        (status = 409, description = "`stale`: read it again. `taken`: another one has this name, number or address. `in_use`: the dialplan says the old name.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(change): Body<Change>,
) -> Result<Json<Kept<PhoneSettings>>, Problem> {
    kept::update::<Phone>(&api, &signed_in, id, change).await
}
