//! An agent.

use std::time::Instant;

use carillon_acd::{AgentView, PauseCause};
use carillon_model::{AgentId, AgentState};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dispatch::Snapshot;

/// An agent.
#[derive(Serialize, ToSchema)]
pub struct AgentRow {
    /// Id, as facts name the agent.
    #[schema(value_type = String, format = Uuid)]
    id: AgentId,
    /// Login name.
    pub(crate) login: String,
    /// Name shown to colleagues.
    name: String,
    /// SIP name of the phone worked with.
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
    /// When the state ends by itself (offer, wrap-up).
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Milliseconds until then.
    left_ms: Option<u64>,
    /// Name of the pause, or `misses` when the server paused the agent.
    pause: Option<String>,
    /// What people call that pause; absent where the server paused the agent.
    pause_label: Option<String>,
    /// Name of the pause that begins when the work at hand is over.
    pending_pause: Option<String>,
    /// What people call it.
    pending_pause_label: Option<String>,
    /// Queues the agent takes nothing from meanwhile, while open for the others.
    paused_in: Vec<QueuePause>,
    /// Whether the agent is logged out when the call at hand is over.
    leaving: bool,
    /// The call at hand.
    #[schema(value_type = Option<String>, format = Uuid)]
    call: Option<carillon_model::CallId>,
    /// The offer that rings.
    #[schema(value_type = Option<String>, format = Uuid)]
    offer: Option<carillon_model::OfferId>,
    /// Offers missed in a row.
    misses: u32,
}

/// A pause in one queue.
#[derive(Serialize, ToSchema)]
pub struct QueuePause {
    /// Short name of the queue.
    queue: String,
    /// Name of the pause.
    pause: String,
}

impl AgentRow {
    /// With names in place of ids; `None`: the user is gone.
    pub fn of(view: &AgentView, directory: &Snapshot) -> Option<Self> {
        let user = directory.users.get(&view.agent.into())?;
        let phone = view.phone.and_then(|phone| directory.phones.get(&phone)).map(|phone| phone.name.clone());
        let (login, name) = (user.login.clone(), user.name.clone());
        Some(Self { id: view.agent, login, name, phone, status: AgentStatus::of(view, directory) })
    }
}

impl AgentStatus {
    /// As `acd` sees it.
    pub fn of(view: &AgentView, directory: &Snapshot) -> Self {
        let pause = |cause: PauseCause| match cause {
            PauseCause::Chosen(id) => directory.pauses.get(&id).map_or_else(|| id.to_string(), |pause| pause.name.clone()),
            PauseCause::Misses => "misses".to_owned(),
        };
        let label = |cause: PauseCause| match cause {
            PauseCause::Chosen(id) => directory.pauses.get(&id).map(|pause| pause.label.clone()),
            PauseCause::Misses => None,
        };
        let left = view.until.map(|until| until.saturating_duration_since(Instant::now()));
        Self {
            state: view.state,
            since: view.since.map(|since| since.wall),
            until: left.map(|left| Timestamp::now() + left),
            left_ms: left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
            pause: view.pause.map(pause),
            pause_label: view.pause.and_then(label),
            pending_pause: view.pending_pause.map(pause),
            pending_pause_label: view.pending_pause.and_then(label),
            paused_in: view
                .paused_in
                .iter()
                .filter_map(|(queue, id)| Some((directory.queues.get(queue)?.name.clone(), pause(PauseCause::Chosen(*id)))))
                .map(|(queue, pause)| QueuePause { queue, pause })
                .collect(),
            leaving: view.leaving,
            call: view.call,
            offer: view.offer,
            misses: view.misses,
        }
    }
}
