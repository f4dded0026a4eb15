//! `POST /calls/{id}/hold`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::Control;

use super::control::OnCall;
use crate::api::{Api, Problem, SignedIn};

/// Puts the other side on hold: it hears the queue's music, nobody hears it, and the recording is silent.
#[utoipa::path(
    post,
    path = "/calls/{id}/hold",
    operation_id = "hold_call",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 204, description = "Done."),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 404, description = "You are on no such call.", body = Problem),
        (status = 409, description = "It does not fit: `not_talking`, `on_hold`, `not_on_hold`, `not_consulting`, `not_answered` or `three_way`.", body = Problem),
    )
)]
pub(in crate::api) async fn hold(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    OnCall::of(&api, &signed_in, id).await?.order(&api, Control::Hold).await
}
