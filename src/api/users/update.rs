//! `PUT /users/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::{EndedBy, UserId};
use carillon_store::{
    password::{self as stored, SetBy},
    session, user,
};
use jiff::Timestamp;

use super::{
    last_admin::keep_an_administrator,
    read::kept,
    row::UserRow,
    settings::{UserSettings, keep_pin, taken},
};
use crate::{
    api::{Api, Body, Change, Changed, Problem, SignedIn},
    auth::password,
};

/// Changes a user, at once. What is left out stays as it is; without a password the user keeps the old one, with one the sessions end; the own one is changed by `PUT /me/password`. One who is disabled is signed
/// out everywhere, logged out after the call if there is one, and opens nothing until enabled again.
#[utoipa::path(
    put,
    path = "/users/{id}",
    operation_id = "update_user",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the user.")),
    request_body = Changed<UserSettings>,
    responses(
        (status = 200, description = "As it is now.", body = UserRow),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such user.", body = Problem),
        (status = 409, description = "`stale`: read it again. `taken`: another one has this name, number or address. `last_admin`: nobody could administer any more. `own_password`: the own password is changed by `PUT /me/password`.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(change): Body<Change>,
) -> Result<Json<UserRow>, Problem> {
    signed_in.administers()?;
    let id = UserId::new(id?.0);
    let missing = || Problem::not_found("user");
    let before = user::get(&api.db, id).await?.ok_or_else(missing)?;
    let own = signed_in.user.id == id;
    let settings: UserSettings = change.onto(&UserSettings::of(&before.entity))?;
    let password = settings.password.clone();
    if own && password.is_some() {
        let problem = Problem::conflict("own_password", "Change your own password by PUT /me/password, which asks for the current one.");
        return Err(problem.field("password", "This is your own: change it where the current one is asked for."));
    }
    let pin = settings.pin.clone();
    let user = settings.user(id)?;
    let hash = match &password {
        Some(password) => Some(password::hash(password).await),
        None => None,
    };
    let mut write = api.write(&signed_in).await?;
    user::update(&mut write, &user, change.version, Timestamp::now()).await.map_err(taken)?.ok_or_else(missing)?;
    let is_new = hash.is_some();
    let shut_out = user.disabled && !before.entity.disabled;
    if shut_out && own {
        return Err(Problem::invalid("disabled", "You cannot keep yourself out."));
    }
    if let Some(hash) = hash {
        stored::set(&mut write, id, &hash, SetBy::Other, Timestamp::now()).await?;
    }
    if is_new || shut_out {
        session::delete_of_user(&mut write, id).await?;
    }
    keep_pin(&mut write, id, pin.as_deref()).await?;
    keep_an_administrator(&mut write).await?;
    write.commit().await?;
    if is_new || shut_out {
        // Who has no desk any more must not be rung. Whoever was not at work has nothing to lose.
        let _ = api.around.acd.log_out(id.into(), EndedBy::Supervisor).await;
        api.live.close_user(id);
    }
    api.setup_changed().await?;
    Ok(Json(kept(&api, id).await?))
}
