//! `GET /targets`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_model::AgentState;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, Problem, SignedIn};

/// To whom a call can be given on, by name. More than this nobody learns of colleagues.
#[derive(Serialize, ToSchema)]
pub struct Targets {
    /// Colleagues who are logged in.
    agents: Vec<ColleagueRow>,
    /// Queues, one's own or not.
    queues: Vec<TargetQueue>,
}

/// A colleague.
#[derive(Serialize, ToSchema)]
pub struct ColleagueRow {
    /// Login name.
    login: String,
    /// Name shown to colleagues.
    name: String,
    /// Internal number.
    number: String,
    /// What the colleague is doing.
    #[schema(value_type = String)]
    state: AgentState,
}

/// A queue.
#[derive(Serialize, ToSchema)]
pub struct TargetQueue {
    /// Short name.
    name: String,
    /// Name shown to people.
    label: String,
    /// Callers who wait.
    waiting: usize,
}

/// Colleagues who are logged in and queues: to whom an agent may give a call on, or whom to ask.
#[utoipa::path(
    get,
    path = "/targets",
    operation_id = "list_targets",
    tag = "calls",
    responses((status = 200, description = "By name.", body = Targets), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Json<Targets> {
    let view = api.around.acd.view().await;
    let directory = api.around.directory.read();
    let colleague = |agent: &carillon_acd::AgentView| {
        let user = directory.users.get(&agent.agent.into()).filter(|user| user.id != signed_in.user.id)?;
        let number = user.agent.as_ref()?.number.as_str().to_owned();
        Some(ColleagueRow { login: user.login.clone(), name: user.known_as().to_owned(), number, state: agent.state })
    };
    let mut agents: Vec<_> = view.agents.iter().filter(|agent| agent.phone.is_some()).filter_map(colleague).collect();
    agents.sort_by(|a, b| a.name.cmp(&b.name));
    let waiting = |id| view.waiting.iter().filter(|waiting| waiting.queue == id).count();
    let queue =
        |queue: &carillon_model::Queue| TargetQueue { name: queue.name.clone(), label: queue.label.clone(), waiting: waiting(queue.id) };
    let mut queues: Vec<_> = directory.queues.values().map(queue).collect();
    queues.sort_by(|a, b| a.label.cmp(&b.label));
    Json(Targets { agents, queues })
}
