//! `POST /calls/{id}/hang-up`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::Control;
use carillon_model::{CallId, EndedBy, Ending, Reason};

use super::control::OnCall;
use crate::api::{Api, Problem, SignedIn};

/// Ends a call that is up. An agent leaves it as by hanging up the phone: asked, or asking, only oneself. Supervisors end any for everybody.
#[utoipa::path(
    post,
    path = "/calls/{id}/hang-up",
    operation_id = "hang_up_call",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 202, description = "It is being ended."),
        (status = 404, description = "No such call is up, or it is not yours.", body = Problem),
        (status = 409, description = "`not_talking`: you are leaving it already.", body = Problem),
    )
)]
pub(in crate::api) async fn hang_up(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    if signed_in.sees_only().is_some() {
        OnCall::of(&api, &signed_in, id).await?.order(&api, Control::HangUp).await?;
    } else {
        let mailbox = api.around.calls.mailbox(CallId::new(id?.0)).ok_or_else(|| Problem::not_found("call"))?;
        mailbox.hang_up(Ending::new(EndedBy::Supervisor, Reason::HungUp));
    }
    Ok(StatusCode::ACCEPTED)
}
