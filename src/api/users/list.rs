//! `GET /users`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_store::user;

use super::row::{UserRow, with_second_factor};
use crate::api::{Api, Page, Problem, SignedIn};

/// People who can sign in, by login, and how that stands.
#[utoipa::path(
    get,
    path = "/users",
    operation_id = "list_users",
    tag = "set-up",
    responses((status = 200, description = "All of them.", body = Page<UserRow>), (status = 403, description = "For administrators.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Page<UserRow>>, Problem> {
    signed_in.administers()?;
    let stored = user::all(&api.db).await?;
    let with_second_factor = with_second_factor(&api).await?;
    let items = stored.iter().map(|stored| UserRow::of(&api, stored, &with_second_factor)).collect();
    Ok(Json(Page { items, next: None }))
}
