//! `DELETE /users/{id}/second-factor`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::UserId;
use carillon_store::{second_factor, user};

use crate::api::{Api, Problem, SignedIn};

/// Takes a user's second factor off, for whoever lost the telephone and the recovery codes. The password alone opens then, until another is set.
#[utoipa::path(
    delete,
    path = "/users/{id}/second-factor",
    operation_id = "take_second_factor_off",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the user.")),
    responses(
        (status = 204, description = "Off."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such user, or no second factor.", body = Problem),
    )
)]
pub(in crate::api) async fn take_off(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let id = UserId::new(id?.0);
    user::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("user"))?;
    let mut write = api.write(&signed_in).await?;
    if !second_factor::remove(&mut write, id).await? {
        return Err(Problem::not_found("second factor"));
    }
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
