//! `PUT /me/password`

use std::{sync::Arc, time::Instant};

use axum::{extract::State, http::StatusCode};
use carillon_model::User;
use carillon_store::password::{self as stored, SetBy};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, AtTheDoor, Body, Client, Problem},
    auth::{password, session},
};

/// The password there is and the one there is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The password now.
    #[schema(write_only)]
    current: String,
    /// The password from now on.
    #[schema(write_only)]
    new: String,
}

/// Changes the own password. Other sessions of the same person end; this one goes on.
///
/// With the security suite on it must have a lower-case and an upper-case letter, a digit and one of `~!@#$%^&-_=+[{]}`, and be none of the
/// last six; without it eight characters are enough.
#[utoipa::path(
    put,
    path = "/me/password",
    operation_id = "change_password",
    tag = "session",
    request_body = NewPassword,
    responses(
        (status = 204, description = "Changed."),
        (status = 401, description = "Nobody is signed in.", body = Problem),
        (status = 409, description = "`wrong_password`: the current one is another. `password_used`: it is one of the last.", body = Problem),
        (status = 422, description = "`weak_password`: `errors` says what it lacks.", body = Problem),
        (status = 429, description = "Too many wrong ones.", body = Problem),
    )
)]
pub(in crate::api) async fn change(
    State(api): State<Arc<Api>>,
    client: Client,
    AtTheDoor(signed_in): AtTheDoor,
    Body(NewPassword { current, new }): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    let user = &signed_in.user;
    let hashes = proven(&api, &client, user, &current).await?;
    allowed(&api, &new, hashes).await?;
    let hash = password::hash(&new).await;
    let mut write = api.write(&signed_in).await?;
    stored::set(&mut write, user.id, &hash, SetBy::Owner, Timestamp::now()).await?;
    write.commit().await?;
    session::close_others(&api.db, user.id, signed_in.session.id).await?;
    api.live.close_user_but(user.id, signed_in.session.id);
    Ok(StatusCode::NO_CONTENT)
}

/// Holds the password there is against the stored one: the hashes of it and of those before. Wrong ones count as at sign-in.
pub(super) async fn proven(api: &Api, client: &Client, user: &User, current: &str) -> Result<Vec<String>, Problem> {
    knock(api, client, user)?;
    let hashes = stored::hashes(&api.db, user.id).await?;
    if !password::verify(current, hashes.first().cloned()).await {
        return Err(Problem::conflict("wrong_password", "This is not your password.").field("current", "This is not your password."));
    }
    api.attempts.succeeded(client.ip(), &user.login);
    Ok(hashes)
}

/// Somebody who is signed in tries a password or a code: too many are refused, as at sign-in.
pub(super) fn knock(api: &Api, client: &Client, user: &User) -> Result<(), Problem> {
    let too_many = || Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many wrong passwords. Wait, then try again.");
    api.attempts.begin(Instant::now(), client.ip(), &user.login).map_err(|_| too_many())
}

/// Whether the site's rules let a password be taken in place of those of `hashes`.
pub(in crate::api) async fn allowed(api: &Api, new: &str, hashes: Vec<String>) -> Result<(), Problem> {
    let lacks = api.config.accounts.lacks(new);
    if !lacks.is_empty() {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "weak_password", "The new password is too weak.");
        return Err(lacks.into_iter().fold(problem, |problem, lack| problem.field("new", lack.words())));
    }
    let reused = if api.config.accounts.security_suite { hashes } else { Vec::new() };
    for used in reused {
        if password::verify(new, Some(used)).await {
            let problem = Problem::conflict("password_used", "You had this password before: choose another.");
            return Err(problem.field("new", "You had this password before."));
        }
    }
    Ok(())
}
