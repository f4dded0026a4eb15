//! `POST /calls/{id}/three-way`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::Control;

use super::control::OnCall;
use crate::api::{Api, Problem, SignedIn};

/// Brings whoever is on hold into the talk with whom was asked: all three hear each other. Whoever leaves leaves the other two talking;
/// `complete` leaves it, `cancel-consult` lets go whom was asked, `swap` speaks with that one alone again.
#[utoipa::path(
    post,
    path = "/calls/{id}/three-way",
    operation_id = "three_way",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 204, description = "Done."),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 404, description = "You are on no such call.", body = Problem),
        (status = 409, description = "It does not fit: `not_talking`, `not_consulting`, `not_answered`; `three_way`: it is so already.", body = Problem),
    )
)]
pub(in crate::api) async fn three_way(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    OnCall::of(&api, &signed_in, id).await?.order(&api, Control::ThreeWay).await
}
