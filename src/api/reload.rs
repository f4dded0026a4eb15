//! `POST /reload`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::{Api, Problem, SignedIn};

/// Takes up what was changed in the database by other means than this API: `carillon apply`, `carillon user`.
#[utoipa::path(
    post,
    path = "/reload",
    operation_id = "reload",
    tag = "operation",
    responses(
        (status = 204, description = "Taken up."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 503, description = "It could not be; everything stays as it was.", body = Problem),
    )
)]
pub(in crate::api) async fn reload(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    api.setup_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
