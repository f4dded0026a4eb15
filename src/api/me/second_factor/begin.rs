//! `POST /me/second-factor`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_store::second_factor as stored;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{Api, AtTheDoor, Body, Client, Problem, me::password::proven},
    auth::totp,
};

/// Who begins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The password now.
    #[schema(write_only)]
    current: String,
}

/// What an authenticator is given.
#[derive(Serialize, ToSchema)]
pub struct NewSecondFactor {
    /// The secret, to be typed (base32). Shown this once.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// The same, to be scanned (`otpauth://`).
    address: String,
}

/// Begins a second factor (TOTP, RFC 6238): a secret for the telephone's authenticator. It is asked for once `POST /me/second-factor/confirm` has shown
/// that the telephone has it; begun again, the secret before it is worth nothing.
#[utoipa::path(
    post,
    path = "/me/second-factor",
    operation_id = "begin_second_factor",
    tag = "session",
    request_body = Proof,
    responses(
        (status = 201, description = "Begun.", body = NewSecondFactor),
        (status = 401, description = "Nobody is signed in.", body = Problem),
        (status = 409, description = "`wrong_password`. `second_factor_on`: turn the one there is off first.", body = Problem),
        (status = 429, description = "Too many wrong ones.", body = Problem),
    )
)]
pub(in crate::api) async fn begin(
    State(api): State<Arc<Api>>,
    client: Client,
    AtTheDoor(signed_in): AtTheDoor,
    Body(Proof { current }): Body<Proof>,
) -> Result<(StatusCode, Json<NewSecondFactor>), Problem> {
    let user = &signed_in.user;
    proven(&api, &client, user, &current).await?;
    let secret = totp::secret();
    let sealed = api.site_key.seal(&secret, &user.id.to_string()).ok_or_else(|| Problem::unavailable("No secret could be sealed."))?;
    let mut write = api.write(&signed_in).await?;
    if stored::of(&mut write, user.id).await?.is_some_and(|factor| factor.confirmed) {
        return Err(Problem::conflict("second_factor_on", "You have a second factor: turn it off first."));
    }
    stored::begin(&mut write, user.id, &sealed, Timestamp::now()).await?;
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(NewSecondFactor { secret: totp::base32(&secret), address: totp::address(&secret, &user.login) })))
}
