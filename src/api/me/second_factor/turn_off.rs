//! `POST /me/second-factor/off`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use carillon_model::User;
use carillon_store::second_factor as stored;
use jiff::Timestamp;

use super::Code;
use crate::{
    api::{Api, Body, Client, Problem, SignedIn, me::password::knock},
    auth::second_factor::{self, Checked},
};

/// Turns the own second factor off, by a code: from now on the password alone opens. Where the site asks for one it stays.
#[utoipa::path(
    post,
    path = "/me/second-factor/off",
    operation_id = "turn_second_factor_off",
    tag = "session",
    request_body = Code,
    responses(
        (status = 204, description = "Off."),
        (status = 401, description = "Nobody is signed in.", body = Problem),
        (status = 409, description = "`no_second_factor`: you have none. `second_factor_required`: the site asks for it.", body = Problem),
        (status = 422, description = "The code is wrong, or was used.", body = Problem),
        (status = 429, description = "Too many wrong ones.", body = Problem),
    )
)]
pub(in crate::api) async fn turn_off(
    State(api): State<Arc<Api>>,
    client: Client,
    signed_in: SignedIn,
    Body(Code { code }): Body<Code>,
) -> Result<StatusCode, Problem> {
    let user = &signed_in.user;
    if api.config.accounts.asks_second_factor_of(user) {
        return Err(Problem::conflict("second_factor_required", "This site asks a second factor of you."));
    }
    proven_by_code(&api, &client, user, &code).await?;
    let mut write = api.write(&signed_in).await?;
    stored::remove(&mut write, user.id).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Holds a code against the own second factor. Wrong ones count as at sign-in.
pub(super) async fn proven_by_code(api: &Api, client: &Client, user: &User, code: &str) -> Result<(), Problem> {
    knock(api, client, user)?;
    match second_factor::check(&api.db, &api.site_key, user, code, Timestamp::now()).await? {
        Checked::NotAsked => Err(Problem::conflict("no_second_factor", "You have no second factor.")),
        Checked::Wrong => Err(Problem::invalid("code", "The code is wrong, or was used already.")),
        Checked::Right => {
            api.attempts.succeeded(client.ip(), &user.login);
            Ok(())
        }
    }
}
