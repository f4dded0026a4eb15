//! `POST /session`

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use carillon_store::session::Kind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{Api, Body, Client, Problem, SignedIn, me::read::Me},
    auth::{
        password,
        second_factor::{self, Checked},
        session::{self, IDLE},
    },
};

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Login name, in any case.
    #[schema(example = "anna")]
    login: String,
    /// Password.
    #[schema(example = "carillon-demo")]
    password: String,
    /// The code of the second factor, for whoever has one: six digits of the telephone, or a recovery code.
    #[serde(default)]
    #[schema(write_only)]
    code: Option<String>,
    /// `desktop`, which it is without; `phonebar` for a telephone's own program, which works the telephone of an agent of that typology.
    #[serde(default)]
    client: SignInClient,
}

/// What signs in.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignInClient {
    /// A desktop.
    #[default]
    Desktop,
    /// A telephone's own program.
    Phonebar,
}

/// An open session.
#[derive(Serialize, ToSchema)]
pub struct Opened {
    /// For `Authorization: Bearer`; browsers hold it in a cookie instead.
    token: String,
    /// Who is signed in.
    me: Me,
}

/// Signs in. An agent takes calls only after choosing a phone with `PUT /session/phone`.
///
/// A wrong name and a wrong password get the same answer after the same time. Whoever has a second factor is then asked for a code
/// (`second_factor_needed`): send both again with it. Ten wrong passwords or codes in fifteen minutes, or what `[accounts]` says, close the door
/// for that name from that address.
#[utoipa::path(
    post,
    path = "/session",
    operation_id = "sign_in",
    tag = "session",
    request_body = Credentials,
    responses(
        (status = 201, description = "Signed in; the cookie `carillon_session` is set.", body = Opened),
        (status = 401, description = "`wrong_credentials`: wrong name or password. `second_factor_needed`: send the code too. `wrong_code`: it is another, or was used.", body = Problem),
        (status = 403, description = "`account_disabled`: an administrator keeps this user out.", body = Problem),
        (status = 429, description = "Too many wrong ones; `Retry-After` says how long.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    client: Client,
    headers: HeaderMap,
    Body(credentials): Body<Credentials>,
) -> Result<Response, Problem> {
    if let Err(wait) = api.attempts.begin(Instant::now(), client.ip(), &credentials.login) {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many wrong passwords. Wait, then try again.");
        let mut response = problem.into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
        return Ok(response);
    }
    let known = carillon_store::user::credentials(&api.db, &credentials.login).await?;
    let stored = known.as_ref().map(|known| known.password_hash.clone());
    let right = password::verify(&credentials.password, stored).await;
    let Some(known) = known.filter(|_| right) else {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_credentials", "The name or the password is wrong."));
    };
    // A right password alone does not open the door again: whoever has found it would guess codes without end.
    let checked = match &credentials.code {
        Some(code) => second_factor::check(&api.db, &api.site_key, &known.user, code, Timestamp::now()).await?,
        None if second_factor::is_on(&api.db, &known.user).await? => {
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "second_factor_needed", "Send the code of your second factor too."));
        }
        None => Checked::NotAsked,
    };
    if checked == Checked::Wrong {
        return Err(wrong_code());
    }
    api.attempts.succeeded(client.ip(), &credentials.login);
    if known.user.disabled {
        return Err(Problem::new(StatusCode::FORBIDDEN, "account_disabled", "An administrator has disabled this account."));
    }
    let kind = match credentials.client {
        SignInClient::Desktop => Kind::Desktop,
        SignInClient::Phonebar => Kind::Phonebar,
    };
    let (session, token) = session::open(&api.db, known.user.id, kind, client.seen(&headers), Timestamp::now()).await?;
    let me = Me::of(&api, &SignedIn { session, user: known.user, key: None }).await?;
    let cookie = session::cookie(token.reveal(), IDLE, client.secure);
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Problem::unavailable("No session could be made."))?;
    let mut response = (StatusCode::CREATED, Json(Opened { token: token.reveal().to_owned(), me })).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// The code is another, or was used already.
pub(in crate::api) fn wrong_code() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "wrong_code", "The code is wrong, or was used already.")
}
