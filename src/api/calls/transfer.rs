//! `POST /calls/{id}/transfer`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::{Control, Onward};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{control::OnCall, target};
use crate::api::{Api, Body, Problem, SignedIn};

/// Where a call is given on to: one of the three.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferTarget {
    /// Login of a colleague who is logged in.
    #[schema(example = "bruno")]
    agent: Option<String>,
    /// Short name of a queue.
    queue: Option<String>,
    /// A phone of the site, a number outside, or a number of the dialplan.
    number: Option<String>,
}

/// Gives the call on without asking first: the agent leaves at once. If nobody takes it there, a caller of a queue returns to it at the old place.
#[utoipa::path(
    post,
    path = "/calls/{id}/transfer",
    operation_id = "transfer_call",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    request_body = TransferTarget,
    responses(
        (status = 204, description = "Done."),
        (status = 403, description = "Not an agent. `no_right_internal`, `no_right_national`, `no_right_international`, `no_right_premium`: the agent lacks the right to dial this number. `blocked`: nobody may.", body = Problem),
        (status = 404, description = "You are on no such call.", body = Problem),
        (status = 409, description = "`not_talking`; `consulting`: complete or cancel that first; `colleague_logged_out`; `no_such_target`: one of the two who talk.", body = Problem),
        (status = 422, description = "Not exactly one target, or it leads nowhere.", body = Problem),
    )
)]
pub(in crate::api) async fn transfer(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(to): Body<TransferTarget>,
) -> Result<StatusCode, Problem> {
    let on_call = OnCall::of(&api, &signed_in, id).await?;
    let onward = match (to.agent, to.queue, to.number) {
        (Some(agent), None, None) => {
            let there = target::colleague(&api, &agent).await?;
            Onward::To(target::destination(&api, &there.party, &on_call.dialler()?)?)
        }
        (None, Some(queue), None) => Onward::Queue(target::queue(&api, &queue)?.name),
        (None, None, Some(number)) => target::onward(&api, &target::number(&api, &number)?, &on_call.dialler()?)?,
        _ => return Err(Problem::invalid("number", "Give one of agent, queue and number.")),
    };
    on_call.order(&api, Control::Transfer(onward)).await
}
