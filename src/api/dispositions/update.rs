//! `PUT /dispositions/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::DispositionId;
use carillon_store::disposition;
use jiff::Timestamp;

use super::{read::kept, settings::DispositionSettings};
use crate::api::{Api, Body, Changed, Kept, Problem, SignedIn, kept::taken};

/// Changes a disposition, at once. It stays below the one it is below; calls that were given it keep the name it had.
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
    Body(Changed { version, settings }): Body<Changed<DispositionSettings>>,
) -> Result<Json<Kept<DispositionSettings>>, Problem> {
    signed_in.administers()?;
    let id = DispositionId::new(id?.0);
    let missing = || Problem::not_found("disposition");
    let before = disposition::get(&api.db, id).await?.ok_or_else(missing)?;
    let wanted = settings.made(id, &api.around.directory.read())?;
    if wanted.parent != before.entity.parent {
        return Err(Problem::invalid("parent", "It stays below the one it is below."));
    }
    let mut write = api.write(&signed_in).await?;
    disposition::update(&mut write, &wanted, version, Timestamp::now()).await.map_err(taken("name"))?.ok_or_else(missing)?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok(Json(kept(&api, id).await?))
}
