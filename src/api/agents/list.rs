//! `GET /agents`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, Problem, SignedIn, me::read::AgentStatus};

/// An agent.
#[derive(Serialize, ToSchema)]
pub struct AgentRow {
    /// Login name.
    login: String,
    /// Name shown to colleagues.
    name: String,
    /// SIP name of the phone worked with.
    phone: Option<String>,
    /// What the agent is doing.
    #[serde(flatten)]
    status: AgentStatus,
}

/// Every agent and what each is doing, by login.
#[utoipa::path(
    get,
    path = "/agents",
    tag = "agents",
    responses((status = 200, description = "By login.", body = Vec<AgentRow>), (status = 403, description = "For supervisors.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Vec<AgentRow>>, Problem> {
    signed_in.supervises()?;
    let view = api.around.acd.view().await;
    let directory = api.around.directory.read();
    let mut rows: Vec<AgentRow> = view
        .agents
        .iter()
        .filter_map(|agent| {
            let user = directory.users.get(&agent.agent.into())?;
            let phone = agent.phone.and_then(|phone| directory.phones.get(&phone)).map(|phone| phone.name.clone());
            Some(AgentRow { login: user.login.clone(), name: user.name.clone(), phone, status: AgentStatus::of(agent, &directory) })
        })
        .collect();
    rows.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(Json(rows))
}
