//! `GET /phones`

use std::{net::IpAddr, sync::Arc};

use axum::{
    Json,
    extract::{Query, State},
};
use carillon_model::Reason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{Api, Problem, SignedIn},
    dispatch::{PhoneRefusal, PhoneRefusedWhy},
};

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
    /// That agent's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_name: Option<String>,
    /// What it says it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// Why it cannot be called any more: `hung_up` (it signed off), `no_answer` (it did not register again, or does not answer), `peer_lost` (its
    /// connection broke).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    why: Option<Reason>,
    /// The last registration that was refused since it last registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<RefusedRegistration>,
}

/// A registration that was refused.
#[derive(Serialize, ToSchema)]
pub struct RefusedRegistration {
    /// `wrong_password`, `another_name` (it proves to be another phone than it says), `unusable` (its request makes no sense) or `no_room`.
    #[schema(value_type = String)]
    why: PhoneRefusedWhy,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The address it came from.
    #[schema(value_type = String)]
    from: IpAddr,
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
            let refusal = api.around.phones.refusal(phone.id).filter(|_| supervises);
            let agent = view.agents.iter().find(|agent| agent.phone == Some(phone.id));
            PhoneRow {
                id: phone.id,
                name: phone.name.clone(),
                label: phone.label.clone(),
                registered: status.reachable,
                agent: agent.and_then(|agent| directory.users.get(&agent.agent.into())).map(|user| user.login.clone()),
                agent_name: agent.and_then(|agent| directory.name_of(agent.agent.into(), supervises)),
                user_agent: status.user_agent.filter(|_| supervises),
                why: status.why.filter(|_| supervises),
                refused: refusal.map(|PhoneRefusal { why, at, from }| RefusedRegistration { why, at, from }),
            }
        })
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Json(rows))
}
