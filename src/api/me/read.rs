//! `GET /me`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_model::{Parts, Role, Typology};
use carillon_store::password;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, AtTheDoor, Problem, SignedIn},
    auth::{
        policy::Validity,
        second_factor::{self, SecondFactor},
    },
    live::row::AgentStatus,
};

/// The signed-in person.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// Id of the user.
    #[schema(value_type = String, format = Uuid)]
    id: carillon_model::UserId,
    /// Login name.
    login: String,
    /// Name shown to colleagues.
    name: String,
    /// `agent`, `supervisor` or `admin`.
    #[schema(value_type = String)]
    role: Role,
    /// How the password stands.
    password: Validity,
    /// How the second factor stands. One that is required and not on must be set before anything else.
    second_factor: SecondFactor,
    /// Set for agents.
    agent: Option<MyAgent>,
}

/// What a signed-in agent is doing.
#[derive(Serialize, ToSchema)]
pub struct MyAgent {
    /// Internal number.
    number: String,
    /// `phonebar`, `external` or `webrtc`.
    #[schema(value_type = String)]
    typology: Typology,
    /// What of the desktop you are shown, as the administrator's list says; absent: everything.
    #[schema(value_type = Option<Vec<String>>)]
    parts: Parts,
    /// Whether your log-ins begin with the default pause, unless you wish otherwise.
    logs_in_paused: bool,
    /// SIP name of the phone worked with; absent before one is chosen.
    phone: Option<String>,
    /// What the agent is doing.
    #[serde(flatten)]
    status: AgentStatus,
}

impl Me {
    /// The user behind a session, now.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn of(api: &Api, SignedIn { session, user, .. }: &SignedIn) -> Result<Self, Problem> {
        let standing = password::standing(&api.db, user.id).await?.ok_or_else(Problem::signed_out)?;
        let agent = match &user.agent {
            None => None,
            Some(agent) => {
                let directory = api.around.directory.read();
                let view = api.around.acd.agent(user.id.into()).await;
                Some(MyAgent {
                    number: agent.number.as_str().to_owned(),
                    typology: agent.typology,
                    parts: if user.role == Role::Agent { agent.parts.clone() } else { Parts::default() },
                    logs_in_paused: agent.logs_in_paused,
                    phone: view.phone.and_then(|phone| directory.phones.get(&phone)).map(|phone| phone.name.clone()),
                    status: AgentStatus::of(&view, &directory),
                })
            }
        };
        let mut second_factor = second_factor::standing(&api.db, &api.config.accounts, user).await?;
        second_factor.required &= !session.by_provider;
        let password = match session.by_provider {
            true => Validity::UNASKED,
            false => api.config.accounts.validity(standing, Timestamp::now()),
        };
        Ok(Self { id: user.id, login: user.login.clone(), name: user.name.clone(), role: user.role, password, second_factor, agent })
    }
}

/// The signed-in person, and what an agent is doing.
#[utoipa::path(
    get,
    path = "/me",
    operation_id = "read_me",
    tag = "session",
    responses((status = 200, description = "You.", body = Me), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn read(State(api): State<Arc<Api>>, AtTheDoor(signed_in): AtTheDoor) -> Result<Json<Me>, Problem> {
    Ok(Json(Me::of(&api, &signed_in).await?))
}
