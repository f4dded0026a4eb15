//! `POST /dialplan/reload`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use crate::api::{Api, Problem, SignedIn};

/// Reads dialplan, prompts and music anew, for new calls; calls that are up keep theirs. A mistake in any of it changes nothing.
#[utoipa::path(
    post,
    path = "/dialplan/reload",
    operation_id = "reload_dialplan",
    tag = "operation",
    responses(
        (status = 204, description = "New calls follow the new plan."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 422, description = "The plan has a mistake; the detail says where.", body = Problem),
    )
)]
pub(in crate::api) async fn reload(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let reloaded = api.reload.dialplan().await;
    reloaded.map_err(|error| Problem::invalid("dialplan", "The plan has a mistake.").detail(format!("{error:#}")))?;
    Ok(StatusCode::NO_CONTENT)
}
