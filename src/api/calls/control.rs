//! What an agent orders in the call at hand, and how the call answers.

use axum::{
    extract::{Path, rejection::PathRejection},
    http::StatusCode,
};
use carillon_acd::AgentView;
use carillon_call::{Control, ControlRefused, Dialler};
use carillon_model::{AgentId, AgentState, CallId};
use tokio::sync::oneshot;

use crate::{
    api::{Api, Problem, SignedIn},
    calls::Input,
};

/// An agent on the call of a path.
pub(super) struct OnCall {
    call: CallId,
    agent: AgentId,
    view: AgentView,
}

impl OnCall {
    /// Whoever is signed in, on that call. Somebody else's call is no different from one that does not exist.
    pub(super) async fn of(api: &Api, signed_in: &SignedIn, id: Result<Path<uuid::Uuid>, PathRejection>) -> Result<Self, Problem> {
        let call = CallId::new(id?.0);
        let (agent, _) = signed_in.agent()?;
        let view = api.around.acd.agent(agent).await;
        if !is_on(&view, call) {
            return Err(Problem::not_found("call"));
        }
        Ok(Self { call, agent, view })
    }

    /// The agent as who dials.
    pub(super) fn dialler(&self) -> Result<Dialler<'_>, Problem> {
        let phone = self.view.phone.ok_or_else(|| Problem::not_found("call"))?;
        Ok(Dialler { phone, agent: Some(self.agent), queue: None })
    }

    /// Orders the call and waits for its answer.
    pub(super) async fn order(self, api: &Api, control: Control) -> Result<StatusCode, Problem> {
        let mailbox = api.around.calls.mailbox(self.call).ok_or_else(|| Problem::not_found("call"))?;
        let (reply, answer) = oneshot::channel();
        mailbox.post(Input::Control { agent: self.agent, control, reply });
        match answer.await {
            Ok(Ok(())) => Ok(StatusCode::NO_CONTENT),
            Ok(Err(refused)) => Err(problem(refused)),
            Err(_) => Err(Problem::not_found("call")),
        }
    }
}

/// A call that is only offered is another's still: an order must not reach it. One by which the agent alone is called may be declined.
fn is_on(agent: &AgentView, call: CallId) -> bool {
    let is_called = agent.state == AgentState::Offered && agent.offer.is_none();
    (agent.state == AgentState::Talking || is_called) && agent.call == Some(call)
}

pub(super) fn problem(refused: ControlRefused) -> Problem {
    let code = match refused {
        ControlRefused::NotTalking => "not_talking",
        ControlRefused::OnHold => "on_hold",
        ControlRefused::NotOnHold => "not_on_hold",
        ControlRefused::Consulting => "consulting",
        ControlRefused::NotConsulting => "not_consulting",
        ControlRefused::NotAnswered => "not_answered",
        ControlRefused::ThreeWay => "three_way",
        ControlRefused::NotRecorded => "not_recorded",
        ControlRefused::RecordingPaused => "recording_paused",
        ControlRefused::RecordingNotPaused => "recording_not_paused",
        ControlRefused::NoSuchTarget => "no_such_target",
        ControlRefused::Supervised => "supervised",
        ControlRefused::NotSupervising => "not_supervising",
    };
    Problem::conflict(code, refused.to_string())
}
