//! `POST /calls/{id}/listen`, `whisper` and `barge`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::Supervision;

use super::supervision::{SupervisorsPhone, supervise};
use crate::api::{Api, Body, Problem, SignedIn};

/// A supervisor beside the agent of a call, whose own phone rings for it; whoever is there already takes part otherwise from now on.
///
/// `listen`: hears all that the agent hears and says, and nobody hears the supervisor. `whisper`: the agent hears the supervisor; nobody else
/// does, and no recording holds it. `barge`: everybody who talks hears the supervisor, and so does the recording. It ends with that phone's
/// hanging up, with `stop-supervising`, or when the agent leaves the talk.
#[utoipa::path(
    post,
    path = "/calls/{id}/{mode}",
    operation_id = "supervise_call",
    tag = "calls",
    params(
        ("id" = String, Path, description = "Id of the call."),
        ("mode" = inline(Supervision), Path, description = "How the supervisor takes part."),
    ),
    request_body = SupervisorsPhone,
    responses(
        (status = 202, description = "The phone is being rung, or what it hears and says is changed."),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such call is up.", body = Problem),
        (status = 409, description = "It does not fit: `not_talking`: no agent talks in it. `supervised`: another supervisor is there. `phone_unreachable`, `phone_taken`; `at_work`: the phone is on a call, or being offered one.", body = Problem),
        (status = 422, description = "No such phone, or none named and none chosen.", body = Problem),
    )
)]
pub(in crate::api) async fn take_part(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    path: Result<Path<(uuid::Uuid, Supervision)>, PathRejection>,
    Body(phone): Body<SupervisorsPhone>,
) -> Result<StatusCode, Problem> {
    let Path((id, mode)) = path?;
    supervise(&api, &signed_in, id, phone, mode).await
}
