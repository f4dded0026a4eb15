//! `DELETE /users/{id}`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::UserId;
use carillon_store::user;

use super::last_admin::keep_an_administrator;
use crate::api::{Api, Problem, SignedIn};

/// Removes a user. The agent is logged out, after the call if there is one; call records stay.
#[utoipa::path(
    delete,
    path = "/users/{id}",
    operation_id = "delete_user",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the user.")),
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such user.", body = Problem),
        (status = 409, description = "`last_admin`: nobody could administer any more.", body = Problem),
    )
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let id = UserId::new(id?.0);
    let missing = || Problem::not_found("user");
    let mut write = api.write(&signed_in).await?;
    if !user::delete(&mut write, id).await? {
        return Err(missing());
    }
    keep_an_administrator(&mut write).await?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
