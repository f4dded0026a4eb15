//! `POST /calls/{id}/step-away`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::Control;

use super::control::OnCall;
use crate::api::{Api, Problem, SignedIn};

/// The page that is the agent's phone goes, as when it is loaded anew: whom it speaks with hears music. It may come back for 30 seconds
/// (`return`); after that the caller goes back to the queue, to the old place, and a call of no queue ends.
#[utoipa::path(
    post,
    path = "/calls/{id}/step-away",
    operation_id = "step_away_from_call",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 204, description = "Done."),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 404, description = "You are on no such call.", body = Problem),
        (status = 409, description = "`not_talking`: your page speaks with nobody in it, or with two at once.", body = Problem),
    )
)]
pub(in crate::api) async fn step_away(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    OnCall::of(&api, &signed_in, id).await?.order(&api, Control::StepAway).await
}
