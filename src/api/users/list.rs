//! `GET /users`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_store::user;

use super::settings::UserSettings;
use crate::api::{Api, Kept, Page, Problem, SignedIn};

/// People who can sign in, by login.
#[utoipa::path(
    get,
    path = "/users",
    operation_id = "list_users",
    tag = "set-up",
    responses((status = 200, description = "All of them.", body = Page<Kept<UserSettings>>), (status = 403, description = "For administrators.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Page<Kept<UserSettings>>>, Problem> {
    signed_in.administers()?;
    let stored = user::all(&api.db).await?;
    let items = stored.iter().map(|stored| Kept::of(stored.entity.id.uuid(), stored, UserSettings::of)).collect();
    Ok(Json(Page { items, next: None }))
}
