//! `POST /session`

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use carillon_store::session::Kind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{Api, Body, Client, Problem, me::read::Me},
    auth::{
        password,
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
/// A wrong name and a wrong password get the same answer after the same time. Ten wrong ones in fifteen minutes close the door for
/// that name from that address.
#[utoipa::path(
    post,
    path = "/session",
    operation_id = "sign_in",
    tag = "session",
    request_body = Credentials,
    responses(
        (status = 201, description = "Signed in; the cookie `carillon_session` is set.", body = Opened),
        (status = 401, description = "Wrong name or password.", body = Problem),
        (status = 429, description = "Too many wrong ones; `Retry-After` says how long.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    client: Client,
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
    api.attempts.succeeded(client.ip(), &credentials.login);
    let kind = match credentials.client {
        SignInClient::Desktop => Kind::Desktop,
        SignInClient::Phonebar => Kind::Phonebar,
    };
    let (_, token) = session::open(&api.db, known.user.id, kind, Timestamp::now()).await?;
    let me = Me::of(&api, &known.user).await?;
    let cookie = session::cookie(token.reveal(), IDLE, client.secure);
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Problem::unavailable("No session could be made."))?;
    let mut response = (StatusCode::CREATED, Json(Opened { token: token.reveal().to_owned(), me })).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}
