//! `POST /calls/{id}/hang-up`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::{CallId, EndedBy, Ending, Reason};

use super::control::is_on;
use crate::api::{Api, Problem, SignedIn};

/// Ends a call that is up. An agent may end the call the agent is on; supervisors any.
#[utoipa::path(
    post,
    path = "/calls/{id}/hang-up",
    operation_id = "hang_up_call",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses((status = 202, description = "It is being ended."), (status = 404, description = "No such call is up, or it is not yours.", body = Problem))
)]
pub(in crate::api) async fn hang_up(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let id = CallId::new(id?.0);
    let by = match signed_in.sees_only() {
        None => EndedBy::Supervisor,
        Some(agent) if is_on(&api.around.acd.agent(agent).await, id) => EndedBy::Agent,
        Some(_) => return Err(Problem::not_found("call")),
    };
    let mailbox = api.around.calls.mailbox(id).ok_or_else(|| Problem::not_found("call"))?;
    mailbox.hang_up(Ending::new(by, Reason::HungUp));
    Ok(StatusCode::ACCEPTED)
}
