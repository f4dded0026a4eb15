//! `PUT /trunks/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::TrunkId;
use carillon_store::trunk;
use jiff::Timestamp;

use super::{
    read::kept,
    settings::{TrunkRow, TrunkSettings, password_missing, taken},
};
use crate::api::{Api, Body, Change, Changed, Problem, SignedIn, kept::Named};

/// Changes a trunk, at once. What is left out stays as it is; without a password its account keeps its own.
#[utoipa::path(
    put,
    path = "/trunks/{id}",
    operation_id = "update_trunk",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the trunk.")),
    request_body = Changed<TrunkSettings>,
    responses(
        (status = 200, description = "As it is now.", body = TrunkRow),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such trunk.", body = Problem),
        (status = 409, description = "`stale`: read it again. `taken`: another one has this name, number or address. `in_use`: the dialplan says the old name.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(change): Body<Change>,
) -> Result<Json<TrunkRow>, Problem> {
    signed_in.administers()?;
    let id = TrunkId::new(id?.0);
    let missing = || Problem::not_found("trunk");
    let before = trunk::get(&api.db, id).await?.ok_or_else(missing)?;
    let settings: TrunkSettings = change.onto(&TrunkSettings::of(&before.entity))?;
    let (trunk, secret) = settings.trunk(id)?;
    if before.entity.name != trunk.name {
        api.may_lose_name(Named::Trunk, &before.entity.name)?;
    }
    if let Some(problem) = password_missing(before.entity.account.as_ref(), trunk.account.as_ref(), secret.as_ref()) {
        return Err(problem);
    }
    let mut write = api.write(&signed_in).await?;
    trunk::update(&mut write, &trunk, change.version, Timestamp::now()).await.map_err(taken)?.ok_or_else(missing)?;
    if let Some(secret) = secret {
        trunk::set_secret(&mut write, id, &secret).await?;
    }
    write.commit().await?;
    api.setup_changed().await?;
    Ok(Json(kept(&api, id).await?))
}
