//! `POST /offers/{id}/decline`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::OfferId;

use crate::api::{Api, Problem, SignedIn, me::refused::refused};

/// The agent declines a call that is offered: the phone stops ringing and the next agent is asked. Counts as a miss.
#[utoipa::path(
    post,
    path = "/offers/{id}/decline",
    operation_id = "decline_offer",
    tag = "agents",
    params(("id" = String, Path, description = "Id of the offer, as `offer` of `GET /me` says.")),
    responses(
        (status = 204, description = "Declined."),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 404, description = "`no_such_offer`: it is over, or another agent's.", body = Problem),
        (status = 409, description = "Not logged in.", body = Problem),
    )
)]
pub(in crate::api) async fn decline(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (agent, _) = signed_in.agent()?;
    api.around.acd.decline(agent, OfferId::new(id?.0)).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}
