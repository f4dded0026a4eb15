//! The calls that are up, folded from their facts, and who may see what of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use carillon_call::{Cdr, CdrBuilder, Had};
use carillon_model::{
    AgentId, CallId, CallKind, Entry, Fact, Hearing, LegId, LegRole, OfferId, OfferOutcome, PhoneId, QueueExit, QueueId, Reason,
    Supervision, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::reader::Audience;

/// Ended calls that are remembered: a recording is closed after its call, and an agent writes it up.
const ENDED: usize = 1000;

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// In the dialplan.
    Arriving,
    /// In a queue.
    Waiting,
    /// Somebody is being rung outside any queue.
    Ringing,
    /// Two sides hear each other.
    Talking,
}

/// How the recording of a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// What is said is recorded.
    Running,
    /// Silence is, until an agent wishes otherwise.
    Paused,
}

/// Who calls; of a call of ours that was given to a queue, who waits there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Number.
    pub number: String,
    /// Display name.
    pub name: Option<String>,
}

/// How far a party has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyState {
    /// Dialled, or come in and not answered.
    Trying,
    /// It rings there.
    Ringing,
    /// Answered.
    Up,
}

/// One party of a call that is up.
#[derive(Debug, Clone)]
pub(super) struct Party {
    pub(super) leg: LegId,
    pub(super) role: LegRole,
    pub(super) number: String,
    pub(super) agent: Option<AgentId>,
    pub(super) phone: Option<PhoneId>,
    pub(super) state: PartyState,
    pub(super) on_hold: bool,
    /// What is heard of it.
    pub(super) hearing: Hearing,
    /// Dialled for an offer to this agent: no business of others.
    pub(super) offer: Option<OfferId>,
}

/// A call that is up.
#[derive(Debug, Clone)]
pub(super) struct LiveCall {
    pub(super) call: CallId,
    pub(super) number: u64,
    pub(super) kind: CallKind,
    pub(super) caller: Caller,
    pub(super) called: String,
    pub(super) started_at: Timestamp,
    pub(super) state: CallState,
    pub(super) since: Timestamp,
    pub(super) queue: Option<QueueId>,
    /// Why whoever was dialled last was not reached.
    pub(super) not_reached: Option<Reason>,
    /// Whether it is recorded.
    pub(super) recording: Option<RecordingState>,
    /// Who talks.
    pub(super) agent: Option<AgentId>,
    pub(super) offered_to: BTreeSet<AgentId>,
    /// Its record so far.
    record: CdrBuilder,
    /// Who is in it, first the one it began with.
    pub(super) parties: Vec<Party>,
    /// Who talked in it or made it: it is theirs to the end.
    partners: BTreeSet<AgentId>,
    /// Who is being rung outside any offer: theirs only if they answer.
    rung_by_leg: BTreeMap<LegId, AgentId>,
    agents_by_leg: BTreeMap<LegId, AgentId>,
    /// Who hears it beside its agent: no business of agents.
    pub(super) supervisor: Option<LiveSupervisor>,
    /// Legs of all who ever did, as the parties they become if they take the call over: as whose work it is from then on.
    supervisors_legs: BTreeMap<LegId, Party>,
}

/// Who takes part in a call beside its agent.
#[derive(Debug, Clone, Copy)]
pub(super) struct LiveSupervisor {
    pub(super) user: UserId,
    pub(super) mode: Supervision,
    leg: LegId,
}

impl LiveCall {
    /// Agents who may see it.
    pub(super) fn seen_by(&self) -> BTreeSet<AgentId> {
        self.partners.iter().chain(&self.offered_to).chain(self.rung_by_leg.values()).copied().collect()
    }

    /// Which agents have or had it, for which queue.
    pub(super) fn had_by(&self) -> BTreeMap<AgentId, Had> {
        self.record.cdr().map(Cdr::had_by).unwrap_or_default()
    }

    /// Whether a party stands otherwise afterwards.
    fn fold_party(&mut self, fact: &Fact) -> bool {
        let of = |parties: &mut Vec<Party>, leg: LegId, change: &dyn Fn(&mut Party)| {
            let party = parties.iter_mut().find(|party| party.leg == leg);
            party.map(change).is_some()
        };
        match fact {
            Fact::LegStarted { leg, role, party, agent, phone, offer, .. } => {
                let (number, state) = (party.as_str().to_owned(), PartyState::Trying);
                let (role, agent, phone, offer) = (*role, *agent, *phone, *offer);
                let party = Party { leg: *leg, role, number, agent, phone, state, on_hold: false, hearing: Hearing::Heard, offer };
                if role == LegRole::Supervisor {
                    self.supervisors_legs.insert(*leg, Party { role: LegRole::Callee, state: PartyState::Up, ..party });
                    return false;
                }
                self.parties.push(party);
                self.not_reached = None;
                true
            }
            // Bridged with the other side: it has the call now.
            Fact::CallBridged { a, b, .. } => {
                let took = [a, b].into_iter().find_map(|leg| self.supervisors_legs.remove(leg));
                if let Some(party) = took {
                    self.supervisor = None;
                    if let Some(agent) = party.agent {
                        self.partners.insert(agent);
                        self.agents_by_leg.insert(party.leg, agent);
                    }
                    self.parties.push(party);
                }
                true
            }
            Fact::LegRinging { leg, .. } => of(&mut self.parties, *leg, &|party| party.state = PartyState::Ringing),
            Fact::LegAnswered { leg, .. } => of(&mut self.parties, *leg, &|party| party.state = PartyState::Up),
            Fact::LegHearing { leg, hearing, .. } => of(&mut self.parties, *leg, &|party| party.hearing = *hearing),
            Fact::CallHeld { leg, .. } => of(&mut self.parties, *leg, &|party| party.on_hold = true),
            Fact::CallResumed { leg, .. } => {
                // Who waited while somebody was asked is spoken with again.
                self.not_reached = None;
                of(&mut self.parties, *leg, &|party| party.on_hold = false)
            }
            Fact::CallSupervised { leg, supervisor, mode, .. } => {
                self.supervisor = Some(LiveSupervisor { user: *supervisor, mode: *mode, leg: *leg });
                if let Some(party) = self.supervisors_legs.get_mut(leg) {
                    party.agent = Some((*supervisor).into());
                }
                true
            }
            Fact::LegEnded { leg, .. } if self.supervisors_legs.contains_key(leg) => {
                self.supervisor.take_if(|supervisor| supervisor.leg == *leg).is_some()
            }
            Fact::LegEnded { leg, ending, .. } => {
                let before = self.parties.len();
                if self.parties.iter().any(|party| party.leg == *leg && party.role == LegRole::Callee && party.state != PartyState::Up) {
                    self.not_reached = Some(ending.reason);
                }
                self.parties.retain(|party| party.leg != *leg);
                before != self.parties.len()
            }
            _ => false,
        }
    }

    fn enter(&mut self, state: CallState, at: Timestamp) {
        (self.state, self.since) = (state, at);
    }
}

/// What a fact changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Folded {
    /// Who may see the fact.
    pub(super) audience: Audience,
    /// The call whose row is another now.
    pub(super) changed: Option<CallId>,
}

#[derive(Debug, Default)]
pub(super) struct Board {
    calls_by_id: BTreeMap<CallId, LiveCall>,
    /// As they were at their end.
    ended: VecDeque<LiveCall>,
}

impl Board {
    pub(super) fn calls(&self) -> impl Iterator<Item = &LiveCall> {
        self.calls_by_id.values()
    }

    pub(super) fn call(&self, call: CallId) -> Option<&LiveCall> {
        self.calls_by_id.get(&call)
    }

    /// A call that has ended, as it was then; `None` when that is long ago.
    pub(super) fn ended(&self, call: CallId) -> Option<&LiveCall> {
        self.ended.iter().rfind(|ended| ended.call == call)
    }

    /// Takes a fact in.
    pub(super) fn fold(&mut self, entry: &Entry) -> Folded {
        // Of both moments: whoever may see the call before or after may see what made the difference.
        let before = entry.fact.call().map(|call| self.agents_of(call));
        let changed = self.change(entry).then(|| entry.fact.call()).flatten();
        let mut agents = before.unwrap_or_default();
        agents.extend(entry.fact.call().map(|call| self.agents_of(call)).unwrap_or_default());
        Folded { audience: self.audience(&entry.fact, agents), changed }
    }

    fn audience(&self, fact: &Fact, of_call: BTreeSet<AgentId>) -> Audience {
        match fact {
            Fact::ServerStarted { .. } | Fact::ServerStopped {} => Audience::Everybody,
            Fact::AlarmRaised { .. }
            | Fact::AlarmCleared { .. }
            | Fact::PhoneReachable { .. }
            | Fact::PhoneUnreachable { .. }
            | Fact::TrunkUp { .. }
            | Fact::TrunkDown { .. }
            | Fact::EmergencyDialled { .. }
            | Fact::CallSupervised { .. }
            | Fact::LegStarted { role: LegRole::Supervisor, .. } => Audience::Supervisors,
            Fact::LegRinging { call, leg } | Fact::LegAnswered { call, leg } | Fact::LegEnded { call, leg, .. }
                if self.calls_by_id.get(call).is_some_and(|call| call.supervisors_legs.contains_key(leg)) =>
            {
                Audience::Supervisors
            }
            Fact::AgentLoggedIn { agent, .. }
            | Fact::AgentLoggedOut { agent, .. }
            | Fact::AgentNoted { agent, .. }
            | Fact::AgentQueuePaused { agent, .. }
            | Fact::AgentQueueResumed { agent, .. }
            | Fact::AgentStateChanged { agent, .. }
            | Fact::OfferCreated { agent, .. }
            | Fact::OfferEnded { agent, .. }
            | Fact::LegStarted { agent: Some(agent), .. } => Audience::agent(*agent),
            Fact::LegRinging { call, leg } | Fact::LegAnswered { call, leg } | Fact::LegEnded { call, leg, .. } => {
                // A colleague who is rung for the same caller is no business of the agent's.
                match self.calls_by_id.get(call).and_then(|call| call.agents_by_leg.get(leg)) {
                    Some(agent) => Audience::agent(*agent),
                    None => Audience::Agents(of_call),
                }
            }
            Fact::LegStarted { agent: None, .. }
            | Fact::LegHearing { .. }
            | Fact::CallStarted { .. }
            | Fact::CallStep { .. }
            | Fact::CallMenu { .. }
            | Fact::CallConsent { .. }
            | Fact::CallQueued { .. }
            | Fact::CallDequeued { .. }
            | Fact::CallBridged { .. }
            | Fact::CallHeld { .. }
            | Fact::CallResumed { .. }
            | Fact::CallThreeWay { .. }
            | Fact::CallTransferred { .. }
            | Fact::CallEnded { .. }
            | Fact::CallDisposed { .. }
            | Fact::RecordingStarted { .. }
            | Fact::RecordingStopped { .. }
            | Fact::RecordingPaused { .. }
            | Fact::RecordingResumed { .. }
            | Fact::RecordingClosed { .. } => Audience::Agents(of_call),
        }
    }

    fn agents_of(&self, id: CallId) -> BTreeSet<AgentId> {
        match self.calls_by_id.get(&id) {
            Some(call) => call.seen_by(),
            None => self.ended(id).map(|call| call.partners.clone()).unwrap_or_default(),
        }
    }

    /// Whether the call's row is another afterwards.
    fn change(&mut self, entry: &Entry) -> bool {
        if let Fact::CallStarted { .. } = &entry.fact {
            return self.begin(entry);
        }
        let Some(call) = entry.fact.call().and_then(|call| self.calls_by_id.get_mut(&call)) else { return false };
        call.record.apply(entry);
        let at = entry.at;
        let moved = call.fold_party(&entry.fact);
        match &entry.fact {
            Fact::CallQueued { queue, party, .. } => {
                call.queue = Some(*queue);
                if let Some(party) = party {
                    call.caller = Caller { number: party.as_str().to_owned(), name: None };
                }
                call.enter(CallState::Waiting, at);
            }
            Fact::CallDequeued { exit: QueueExit::Answered, .. } => return false,
            Fact::CallDequeued { .. } => call.enter(CallState::Arriving, at),
            Fact::OfferCreated { agent, .. } => {
                call.offered_to.insert(*agent);
            }
            Fact::OfferEnded { agent, outcome, .. } => {
                call.offered_to.remove(agent);
                if *outcome == OfferOutcome::Answered {
                    call.partners.insert(*agent);
                }
            }
            Fact::LegStarted { leg, agent: Some(agent), role, offer, .. } => {
                call.agents_by_leg.insert(*leg, *agent);
                match (offer, role) {
                    (None, LegRole::Caller) => {
                        call.partners.insert(*agent);
                    }
                    (None, LegRole::Agent | LegRole::Callee) => {
                        call.rung_by_leg.insert(*leg, *agent);
                    }
                    (Some(_), _) | (None, LegRole::Supervisor) => {}
                }
            }
            Fact::LegAnswered { leg, .. } => call.partners.extend(call.rung_by_leg.remove(leg)),
            Fact::LegStarted { role: LegRole::Callee, .. } if call.state == CallState::Arriving => call.enter(CallState::Ringing, at),
            Fact::CallBridged { a, b, .. } => {
                call.agent = [b, a].iter().find_map(|leg| call.agents_by_leg.get(leg)).copied();
                call.enter(CallState::Talking, at);
            }
            Fact::LegEnded { leg, .. } => {
                call.rung_by_leg.remove(leg);
                let gone = call.agents_by_leg.remove(leg);
                if gone.is_none() || gone != call.agent {
                    return moved;
                }
                call.agent = None;
            }
            Fact::RecordingStarted { .. } | Fact::RecordingResumed { .. } => call.recording = Some(RecordingState::Running),
            Fact::RecordingPaused { .. } => call.recording = Some(RecordingState::Paused),
            Fact::RecordingStopped { .. } => call.recording = None,
            Fact::CallEnded { call: id, .. } => {
                self.ended.extend(self.calls_by_id.remove(id));
                if self.ended.len() > ENDED {
                    self.ended.pop_front();
                }
                return false;
            }
            _ => return moved,
        }
        true
    }

    fn begin(&mut self, entry: &Entry) -> bool {
        let Fact::CallStarted { call, number, kind, caller, caller_name, called, .. } = &entry.fact else { return false };
        let mut record = CdrBuilder::new();
        record.apply(entry);
        let live = LiveCall {
            call: *call,
            number: *number,
            kind: *kind,
            caller: Caller { number: caller.as_str().to_owned(), name: caller_name.as_ref().map(|name| name.as_str().to_owned()) },
            called: called.as_str().to_owned(),
            started_at: entry.at,
            state: CallState::Arriving,
            since: entry.at,
            queue: None,
            not_reached: None,
            recording: None,
            agent: None,
            offered_to: BTreeSet::new(),
            record,
            parties: Vec::new(),
            partners: BTreeSet::new(),
            rung_by_leg: BTreeMap::new(),
            agents_by_leg: BTreeMap::new(),
            supervisor: None,
            supervisors_legs: BTreeMap::new(),
        };
        self.calls_by_id.insert(*call, live);
        true
    }
}
