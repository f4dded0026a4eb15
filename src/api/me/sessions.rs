//! `GET /me/sessions`, `DELETE /me/sessions/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::SessionId;
use carillon_store::session::{self as stored, Kind};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, Problem, SignedIn, session};

/// One of one's own sessions.
#[derive(Serialize, ToSchema)]
pub struct SessionRow {
    /// Id. It opens nothing.
    #[schema(value_type = String, format = Uuid)]
    id: SessionId,
    /// `desktop`, `phonebar` or `keypad`.
    #[schema(value_type = String)]
    kind: Kind,
    /// The address it was opened from.
    address: Option<String>,
    /// What opened it, as it names itself (User-Agent).
    program: Option<String>,
    /// SIP name of the phone worked with.
    phone: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it was last used, within a minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    current: bool,
}

/// Where one is signed in, the newest first.
#[utoipa::path(
    get,
    path = "/me/sessions",
    operation_id = "list_sessions",
    tag = "session",
    responses((status = 200, description = "Newest first.", body = Vec<SessionRow>), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Vec<SessionRow>>, Problem> {
    let now = Timestamp::now();
    let sessions = stored::of_user(&api.db, signed_in.user.id).await?;
    let directory = api.around.directory.read();
    let row = |session: stored::Session| SessionRow {
        current: session.id == signed_in.session.id,
        phone: session.phone.and_then(|phone| directory.phones.get(&phone)).map(|phone| phone.name.clone()),
        id: session.id,
        kind: session.kind,
        address: session.address,
        program: session.program,
        since: session.created_at,
        last_seen_at: session.last_seen_at,
    };
    Ok(Json(sessions.into_iter().rev().filter(|session| session.expires_at > now).map(row).collect()))
}

/// Ends one of one's own sessions, wherever it is. One that works with a phone is logged out, after the call if there is one.
#[utoipa::path(
    delete,
    path = "/me/sessions/{id}",
    operation_id = "end_session",
    tag = "session",
    params(("id" = String, Path, description = "Id of the session.")),
    responses(
        (status = 204, description = "It is over."),
        (status = 401, description = "Nobody is signed in.", body = Problem),
        (status = 404, description = "You have no such session.", body = Problem),
    )
)]
pub(in crate::api) async fn end(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let id = SessionId::new(id?.0);
    let sessions = stored::of_user(&api.db, signed_in.user.id).await?;
    let session = sessions.into_iter().find(|session| session.id == id).ok_or_else(|| Problem::not_found("session"))?;
    session::delete::end(&api, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}
