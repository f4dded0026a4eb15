//! `POST /session/desktop-link` and `GET /session/desktop/{token}`

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use carillon_store::{desktop_link, session::Kind};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Client, Problem, SignedIn},
    auth::session::{self, IDLE, Token},
};

/// How long a link may be used.
const GOOD_FOR: Duration = Duration::from_secs(30);

/// A link that opens the desktop signed in.
#[derive(Serialize, ToSchema)]
pub struct DesktopLink {
    /// Path on this server, to be opened in a browser. It works once.
    #[schema(example = "/api/v1/session/desktop/6b1f")]
    path: String,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Makes a link that opens the desktop already signed in as whoever asks: for a telephone's own program, which signed in with `client` `phonebar`.
/// It works once, for 30 seconds.
#[utoipa::path(
    post,
    path = "/session/desktop-link",
    operation_id = "make_desktop_link",
    tag = "session",
    responses(
        (status = 201, description = "The link.", body = DesktopLink),
        (status = 401, description = "Nobody is signed in.", body = Problem),
        (status = 403, description = "For sessions of telephone programs.", body = Problem),
    )
)]
pub(in crate::api) async fn make_link(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
) -> Result<(StatusCode, Json<DesktopLink>), Problem> {
    if signed_in.session.kind != Kind::Phonebar {
        return Err(Problem::forbidden());
    }
    let (token, now) = (Token::random(), Timestamp::now());
    let expires_at = now + GOOD_FOR;
    let mut write = api.db.write().await?;
    desktop_link::insert(&mut write, &token.sha256(), signed_in.user.id, now, expires_at).await?;
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(DesktopLink { path: format!("/api/v1/session/desktop/{}", token.reveal()), expires_at })))
}

/// Opens the desktop signed in, once. One that was used, or is too old, leads to the sign-in page.
#[utoipa::path(
    get,
    path = "/session/desktop/{token}",
    operation_id = "open_desktop",
    tag = "session",
    params(("token" = String, Path, description = "What stands in the link.")),
    responses(
        (status = 200, description = "Signed in: a page that goes on to the desktop; the cookie `carillon_session` is set.", content_type = "text/html"),
        (status = 401, description = "The link was used, or is too old.", body = Problem),
    )
)]
pub(in crate::api) async fn open_link(
    State(api): State<Arc<Api>>,
    client: Client,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let now = Timestamp::now();
    let mut write = api.db.write().await?;
    let user = desktop_link::take(&mut write, &Token::presented(&token).sha256(), now).await?;
    write.commit().await?;
    let used = || Problem::new(StatusCode::UNAUTHORIZED, "link_used", "This link was used already, or is too old.");
    let user = user.ok_or_else(used)?;
    let (_, token) = session::open(&api.db, user, Kind::Desktop, client.seen(&headers), now).await?;
    lead_on(token.reveal(), client.secure)
}

/// Gives a browser a session, and leads it on to the desktop.
pub(super) fn lead_on(token: &str, secure: bool) -> Result<Response, Problem> {
    let cookie = session::cookie(token, IDLE, secure);
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Problem::unavailable("No session could be made."))?;
    // A page of ours, and no redirection: the browser keeps a strict cookie from requests that another program or page began.
    let mut response = (StatusCode::OK, ON).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::SET_COOKIE, cookie);
    Ok(response)
}

const ON: &str = "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url=/\"><title>Carillon</title><a href=\"/\">Carillon</a>";
