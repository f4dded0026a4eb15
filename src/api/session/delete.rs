//! `DELETE /session`

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use carillon_model::EndedBy;

use crate::{
    api::{Api, Problem, SignedIn},
    auth::session::{self, COOKIE},
};

/// Signs out. An agent's phone is free for others from then on; during a call, once the call is over.
#[utoipa::path(
    delete,
    path = "/session",
    operation_id = "sign_out",
    tag = "session",
    responses((status = 204, description = "Signed out."), (status = 401, description = "Nobody was signed in.", body = Problem))
)]
pub(in crate::api) async fn delete(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Response, Problem> {
    if signed_in.session.phone.is_some()
        && let Ok((agent, _)) = signed_in.agent()
    {
        // An agent who is logged out already has what was asked for.
        let _ = api.around.acd.log_out(agent, EndedBy::Agent).await;
    }
    session::close(&api.db, signed_in.session.id).await?;
    api.live.close_session(signed_in.session.id);
    let mut response = StatusCode::NO_CONTENT.into_response();
    let forget = HeaderValue::from_static("carillon_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    debug_assert!(forget.to_str().is_ok_and(|forget| forget.starts_with(COOKIE)));
    response.headers_mut().insert(header::SET_COOKIE, forget);
    Ok(response)
}
