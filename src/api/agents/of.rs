//! The agent a supervisor's order is about.

use axum::extract::{Path, rejection::PathRejection};
use carillon_model::AgentId;

use crate::{
    api::{Api, Problem, SignedIn},
    live::row::AgentRow,
};

/// The agent of a path, for those who may give agents orders.
pub(super) fn ordered(api: &Api, signed_in: &SignedIn, id: Result<Path<uuid::Uuid>, PathRejection>) -> Result<AgentId, Problem> {
    signed_in.supervises()?;
    let agent = AgentId::new(id?.0);
    let directory = api.around.directory.read();
    let known = directory.may_work(agent);
    known.then_some(agent).ok_or_else(|| Problem::not_found("agent"))
}

/// How the agent stands now.
pub(super) async fn row(api: &Api, agent: AgentId) -> Result<AgentRow, Problem> {
    // Not every order has a fact: desktops are shown the outcome all the same.
    api.live.touch();
    let view = api.around.acd.agent(agent).await;
    AgentRow::of(&view, &api.around.directory.read()).ok_or_else(|| Problem::not_found("agent"))
}
