//! `GET /session`

use std::sync::Arc;

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, Problem, SignedIn, me::read::Me};

/// The session of the request.
#[derive(Serialize, ToSchema)]
pub struct Current {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it ends if nobody uses it.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Who is signed in.
    me: Me,
    /// Whether this is the demo, which makes callers of its own when told to.
    demo: bool,
}

/// The session of the request.
#[utoipa::path(
    get,
    path = "/session",
    operation_id = "read_session",
    tag = "session",
    responses((status = 200, description = "Signed in.", body = Current), (status = 401, description = "Nobody is.", body = Problem))
)]
pub(in crate::api) async fn read(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Json<Current> {
    let SignedIn { session, user } = signed_in;
    Json(Current { since: session.created_at, expires_at: session.expires_at, me: Me::of(&api, &user).await, demo: api.demo.is_some() })
}
