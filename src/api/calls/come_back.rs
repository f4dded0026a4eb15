//! `POST /calls/{id}/return`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::Control;

use super::control::OnCall;
use crate::api::{Api, Problem, SignedIn};

/// The page that is the agent's phone is registered again and has lost the call's audio: it is sent an INVITE with the header
/// `X-Carillon-Resume` and the id of the call, which it answers by itself, and goes on where it was.
#[utoipa::path(
    post,
    path = "/calls/{id}/return",
    operation_id = "return_to_call",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 204, description = "Done."),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 404, description = "You are on no such call.", body = Problem),
        (status = 409, description = "`not_talking`: your page speaks with nobody in it, or with two at once.", body = Problem),
    )
)]
pub(in crate::api) async fn come_back(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    OnCall::of(&api, &signed_in, id).await?.order(&api, Control::Return).await
}
