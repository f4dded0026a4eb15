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
    settings::{UserSettings, keep_pin, taken},
};
use crate::{
    api::{Api, Body, Change, Changed, Kept, Problem, SignedIn},
    auth::password,
};

/// Changes a user, at once. What is left out stays as it is; without a password the user keeps the old one, with one the other sessions end.
#[utoipa::path(
    put,
    path = "/users/{id}",
    operation_id = "update_user",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the user.")),
    request_body = Changed<UserSettings>,
    responses(
        (status = 200, description = "As it is now.", body = Kept<UserSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such user.", body = Problem),
        (status = 409, description = "`stale`: read it again. `taken`: another one has this name, number or address. `last_admin`: nobody could administer any more.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(change): Body<Change>,
) -> Result<Json<Kept<UserSettings>>, Problem> {
    signed_in.administers()?;
    let id = UserId::new(id?.0);
    let missing = || Problem::not_found("user");
    let before = user::get(&api.db, id).await?.ok_or_else(missing)?;
    let settings: UserSettings = change.onto(&UserSettings::of(&before.entity))?;
    let password = settings.password.clone();
    let pin = settings.pin.clone();
    let user = settings.user(id)?;
    let hash = match &password {
        Some(password) => Some(password::hash(password).await),
        None => None,
    };
    let mut write = api.write(&signed_in).await?;
    user::update(&mut write, &user, change.version, Timestamp::now()).await.map_err(taken)?.ok_or_else(missing)?;
    let (is_new, own) = (hash.is_some(), signed_in.user.id == id);
    if let Some(hash) = hash {
        let set_by = if own { SetBy::Owner } else { SetBy::Other };
        stored::set(&mut write, id, &hash, set_by, Timestamp::now()).await?;
    }
    match (is_new, own) {
        (false, _) => {}
        (true, true) => drop(session::delete_others(&mut write, id, signed_in.session.id).await?),
        (true, false) => drop(session::delete_of_user(&mut write, id).await?),
    }
    keep_pin(&mut write, id, pin.as_deref()).await?;
    keep_an_administrator(&mut write).await?;
    write.commit().await?;
    if is_new && own {
        api.live.close_user_but(id, signed_in.session.id);
    } else if is_new {
        // Who has no desk any more must not be rung. Whoever was not at work has nothing to lose.
        let _ = api.around.acd.log_out(id.into(), EndedBy::Supervisor).await;
        api.live.close_user(id);
    }
    api.setup_changed().await?;
    Ok(Json(kept(&api, id).await?))
}
