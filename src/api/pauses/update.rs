//! `PUT /pauses/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::PauseId;
use carillon_store::pause_reason;
use jiff::Timestamp;

use super::{read::kept, settings::PauseSettings};
use crate::api::{Api, Body, Changed, Kept, Problem, SignedIn, kept::taken};

/// Changes a reason for a pause, at once.
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
    Body(Changed { version, settings }): Body<Changed<PauseSettings>>,
) -> Result<Json<Kept<PauseSettings>>, Problem> {
    signed_in.administers()?;
    let id = PauseId::new(id?.0);
    let missing = || Problem::not_found("pause");
    let pause = settings.pause(id)?;
    let before = pause_reason::get(&api.db, id).await?.ok_or_else(missing)?;
    if before.entity.is_default && !pause.is_default {
        return Err(Problem::invalid("default", "Make another one the default instead."));
    }
    let mut write = api.write(&signed_in).await?;
    pause_reason::update(&mut write, &pause, version, Timestamp::now()).await.map_err(taken("name"))?.ok_or_else(missing)?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok(Json(kept(&api, id).await?))
}
