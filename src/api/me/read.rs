//! `GET /me`

use std::{sync::Arc, time::Instant};

use axum::{Json, extract::State};
use carillon_acd::{AgentView, PauseCause};
use carillon_model::{AgentState, Role, Typology, User};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Problem, SignedIn},
    dispatch::Snapshot,
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
    /// SIP name of the phone worked with; absent before one is chosen.
    phone: Option<String>,
    /// What the agent is doing.
    #[serde(flatten)]
    status: AgentStatus,
}

/// What an agent is doing.
#[derive(Serialize, ToSchema)]
pub struct AgentStatus {
    /// `logged_out`, `available`, `offered`, `talking`, `wrap_up`, `paused` or `unreachable`.
    #[schema(value_type = String)]
    state: AgentState,
    /// Since when; absent when logged out.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Milliseconds until the state ends by itself (offer, wrap-up).
    left_ms: Option<u64>,
    /// Name of the pause, or `misses` when the server paused the agent.
    pause: Option<String>,
    /// Name of the pause that begins when the work at hand is over.
    pending_pause: Option<String>,
    /// The call at hand.
    #[schema(value_type = Option<String>, format = Uuid)]
    call: Option<carillon_model::CallId>,
    /// The offer that rings.
    #[schema(value_type = Option<String>, format = Uuid)]
    offer: Option<carillon_model::OfferId>,
    /// Offers missed in a row.
    misses: u32,
}

impl AgentStatus {
    /// As `acd` sees it.
    pub fn of(view: &AgentView, directory: &Snapshot) -> Self {
        let pause = |cause: PauseCause| match cause {
            PauseCause::Chosen(id) => directory.pauses.get(&id).map_or_else(|| id.to_string(), |pause| pause.name.clone()),
            PauseCause::Misses => "misses".to_owned(),
        };
        let left = |until: Instant| u64::try_from(until.saturating_duration_since(Instant::now()).as_millis()).unwrap_or(u64::MAX);
        Self {
            state: view.state,
            since: view.since.map(|since| since.wall),
            left_ms: view.until.map(left),
            pause: view.pause.map(pause),
            pending_pause: view.pending_pause.map(pause),
            call: view.call,
            offer: view.offer,
            misses: view.misses,
        }
    }
}

impl Me {
    /// The user behind a session, now.
    pub async fn of(api: &Api, user: &User) -> Self {
        let agent = match &user.agent {
            None => None,
            Some(agent) => {
                let directory = api.around.directory.read();
                let view = api.around.acd.agent(user.id.into()).await;
                Some(MyAgent {
                    number: agent.number.as_str().to_owned(),
                    typology: agent.typology,
                    phone: view.phone.and_then(|phone| directory.phones.get(&phone)).map(|phone| phone.name.clone()),
                    status: AgentStatus::of(&view, &directory),
                })
            }
        };
        Self { id: user.id, login: user.login.clone(), name: user.name.clone(), role: user.role, agent }
    }
}

/// The signed-in person, and what an agent is doing.
#[utoipa::path(
    get,
    path = "/me",
    tag = "session",
    responses((status = 200, description = "You.", body = Me), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn read(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Json<Me> {
    Json(Me::of(&api, &signed_in.user).await)
}
