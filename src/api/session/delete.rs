//! `DELETE /session`

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use carillon_model::EndedBy;

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
    if signed_in.session.phone.is_some()
        && let Ok((agent, _)) = signed_in.agent()
    {
        // An agent who is logged out already has what was asked for.
        let _ = api.around.acd.log_out(agent, EndedBy::Agent).await;
    }
    session::close(&api.db, signed_in.session.id).await?;
    api.live.close_session(signed_in.session.id);
    let mut response = StatusCode::NO_CONTENT.into_response();
    // An empty cookie of letters: a header can hold it.
    if let Ok(forget) = HeaderValue::from_str(&session::cookie("", Duration::ZERO, client.secure)) {
        response.headers_mut().insert(header::SET_COOKIE, forget);
    }
    Ok(response)
}
