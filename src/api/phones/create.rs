//! `POST /phones`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::{Phone, PhoneId};
use carillon_store::phone;
use jiff::Timestamp;

use super::settings::PhoneSettings;
use crate::api::{
    Api, Body, Kept, Problem, SignedIn,
    kept::{kept, taken},
};

/// Adds a phone, in use at once.
#[utoipa::path(
    post,
    path = "/phones",
    operation_id = "create_phone",
    tag = "set-up",
    request_body = PhoneSettings,
    responses(
        (status = 201, description = "Added.", body = Kept<PhoneSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 409, description = "`taken`: another one has this name, number or address.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(settings): Body<PhoneSettings>,
) -> Result<(StatusCode, Json<Kept<PhoneSettings>>), Problem> {
    signed_in.administers()?;
    let id = PhoneId::new(api.new_id());
    let secret = settings.secret(&api.config.sip.realm).ok_or_else(|| Problem::invalid("password", "A new phone needs one."))?;
    let phone = settings.phone(id)?;
    let mut write = api.write(&signed_in).await?;
    phone::insert(&mut write, &phone, &secret, Timestamp::now()).await.map_err(taken("name"))?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok((StatusCode::CREATED, Json(kept::<Phone>(&api, id.uuid()).await?)))
}
