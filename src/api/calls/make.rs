//! `POST /calls`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_call::{Destination, Dialler};
use carillon_model::{AgentId, AgentState, CallId, Number, Queue, Typology};
use carillon_store::abandoned_call;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::target;
use crate::{
    api::{Api, Body, Problem, SignedIn, abandoned_calls::row::seen},
    calls::Wish,
};

/// Whom to call.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCall {
    /// The number, as it is written anywhere: blanks, brackets and a leading `tel:` are left out; or what stands for one that is hidden from you.
    #[schema(example = "+39 02 1234567")]
    number: Option<String>,
    /// Login of a colleague at work, in place of a number: whatever phone they work with.
    agent: Option<String>,
    /// Short name of the queue in whose name, one the agent works in: its number is shown, its wrap-up follows. Without: in the agent's own.
    queue: Option<String>,
    /// Id of the abandoned call whose caller is called back: it must be reserved by you. Without `queue` it goes in the name of the one left.
    #[schema(value_type = Option<String>, format = Uuid)]
    abandoned_call: Option<CallId>,
}

/// A call being made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeCall {
    /// Id of the call.
    #[schema(value_type = String, format = Uuid)]
    pub id: carillon_model::CallId,
    /// Short number people use for it.
    pub number: u64,
}

/// Calls somebody for the signed-in agent (click-to-dial). The agent's own phone rings first and answers by itself where it can; once it
/// answered, the number is dialled by the outbound routes. What becomes of it is told on the live stream.
#[utoipa::path(
    post,
    path = "/calls",
    operation_id = "make_call",
    tag = "calls",
    request_body = NewCall,
    responses(
        (status = 202, description = "The agent's phone is being rung.", body = MadeCall),
        (status = 403, description = "Not an agent. `no_right_internal`, `no_right_national`, `no_right_international`, `no_right_premium`: the agent lacks the right to dial this number. `blocked`: nobody may. `not_your_queue`: the agent does not work in this queue. Nothing is dialled. `remote_control_off`: the agent's telephone is not worked from here.", body = Problem),
        (status = 409, description = "`colleague_logged_out`: the colleague is not at work. `not_logged_in`: choose a phone first. `at_work`: on a call, or being offered one. `not_reserved`: reserve the abandoned call first.", body = Problem),
        (status = 422, description = "The number cannot be dialled or leads nowhere, or there is no such queue.", body = Problem),
        (status = 503, description = "The server has no room for another call.", body = Problem),
    )
)]
pub(in crate::api) async fn make(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(wanted): Body<NewCall>,
) -> Result<(StatusCode, Json<MadeCall>), Problem> {
    let (agent, settings) = signed_in.agent()?;
    if settings.typology == Typology::Phonebar && !settings.remote_control {
        let title = "Calls are made on the telephone alone: remote control is off for this agent.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "remote_control_off", title));
    }
    let whom = match (&wanted.number, &wanted.agent) {
        (Some(number), None) => Whom::Number(target::number(&api, number)?),
        (None, Some(login)) => Whom::Colleague(target::colleague(&api, login).await?),
        (None, None) | (Some(_), Some(_)) => return Err(Problem::invalid("number", "Name a number or a colleague.")),
    };
    let mut queue = wanted.queue.as_deref().map(|queue| target::own_queue(&api, queue, agent)).transpose()?;
    let abandoned = match wanted.abandoned_call {
        None => None,
        Some(id) => Some(seen(&api, &signed_in, id).await?),
    };
    if let Some(abandoned) = &abandoned {
        if abandoned.reserved_by != Some(agent) {
            return Err(Problem::conflict("not_reserved", "Reserve this call first."));
        }
        queue = queue.or_else(|| api.around.directory.read().queues.get(&abandoned.queue).cloned());
    }
    let made = call(&api, agent, whom, queue).await?;
    if let Some(abandoned) = abandoned {
        // The call is being made whether that can be noted or not.
        match redialled(&api, abandoned.call, made.id).await {
            Ok(()) => api.live.abandoned_changed(abandoned.call, abandoned.queue),
            Err(error) => tracing::warn!(call = %made.id, %error, "a call back cannot be noted"),
        }
    }
    Ok((StatusCode::ACCEPTED, Json(made)))
}

async fn redialled(api: &Api, abandoned: CallId, by: CallId) -> Result<(), carillon_store::Error> {
    let mut write = api.db.write().await?;
    abandoned_call::redialled(&mut write, abandoned, by).await?;
    write.commit().await
}

/// Whom an agent calls.
enum Whom {
    Number(Number),
    /// Where they work.
    Colleague(Destination),
}

/// Calls somebody for an agent, perhaps in a queue's name.
async fn call(api: &Api, agent: AgentId, whom: Whom, queue: Option<Queue>) -> Result<MadeCall, Problem> {
    let view = api.around.acd.agent(agent).await;
    let phone = view.phone.ok_or_else(|| Problem::conflict("not_logged_in", "Choose a phone first."))?;
    if matches!(view.state, AgentState::Talking | AgentState::Offered) {
        return Err(Problem::conflict("at_work", "You are on a call, or being offered one."));
    }
    let by = Dialler { phone, agent: Some(agent), queue: queue.as_ref().map(|queue| queue.name.as_str()) };
    let (number, destination) = match whom {
        Whom::Number(number) => {
            let destination = target::destination(api, &number, &by)?;
            (number, destination)
        }
        // By name as by number: the same right is asked for.
        Whom::Colleague(there) => (there.party.clone(), target::destination(api, &there.party, &by)?),
    };
    let wish = Wish { phone, called: number, destination, queue: queue.clone() };
    let made = api.admission.make(wish).map_err(|_| Problem::unavailable("The server has no room for another call."))?;
    Ok(MadeCall { id: made.call, number: made.number })
}
