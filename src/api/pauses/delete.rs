//! `DELETE /pauses/{id}`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::PauseId;
use carillon_store::pause_reason;

use crate::api::{Api, Problem, SignedIn};

/// Removes a reason for a pause.
#[utoipa::path(
    delete,
    path = "/pauses/{id}",
    operation_id = "delete_pause_reason",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the pause.")),
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such pause.", body = Problem),
        (status = 409, description = "`in_use`: something still names it.", body = Problem),
    )
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let id = PauseId::new(id?.0);
    let missing = || Problem::not_found("pause");
    let before = pause_reason::get(&api.db, id).await?.ok_or_else(missing)?;
    if before.entity.is_default {
        return Err(Problem::conflict("in_use", "It is the default: make another one that first."));
    }
    let mut write = api.write(&signed_in).await?;
    if !pause_reason::delete(&mut write, id).await? {
        return Err(missing());
    }
    write.commit().await?;
    api.setup_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
