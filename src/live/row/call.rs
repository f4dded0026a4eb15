//! A call that is up.

use carillon_call::Had;
use carillon_model::{AgentId, CallId, CallKind, Hearing, LegId, LegRole, QueueId, Reason, Supervision};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    dispatch::Snapshot,
    live::board::{CallState, LiveCall, Party, PartyState, RecordingState},
};

/// A call that is up.
#[derive(Serialize, ToSchema)]
pub struct LiveCallRow {
    /// Id.
    #[schema(value_type = String, format = Uuid)]
    call: CallId,
    /// Short number people use for it.
    number: u64,
    /// `inbound`, `outbound`, `internal`, `dialer` or `service`.
    #[schema(value_type = String)]
    kind: CallKind,
    /// Who called; of a call of ours that was given to a queue, whom we called, who waits there.
    caller: String,
    /// The caller's display name.
    caller_name: Option<String>,
    /// What was dialled.
    called: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// Where it stands.
    state: CallState,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Short name of the queue it waits in or came through.
    queue: Option<String>,
    /// Why whoever was dialled last was not reached; none while somebody is being dialled, or once who waited meanwhile is spoken with again.
    #[schema(value_type = Option<String>)]
    not_reached: Option<Reason>,
    /// Whether it is recorded: `running`, or `paused` while what is said is left out.
    recording: Option<RecordingState>,
    /// Login of the agent who talks.
    agent: Option<String>,
    /// That agent's name.
    agent_name: Option<String>,
    /// Logins of the agents being rung for it.
    offered_to: Vec<String>,
    /// Their names, in the same order.
    offered_to_names: Vec<String>,
    /// Which agents have or had it, for which queue, wherever it went since.
    had_by: Vec<HadByRow>,
    /// Who is in it: the party it began with, then the others as they came. Phones that ring for an offer are not among them.
    parties: Vec<PartyRow>,
    /// For supervisors: who of them takes part beside the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    supervisor: Option<SupervisorRow>,
}

/// An agent who has or had a call.
#[derive(Serialize, ToSchema)]
pub struct HadByRow {
    /// Login.
    agent: String,
    /// Short name of the queue in whose name; none: of no queue.
    queue: Option<String>,
    /// When the agent began to talk, the last time if several.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// A supervisor in a call.
#[derive(Serialize, ToSchema)]
pub struct SupervisorRow {
    /// Login.
    login: String,
    /// Name.
    name: String,
    /// `listen`: hears all; `whisper`: and is heard by the agent; `barge`: and by all.
    #[schema(value_type = String)]
    mode: Supervision,
}

/// A party of a call that is up.
#[derive(Serialize, ToSchema)]
pub struct PartyRow {
    /// Id of its leg, as facts name it.
    #[schema(value_type = String, format = Uuid)]
    leg: LegId,
    /// `caller`: the call began with it; `agent`: asked by a queue; `callee`: dialled.
    #[schema(value_type = String)]
    role: LegRole,
    /// Its number.
    number: String,
    /// Login of the agent there.
    agent: Option<String>,
    /// That agent's name.
    agent_name: Option<String>,
    /// SIP name of the phone, if it is one of the site's.
    phone: Option<String>,
    /// How far it has come.
    state: PartyState,
    /// Whether it is on hold: it hears music.
    on_hold: bool,
    /// `heard`; `nothing_comes`: for some seconds, though somebody listens; `silence`: audio without a sound, for longer.
    #[schema(value_type = String)]
    hearing: Hearing,
}

impl LiveCallRow {
    /// As agents see it.
    pub(in crate::live) fn of(call: &LiveCall, directory: &Snapshot) -> Self {
        Self::told(call, directory, false)
    }

    fn told(call: &LiveCall, directory: &Snapshot, supervises: bool) -> Self {
        let name = |agent: &AgentId| directory.name_of((*agent).into(), supervises);
        let login = |agent: &AgentId| directory.users.get(&(*agent).into()).map(|user| user.login.clone());
        let shown = call.parties.iter().filter(|party| party.offer.is_none() || party.state == PartyState::Up);
        let party = |party: &Party| PartyRow {
            leg: party.leg,
            role: party.role,
            number: party.number.clone(),
            agent: party.agent.as_ref().and_then(login),
            agent_name: party.agent.as_ref().and_then(name),
            phone: party.phone.and_then(|phone| directory.phones.get(&phone)).map(|phone| phone.name.clone()),
            state: party.state,
            on_hold: party.on_hold,
            hearing: party.hearing,
        };
        let queue = |queue: &QueueId| directory.queues.get(queue).map(|queue| queue.name.clone());
        let had = |(agent, had): (AgentId, Had)| {
            Some(HadByRow { agent: login(&agent)?, queue: had.queue.as_ref().and_then(queue), since: had.since })
        };
        Self {
            had_by: call.had_by().into_iter().filter_map(had).collect(),
            parties: shown.map(party).collect(),
            supervisor: None,
            call: call.call,
            number: call.number,
            kind: call.kind,
            caller: call.caller.number.clone(),
            caller_name: call.caller.name.clone(),
            called: call.called.clone(),
            started_at: call.started_at,
            state: call.state,
            since: call.since,
            queue: call.queue.as_ref().and_then(queue),
            not_reached: call.not_reached,
            recording: call.recording,
            agent: call.agent.as_ref().and_then(login),
            agent_name: call.agent.as_ref().and_then(name),
            offered_to: call.offered_to.iter().filter_map(login).collect(),
            offered_to_names: call.offered_to.iter().filter_map(name).collect(),
        }
    }

    /// As supervisors see it.
    pub(in crate::live) fn whole(call: &LiveCall, directory: &Snapshot) -> Self {
        let supervisor = call.supervisor.and_then(|supervisor| {
            let user = directory.users.get(&supervisor.user)?;
            Some(SupervisorRow { login: user.login.clone(), name: user.name.clone(), mode: supervisor.mode })
        });
        Self { supervisor, ..Self::told(call, directory, true) }
    }
}
