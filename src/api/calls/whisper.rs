//! `POST /calls/{id}/whisper`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::Supervision;

use super::supervision::{SupervisorsPhone, supervise};
use crate::api::{Api, Body, Problem, SignedIn};

/// The same, and the agent hears the supervisor; nobody else does, and no recording holds it.
#[utoipa::path(
    post,
    path = "/calls/{id}/whisper",
    operation_id = "whisper",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    request_body = SupervisorsPhone,
    responses(
        (status = 202, description = "The phone is being rung, or what it hears and says is changed."),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such call is up.", body = Problem),
        (status = 409, description = "It does not fit: `not_talking`: no agent talks in it. `supervised`: another supervisor is there. `phone_unreachable`, `phone_taken`; `at_work`: the phone is on a call, or being offered one.", body = Problem),
        (status = 422, description = "No such phone, or none named and none chosen.", body = Problem),
    )
)]
pub(in crate::api) async fn whisper(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(phone): Body<SupervisorsPhone>,
) -> Result<StatusCode, Problem> {
    supervise(&api, &signed_in, id, phone, Supervision::Whisper).await
}
