//! `DELETE /users/{id}/lock`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::UserId;
use carillon_store::{audit, user};

use super::row::{keypad_locked, locked};
use crate::api::{Api, Problem, SignedIn};

/// Unlocks a user whom too many wrong passwords, codes or PINs have locked out, at once and from everywhere, telephones among them.
#[utoipa::path(
    delete,
    path = "/users/{id}/lock",
    operation_id = "unlock_user",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the user.")),
    responses(
        (status = 204, description = "Not locked any more."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such user.", body = Problem),
    )
)]
pub(in crate::api) async fn unlock(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let id = UserId::new(id?.0);
    let user = user::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("user"))?.entity;
    let login = &user.login;
    if !locked(&api, login).is_empty() || keypad_locked(&api, &user).is_some() {
        let mut write = api.write(&signed_in).await?;
        audit::unlocked(&mut write, id, login).await?;
        write.commit().await?;
    }
    api.attempts.unlock(login);
    if let Some(agent) = &user.agent {
        api.around.keypad.unlock(&agent.number);
    }
    Ok(StatusCode::NO_CONTENT)
}
