//! `POST /users`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::UserId;
use carillon_store::user;
use jiff::Timestamp;

use super::{
    number::next_free,
    read::kept,
    row::UserRow,
    settings::{UserSettings, keep_pin, taken},
};
use crate::{
    api::{Api, Body, Problem, SignedIn},
    auth::password,
};

/// Adds a user, in use at once. An agent without a number gets the next free one of `accounts.agent_numbers`.
#[utoipa::path(
    post,
    path = "/users",
    operation_id = "create_user",
    tag = "set-up",
    request_body = UserSettings,
    responses(
        (status = 201, description = "Added.", body = UserRow),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 409, description = "`taken`: another one has this name, number or address.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(mut settings): Body<UserSettings>,
) -> Result<(StatusCode, Json<UserRow>), Problem> {
    signed_in.administers()?;
    let id = UserId::new(api.new_id());
    let password = settings.password.clone().ok_or_else(|| Problem::invalid("password", "A new user needs one."))?;
    let pin = settings.pin.clone();
    let hash = password::hash(&password).await;
    let mut write = api.write(&signed_in).await?;
    if settings.wants_number() {
        settings.take_number(next_free(&mut write, api.config.accounts.agent_numbers).await?);
    }
    let user = settings.user(id)?;
    user::insert(&mut write, &user, &hash, Timestamp::now()).await.map_err(taken)?;
    keep_pin(&mut write, id, pin.as_deref()).await?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok((StatusCode::CREATED, Json(kept(&api, id).await?)))
}
