//! `DELETE /abandoned-calls/{id}/reservation`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::CallId;
use carillon_store::abandoned_call;

use super::row::{AbandonedRow, seen};
use crate::api::{Api, Problem, SignedIn};

/// Makes a reserved call available again. Agents release their own; supervisors any, which the audit log has.
#[utoipa::path(
    delete,
    path = "/abandoned-calls/{id}/reservation",
    operation_id = "release_abandoned_call",
    tag = "abandoned calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 200, description = "Anybody may reserve it.", body = AbandonedRow),
        (status = 404, description = "No such abandoned call in your queues.", body = Problem),
        (status = 409, description = "`not_reserved`: by nobody, or not by you.", body = Problem),
    )
)]
pub(in crate::api) async fn release(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<AbandonedRow>, Problem> {
    let found = seen(&api, &signed_in, CallId::new(id?.0)).await?;
    let not_reserved = || Problem::conflict("not_reserved", "Reserve this call first.");
    let holder = match signed_in.sees_only() {
        Some(agent) => agent,
        None => found.reserved_by.ok_or_else(not_reserved)?,
    };
    // That a supervisor takes it from somebody is told; that agents let go of their own is daily work.
    let own = holder == signed_in.user.id.into();
    let mut write = if own { api.db.write().await? } else { api.write(&signed_in).await? };
    if !abandoned_call::release(&mut write, found.call, holder).await? {
        return Err(not_reserved());
    }
    write.commit().await?;
    api.live.abandoned_changed(found.call, found.queue);
    let now = abandoned_call::get(&api.db, found.call).await?.ok_or_else(|| Problem::not_found("abandoned call"))?;
    Ok(Json(AbandonedRow::of(&now, &api.around.directory.read())))
}
