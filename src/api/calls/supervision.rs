//! A supervisor beside the agent of a call: by which phone, and how the call answers.

use axum::{
    extract::{Path, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::{ControlRefused, Supervise};
use carillon_model::{AgentState, CallId, Number, Phone, Supervision, UserId};
use carillon_store::audit;
use serde::Deserialize;
use tokio::sync::oneshot;
use utoipa::ToSchema;

use super::control::problem;
use crate::{
    api::{Api, Problem, SignedIn},
    calls::Input,
};

/// The phone to take part with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisorsPhone {
    /// Its SIP name. Without: the one the supervisor is logged in with; whoever is there already keeps the one in use.
    #[schema(example = "1003")]
    phone: Option<String>,
}

/// Asks the call to let the supervisor in, or to change how one who is there takes part.
pub(super) async fn supervise(
    api: &Api,
    signed_in: &SignedIn,
    id: uuid::Uuid,
    SupervisorsPhone { phone }: SupervisorsPhone,
    mode: Supervision,
) -> Result<StatusCode, Problem> {
    signed_in.supervises()?;
    let call = CallId::new(id);
    let supervisor = signed_in.user.id;
    // Who is there needs no phone any more.
    match ask(api, call, supervisor, Supervise::Change(mode)).await? {
        Err(ControlRefused::NotSupervising) => {
            let phone = free_phone(api, supervisor, call, phone).await?;
            let wanted = Supervise::Begin { phone: phone.id, number: Number::new(phone.name), mode };
            ask(api, call, supervisor, wanted).await?.map_err(problem)?;
        }
        answer => answer.map_err(problem)?,
    }
    let mut write = api.write(signed_in).await?;
    audit::supervised(&mut write, call, mode).await?;
    write.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// Asks the call to put the supervisor in the agent's place.
pub(super) async fn take_over(api: &Api, signed_in: &SignedIn, id: Result<Path<uuid::Uuid>, PathRejection>) -> Result<StatusCode, Problem> {
    signed_in.supervises()?;
    let call = CallId::new(id?.0);
    ask(api, call, signed_in.user.id, Supervise::TakeOver).await?.map_err(problem)?;
    let mut write = api.write(signed_in).await?;
    audit::taken_over(&mut write, call).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks the call to let the supervisor go.
pub(super) async fn stop(api: &Api, signed_in: &SignedIn, id: Result<Path<uuid::Uuid>, PathRejection>) -> Result<StatusCode, Problem> {
    signed_in.supervises()?;
    ask(api, CallId::new(id?.0), signed_in.user.id, Supervise::Stop).await?.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn ask(api: &Api, call: CallId, supervisor: UserId, wanted: Supervise) -> Result<Result<(), ControlRefused>, Problem> {
    let mailbox = api.around.calls.mailbox(call).ok_or_else(|| Problem::not_found("call"))?;
    let (reply, answer) = oneshot::channel();
    mailbox.post(Input::Supervise { supervisor, wanted, reply });
    answer.await.map_err(|_| Problem::not_found("call"))
}

/// The named phone, or the supervisor's own, if it can be rung: nobody else works with it, and it is in no other call.
async fn free_phone(api: &Api, supervisor: UserId, call: CallId, named: Option<String>) -> Result<Phone, Problem> {
    let view = api.around.acd.view().await;
    let directory = api.around.directory.read();
    let phone = match named {
        Some(name) => directory.phones.values().find(|phone| phone.name == name),
        None => {
            let own = view.agents.iter().find(|agent| UserId::from(agent.agent) == supervisor).and_then(|agent| agent.phone);
            own.and_then(|own| directory.phones.get(&own))
        }
    };
    let phone = phone.ok_or_else(|| Problem::invalid("phone", "Say which telephone is to ring."))?;
    if !api.around.phones.status(phone.id).reachable {
        return Err(Problem::conflict("phone_unreachable", "This telephone is not registered."));
    }
    match view.agents.iter().find(|agent| agent.phone == Some(phone.id)) {
        Some(agent) if UserId::from(agent.agent) != supervisor => {
            Err(Problem::conflict("phone_taken", "An agent works with this telephone."))
        }
        Some(agent) if matches!(agent.state, AgentState::Talking | AgentState::Offered) && agent.call != Some(call) => {
            Err(Problem::conflict("at_work", "You are on a call, or being offered one."))
        }
        Some(_) | None => Ok(phone.clone()),
    }
}
