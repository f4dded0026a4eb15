//! `GET /session/ways`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Api;

/// What the sign-in page offers.
#[derive(Serialize, ToSchema)]
pub struct Ways {
    /// Whether a forgotten password can be set by a link that comes by mail.
    mail: bool,
    /// What the provider is called by whom people may sign in (`GET /session/oidc`); absent: there is none.
    provider: Option<String>,
}

/// What the sign-in page offers, before anybody is signed in.
#[utoipa::path(
    get,
    path = "/session/ways",
    operation_id = "sign_in_ways",
    tag = "session",
    responses((status = 200, description = "What there is.", body = Ways))
)]
pub(in crate::api) async fn ways(State(api): State<Arc<Api>>) -> Json<Ways> {
    Json(Ways { mail: api.mail.is_some(), provider: api.provider.as_ref().map(|provider| provider.label().to_owned()) })
}
