//! `GET /phones`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::{Api, Problem, SignedIn};

/// Which phones.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PhoneFilter {
    /// Only those that are registered and nobody's: what an agent may choose.
    #[serde(default)]
    available: bool,
}

/// A telephone.
#[derive(Serialize, ToSchema)]
pub struct PhoneRow {
    /// Id.
    #[schema(value_type = String, format = Uuid)]
    id: carillon_model::PhoneId,
    /// SIP name and internal number.
    name: String,
    /// What a person calls it.
    label: String,
    /// Whether it can be called.
    registered: bool,
    /// Login of the agent who works with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// What it says it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
}

/// Telephones, by name, without the pages of WebRTC agents. Agents see those they may choose; who works with which is for supervisors.
#[utoipa::path(
    get,
    path = "/phones",
    operation_id = "list_phones",
    tag = "agents",
    params(PhoneFilter),
    responses((status = 200, description = "By name.", body = Vec<PhoneRow>), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    filter: Result<Query<PhoneFilter>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Vec<PhoneRow>>, Problem> {
    let Query(filter) = filter?;
    let supervises = signed_in.supervises().is_ok();
    let view = api.around.acd.view().await;
    let directory = api.around.directory.read();
    let mut rows: Vec<PhoneRow> = directory
        .phones
        .values()
        .filter(|phone| !directory.is_page(phone.id))
        .filter(|phone| (supervises && !filter.available) || view.available_phones.contains(&phone.id))
        .map(|phone| {
            let status = api.around.phones.status(phone.id);
            let agent = view.agents.iter().find(|agent| agent.phone == Some(phone.id));
            PhoneRow {
                id: phone.id,
                name: phone.name.clone(),
                label: phone.label.clone(),
                registered: status.reachable,
                agent: agent.and_then(|agent| directory.users.get(&agent.agent.into())).map(|user| user.login.clone()),
                user_agent: status.user_agent.filter(|_| supervises),
            }
        })
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Json(rows))
}
