//! `GET /session/oidc` and `GET /session/oidc/back`

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use carillon_model::User;
use carillon_store::{session::Kind, user};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use super::desktop_link::lead_on;
use crate::{
    api::{Api, Client, Problem, signed_in::cookie},
    auth::{
        oidc::{self, Failed, Provider},
        session,
    },
};

/// Name of the cookie by which the browser that began is known again.
const COOKIE: &str = "carillon_oidc";
/// The only place where it is sent.
const PLACE: &str = "/api/v1/session/oidc";

/// What a browser comes back with (RFC 6749 4.1.2).
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Back {
    /// What the sign-in was begun with.
    state: Option<String>,
    /// What the provider is asked with who it is.
    code: Option<String>,
    /// Why the provider signs nobody in.
    error: Option<String>,
}

/// Why a browser is sent back to the sign-in page.
enum Refused {
    Stale,
    Denied,
    Failed,
    Unknown,
    Disabled,
}

impl Refused {
    /// The code that the desktop has words for.
    fn code(&self) -> &'static str {
        match self {
            Self::Stale => "oidc_stale",
            Self::Denied => "oidc_denied",
            Self::Failed => "oidc_failed",
            Self::Unknown => "oidc_unknown",
            Self::Disabled => "account_disabled",
        }
    }
}

/// Begins a sign-in by the site's provider (OpenID Connect): sends the browser there. `provider` of `GET /session/ways` says whether there is one.
#[utoipa::path(
    get,
    path = "/session/oidc",
    operation_id = "sign_in_by_provider",
    tag = "session",
    responses(
        (status = 303, description = "To the provider; or, where it does not answer, to the sign-in page with `#oidc_failed`."),
        (status = 404, description = "This site has no provider.", body = Problem),
    )
)]
pub(in crate::api) async fn begin(State(api): State<Arc<Api>>, client: Client) -> Result<Response, Problem> {
    let provider = provider(&api)?;
    match provider.begin(Instant::now()).await {
        Ok(begun) => Ok(sent(&begun.address, Some(remembered(&begun.browser, oidc::LIVES, client.secure)))),
        Err(error) => {
            tracing::warn!(%error, "the provider of [oidc] cannot be had");
            Ok(sent_back(&Refused::Failed, client.secure))
        }
    }
}

/// Where the provider sends a browser back to: signs in whom it names, if that is somebody who is set up here.
#[utoipa::path(
    get,
    path = "/session/oidc/back",
    operation_id = "back_from_provider",
    tag = "session",
    params(Back),
    responses(
        (status = 200, description = "Signed in: a page that goes on to the desktop; the cookie `carillon_session` is set.", content_type = "text/html"),
        (status = 303, description = "Not signed in, to the sign-in page: `#oidc_stale`, `#oidc_denied`, `#oidc_failed`, `#oidc_unknown` or `#account_disabled`."),
        (status = 404, description = "This site has no provider.", body = Problem),
    )
)]
pub(in crate::api) async fn back(
    State(api): State<Arc<Api>>,
    client: Client,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Problem> {
    let provider = provider(&api)?;
    let browser = cookie(&headers, COOKIE).unwrap_or_default();
    let user = match named(&api, provider, back, &browser).await? {
        Ok(user) => user,
        Err(refused) => return Ok(sent_back(&refused, client.secure)),
    };
    let seen = session::Seen { by_provider: true, ..client.seen(&headers) };
    let (_, token) = session::open(&api.db, user.id, Kind::Desktop, seen, Timestamp::now()).await?;
    let mut response = lead_on(token.reveal(), client.secure)?;
    append(&mut response, &remembered("", Duration::ZERO, client.secure));
    Ok(response)
}

async fn named(api: &Api, provider: &Provider, back: Back, browser: &str) -> Result<Result<User, Refused>, Problem> {
    let (Some(state), false) = (&back.state, browser.is_empty()) else { return Ok(Err(Refused::Stale)) };
    let Some(code) = back.code.filter(|_| back.error.is_none()) else {
        provider.give_up(state, browser);
        return Ok(Err(Refused::Denied));
    };
    let name = match provider.finish(&code, state, browser).await {
        Ok(name) => name,
        Err(Failed::Stale) => return Ok(Err(Refused::Stale)),
        Err(error @ Failed::Provider(_)) => {
            tracing::warn!(%error, "nobody is signed in by the provider's answer");
            return Ok(Err(Refused::Failed));
        }
    };
    let known = match provider.names_addresses() {
        true => user::by_email(&api.db, &name).await?,
        false => user::by_login(&api.db, &name).await?,
    };
    Ok(match known.map(|known| known.entity) {
        None => Err(Refused::Unknown),
        Some(user) if user.disabled => Err(Refused::Disabled),
        Some(user) => Ok(user),
    })
}

fn provider(api: &Api) -> Result<&Provider, Problem> {
    api.provider.as_deref().ok_or_else(|| Problem::not_found("page"))
}

fn sent_back(refused: &Refused, secure: bool) -> Response {
    sent(&format!("/login#{}", refused.code()), Some(remembered("", Duration::ZERO, secure)))
}

fn sent(to: &str, cookie: Option<String>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    if let Some(cookie) = cookie {
        append(&mut response, &cookie);
    }
    response
}

fn append(response: &mut Response, cookie: &str) {
    // Made of our own words and hexadecimal digits.
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Lax, and not strict as the session's: it is the provider's page that sends the browser back here.
fn remembered(browser: &str, age: Duration, secure: bool) -> String {
    let only = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={browser}; Path={PLACE}; HttpOnly; SameSite=Lax; Max-Age={}{only}", age.as_secs())
}
