//! `POST /me/second-factor/confirm`

use std::sync::Arc;

use axum::{Json, extract::State};
use jiff::Timestamp;

use super::{Code, RecoveryCodes};
use crate::{
    api::{Api, AtTheDoor, Body, Client, Problem, me::password::knock},
    auth::second_factor,
};

/// Turns the second factor on that was begun, by the first code the telephone shows. From now on a code is asked for at sign-in.
#[utoipa::path(
    post,
    path = "/me/second-factor/confirm",
    operation_id = "confirm_second_factor",
    tag = "session",
    request_body = Code,
    responses(
        (status = 200, description = "On.", body = RecoveryCodes),
        (status = 401, description = "Nobody is signed in.", body = Problem),
        (status = 422, description = "The code is wrong, or nothing was begun.", body = Problem),
        (status = 429, description = "Too many wrong ones.", body = Problem),
    )
)]
pub(in crate::api) async fn confirm(
    State(api): State<Arc<Api>>,
    client: Client,
    AtTheDoor(signed_in): AtTheDoor,
    Body(Code { code }): Body<Code>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let user = &signed_in.user;
    knock(&api, &client, user)?;
    let mut write = api.write(&signed_in).await?;
    let confirmed = second_factor::confirm(&mut write, &api.site_key, user, &code, Timestamp::now()).await?;
    let codes = confirmed.ok_or_else(|| Problem::invalid("code", "The code is wrong, or was used already."))?;
    write.commit().await?;
    api.attempts.succeeded(client.ip(), &user.login);
    Ok(Json(RecoveryCodes { codes }))
}
