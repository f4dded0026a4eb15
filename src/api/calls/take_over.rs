//! `POST /calls/{id}/take-over`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};

use super::supervision::take_over as ask;
use crate::api::{Api, Problem, SignedIn};

/// A supervisor who is beside the agent of a call has the call from now on: the agent leaves it, the other side is taken back from hold.
#[utoipa::path(
    post,
    path = "/calls/{id}/take-over",
    operation_id = "take_call_over",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 204, description = "The supervisor talks, the agent is out."),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such call is up.", body = Problem),
        (status = 409, description = "It does not fit: `not_supervising`: listen first. `not_answered`: your phone still rings. `consulting`: the agent asks somebody. `not_talking`.", body = Problem),
    )
)]
pub(in crate::api) async fn take_over(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    ask(&api, &signed_in, id).await
}
