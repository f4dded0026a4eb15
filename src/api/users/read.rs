//! `GET /users/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::UserId;
use carillon_store::user;

use super::row::{UserRow, with_second_factor};
use crate::api::{Api, Problem, SignedIn};

/// A user as it is set up, and how signing in stands.
#[utoipa::path(
    get,
    path = "/users/{id}",
    operation_id = "read_user",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the user.")),
    responses(
        (status = 200, description = "The settings.", body = UserRow),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such user.", body = Problem),
    )
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<UserRow>, Problem> {
    signed_in.administers()?;
    Ok(Json(kept(&api, UserId::new(id?.0)).await?))
}

/// The user as it is stored now.
pub(super) async fn kept(api: &Api, id: UserId) -> Result<UserRow, Problem> {
    let stored = user::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("user"))?;
    Ok(UserRow::of(api, &stored, &with_second_factor(api).await?))
}
