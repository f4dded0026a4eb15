//! `DELETE /session`

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use carillon_model::EndedBy;
use carillon_store::session::Session;

use crate::{
    api::{Api, AtTheDoor, Client, Problem},
    auth::session,
};

/// Signs out. An agent's phone is free for others from then on; during a call, once the call is over.
#[utoipa::path(
    delete,
    path = "/session",
    operation_id = "sign_out",
    tag = "session",
    responses((status = 204, description = "Signed out."), (status = 401, description = "Nobody was signed in.", body = Problem))
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    client: Client,
    AtTheDoor(signed_in): AtTheDoor,
) -> Result<Response, Problem> {
    end(&api, &signed_in.session).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    // An empty cookie of letters: a header can hold it.
    if let Ok(forget) = HeaderValue::from_str(&session::cookie("", Duration::ZERO, client.secure)) {
        response.headers_mut().insert(header::SET_COOKIE, forget);
    }
    Ok(response)
}

/// Ends a session, and the work with its telephone. Whoever is logged out already has what was asked for.
pub(in crate::api) async fn end(api: &Api, session: &Session) -> Result<(), Problem> {
    let log_out = || api.around.acd.log_out(session.user.into(), EndedBy::Agent);
    if session.phone.is_some() {
        let _ = log_out().await;
    }
    // A page that hears of it may have asked for its telephone once more while the session was there.
    if session::close(&api.db, session.id).await?.is_some() {
        let _ = log_out().await;
    }
    api.live.close_session(session.id);
    Ok(())
}
