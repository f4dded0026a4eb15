//! `POST /trunks`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::TrunkId;
use carillon_store::trunk;
use jiff::Timestamp;

use super::{
    read::kept,
    settings::{TrunkRow, TrunkSettings, password_missing, taken},
};
use crate::api::{Api, Body, Problem, SignedIn};

/// Adds a trunk, in use at once.
#[utoipa::path(
    post,
    path = "/trunks",
    operation_id = "create_trunk",
    tag = "set-up",
    request_body = TrunkSettings,
    responses(
        (status = 201, description = "Added.", body = TrunkRow),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 409, description = "`taken`: another one has this name, number or address.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(settings): Body<TrunkSettings>,
) -> Result<(StatusCode, Json<TrunkRow>), Problem> {
    signed_in.administers()?;
    let id = TrunkId::new(api.new_id());
    let (trunk, secret) = settings.trunk(id)?;
    if let Some(problem) = password_missing(None, trunk.account.as_ref(), secret.as_ref()) {
        return Err(problem);
    }
    let mut write = api.write(&signed_in).await?;
    trunk::insert(&mut write, &trunk, Timestamp::now()).await.map_err(taken)?;
    if let Some(secret) = secret {
        trunk::set_secret(&mut write, id, &secret).await?;
    }
    write.commit().await?;
    api.setup_changed().await?;
    Ok((StatusCode::CREATED, Json(kept(&api, id).await?)))
}
