//! `POST /calls/{id}/resume-recording`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::Control;

use super::control::OnCall;
use crate::api::{Api, Problem, SignedIn};

/// Records what is said again.
#[utoipa::path(
    post,
    path = "/calls/{id}/resume-recording",
    operation_id = "resume_recording",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 204, description = "Done."),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 404, description = "You are on no such call.", body = Problem),
        (status = 409, description = "It does not fit: `not_talking`, `not_recorded` or `recording_not_paused`.", body = Problem),
    )
)]
pub(in crate::api) async fn resume_recording(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    OnCall::of(&api, &signed_in, id).await?.order(&api, Control::ResumeRecording).await
}
