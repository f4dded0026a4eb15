//! `PUT /phones/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::PhoneId;
use carillon_store::phone;
use jiff::Timestamp;

use super::{read::kept, settings::PhoneSettings};
use crate::api::{
    Api, Body, Changed, Kept, Problem, SignedIn,
    kept::{Named, taken},
};

/// Changes a phone, at once; without a password it keeps its own.
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
    Body(Changed { version, settings }): Body<Changed<PhoneSettings>>,
) -> Result<Json<Kept<PhoneSettings>>, Problem> {
    signed_in.administers()?;
    let id = PhoneId::new(id?.0);
    let missing = || Problem::not_found("phone");
    let secret = settings.secret(&api.config.sip.realm);
    let phone = settings.phone(id)?;
    let before = phone::get(&api.db, id).await?.ok_or_else(missing)?;
    if before.entity.name != phone.name {
        api.may_lose_name(Named::Phone, &before.entity.name)?;
        if secret.is_none() {
            return Err(Problem::invalid("password", "The stored one is of no use with another name: give it again."));
        }
    }
    let mut write = api.write(&signed_in).await?;
    phone::update(&mut write, &phone, version, Timestamp::now()).await.map_err(taken("name"))?.ok_or_else(missing)?;
    if let Some(secret) = secret {
        phone::set_secret(&mut write, id, &secret, Timestamp::now()).await?;
    }
    write.commit().await?;
    api.setup_changed().await?;
    Ok(Json(kept(&api, id).await?))
}
