//! `POST /calls/{id}/consult`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::Control;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{control::OnCall, target};
use crate::api::{Api, Body, Problem, SignedIn};

/// Whom to ask: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsultTarget {
    /// Login of a colleague who is logged in.
    #[schema(example = "bruno")]
    agent: Option<String>,
    /// A phone of the site or a number outside.
    number: Option<String>,
}

/// Puts the other side on hold and calls somebody to ask (attended transfer). Then swap, complete or cancel; hanging up the phone completes.
#[utoipa::path(
    post,
    path = "/calls/{id}/consult",
    operation_id = "consult",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    request_body = ConsultTarget,
    responses(
        (status = 204, description = "Whoever is asked is being called."),
        (status = 403, description = "Not an agent. `no_right_internal`, `no_right_national`, `no_right_international`, `no_right_premium`: the agent lacks the right to dial this number. `blocked`: nobody may.", body = Problem),
        (status = 404, description = "You are on no such call.", body = Problem),
        (status = 409, description = "`not_talking`; `on_hold`: by the other side; `consulting`; `colleague_logged_out`; `no_such_target`: somebody in the call.", body = Problem),
        (status = 422, description = "Not exactly one target, or it leads nowhere.", body = Problem),
    )
)]
pub(in crate::api) async fn consult(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(whom): Body<ConsultTarget>,
) -> Result<StatusCode, Problem> {
    let on_call = OnCall::of(&api, &signed_in, id).await?;
    let destination = match (whom.agent, whom.number) {
        (Some(agent), None) => {
            let there = target::colleague(&api, &agent).await?;
            target::destination(&api, &there.party, &on_call.dialler()?)?
        }
        (None, Some(number)) => target::destination(&api, &target::number(&api, &number)?, &on_call.dialler()?)?,
        _ => return Err(Problem::invalid("number", "Give one of agent and number.")),
    };
    on_call.order(&api, Control::Consult(destination)).await
}
