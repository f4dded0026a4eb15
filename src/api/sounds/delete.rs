//! `DELETE /sounds/{kind}/{name}`

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use carillon_store::audit;

use super::{named, used_by};
use crate::{
    api::{Api, Problem, SignedIn, named_sounds::unread},
    sounds::Shelf,
};

/// Removes an uploaded sound. The dialplan's own of its name, if there is one, is played again.
#[utoipa::path(
    delete,
    path = "/sounds/{kind}/{name}",
    operation_id = "delete_sound",
    tag = "set-up",
    params(("kind" = String, Path, description = "`prompts` or `music`."), ("name" = String, Path, description = "Its name.")),
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such sound was uploaded.", body = Problem),
        (status = 409, description = "`in_use`: something plays it, and the dialplan has none of its own of this name.", body = Problem),
    )
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Path((kind, name)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let (kind, name) = named(&kind, &name)?;
    let shelf = Shelf::of(&api.config);
    let found = shelf.files(kind).map_err(unread)?.remove(&name).filter(|found| found.uploaded);
    let found = found.ok_or_else(|| Problem::not_found("sound"))?;
    let users = if found.own { Vec::new() } else { used_by(&api, kind, &name)? };
    if !users.is_empty() {
        return Err(Problem::conflict("in_use", "Something still plays it.").detail(users.join(", ")));
    }
    shelf.remove(kind, &name).map_err(|error| Problem::unavailable("The file cannot be removed.").detail(error.to_string()))?;
    let mut write = api.write(&signed_in).await?;
    audit::sound(&mut write, &name, Some(serde_json::json!({ "kind": kind }).to_string()), None).await?;
    write.commit().await?;
    api.sounds_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
