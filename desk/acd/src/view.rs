//! What the API and the desktops may read. Copies: nothing can be changed through them.

use std::{collections::BTreeMap, time::Instant};

use carillon_model::{AgentId, AgentState, CallId, Now, OfferId, PauseId, PhoneId, QueueId, TicketId};

use crate::{
    acd::Acd,
    agent::{PauseCause, Session, Work},
    line::Waiting,
};

/// One agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentView {
    /// The agent.
    pub agent: AgentId,
    /// What the agent is doing.
    pub state: AgentState,
    /// Since when; `None` when logged out.
    pub since: Option<Now>,
    /// When it ends by itself (offer, wrap-up).
    pub until: Option<Instant>,
    /// What put the agent on pause, when paused.
    pub pause: Option<PauseCause>,
    /// The pause that begins when the work at hand is over.
    pub pending_pause: Option<PauseCause>,
    /// Queues the agent takes nothing from meanwhile, and why.
    pub paused_in: Vec<(QueueId, PauseId)>,
    /// Whether the agent is logged out when the call at hand is over.
    pub leaving: bool,
    /// The phone of the session.
    pub phone: Option<PhoneId>,
    /// The call that is offered, talked in or wrapped up.
    pub call: Option<CallId>,
    /// The offer that rings.
    pub offer: Option<OfferId>,
    /// Offers missed in a row.
    pub misses: u32,
}

/// How many agents of a queue are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AgentCounts {
    /// Free for a call.
    pub available: u32,
    /// Being rung.
    pub offered: u32,
    /// On a call.
    pub talking: u32,
    /// In wrap-up.
    pub wrap_up: u32,
    /// Paused.
    pub paused: u32,
    /// Logged in with a phone that cannot be reached.
    pub unreachable: u32,
    /// Not logged in.
    pub logged_out: u32,
}

impl AgentCounts {
    fn count(&mut self, state: AgentState) {
        let counted = match state {
            AgentState::LoggedOut => &mut self.logged_out,
            AgentState::Available => &mut self.available,
            AgentState::Offered => &mut self.offered,
            AgentState::Talking => &mut self.talking,
            AgentState::WrapUp => &mut self.wrap_up,
            AgentState::Paused => &mut self.paused,
            AgentState::Unreachable => &mut self.unreachable,
        };
        *counted += 1;
    }
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueView {
    /// The queue.
    pub queue: QueueId,
    /// Callers who wait, those an agent is being rung for among them.
    pub waiting: u32,
    /// Since when the one who waits longest waits.
    pub longest_since: Option<Now>,
    /// The queue's agents.
    pub agents: AgentCounts,
}

/// One caller who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingView {
    /// The waiting.
    pub ticket: TicketId,
    /// The call.
    pub call: CallId,
    /// The queue.
    pub queue: QueueId,
    /// Higher is served first.
    pub priority: i32,
    /// Since when, this time: who was with an agent meanwhile has not waited then, though the place counts from the first time.
    pub since: Now,
    /// 1 is next in this queue.
    pub position: u32,
    /// Who is being rung for the caller.
    pub offered_to: Vec<AgentId>,
}

impl Acd {
    /// All agents of the setup, in the order of their ids.
    pub fn agents(&self) -> Vec<AgentView> {
        let removed = self.sessions_by_agent.keys().filter(|agent| !self.roster.agents_by_id.contains_key(agent));
        self.roster.agents_by_id.keys().chain(removed).map(|agent| self.agent(*agent)).collect()
    }

    /// One agent; somebody unknown is logged out.
    pub fn agent(&self, agent: AgentId) -> AgentView {
        self.sessions_by_agent.get(&agent).map_or_else(|| logged_out(agent), |session| self.view_session(agent, session))
    }

    fn view_session(&self, agent: AgentId, session: &Session) -> AgentView {
        let status = self.status_of(session);
        let paused = status.state == AgentState::Paused;
        AgentView {
            agent,
            state: status.state,
            since: Some(session.told_at),
            until: status.until,
            pause: status.pause,
            pending_pause: session.pause.filter(|_| !paused),
            paused_in: session.paused_in.iter().map(|(queue, pause)| (*queue, *pause)).collect(),
            leaving: session.leaving.is_some(),
            phone: Some(session.phone),
            call: status.call,
            offer: match session.work {
                Work::Offered { offer, .. } => Some(offer),
                Work::None | Work::Talking { .. } | Work::WrapUp { .. } => None,
            },
            misses: session.misses,
        }
    }

    /// All queues, in the order of their ids.
    pub fn queues(&self) -> Vec<QueueView> {
        self.roster.queues_by_id.keys().map(|queue| self.queue(*queue)).collect()
    }

    fn queue(&self, queue: QueueId) -> QueueView {
        let mut agents = AgentCounts::default();
        for agent in self.roster.agents_by_id.keys().filter(|agent| self.roster.works_in(**agent, queue)) {
            agents.count(self.state_in(*agent, queue));
        }
        let longest = self.line.of_queue(queue).min_by_key(|(_, waiting)| waiting.joined.mono);
        QueueView {
            queue,
            waiting: u32::try_from(self.line.count(queue)).unwrap_or(u32::MAX),
            longest_since: longest.map(|(_, waiting)| waiting.joined),
            agents,
        }
    }

    /// What an agent is doing as one queue sees it: whoever is free for others alone is paused there.
    fn state_in(&self, agent: AgentId, queue: QueueId) -> AgentState {
        let Some(session) = self.sessions_by_agent.get(&agent) else { return AgentState::LoggedOut };
        match self.status_of(session).state {
            AgentState::Available | AgentState::Unreachable if session.paused_in.contains_key(&queue) => AgentState::Paused,
            state => state,
        }
    }

    /// All who wait, in the order of service.
    pub fn waiting(&self) -> Vec<WaitingView> {
        let mut position_by_queue = BTreeMap::<QueueId, u32>::new();
        let tickets = self.line.in_order(self.line.queues()).into_iter();
        let waiting = tickets.filter_map(|ticket| self.line.get(ticket).map(|waiting| (ticket, waiting)));
        waiting
            .map(|(ticket, waiting)| {
                let position = position_by_queue.entry(waiting.queue).or_default();
                *position += 1;
                self.view_waiting(ticket, waiting, *position)
            })
            .collect()
    }

    fn view_waiting(&self, ticket: TicketId, waiting: &Waiting, position: u32) -> WaitingView {
        WaitingView {
            ticket,
            call: waiting.call,
            queue: waiting.queue,
            priority: waiting.priority,
            since: waiting.joined,
            position,
            offered_to: waiting.offers.iter().filter_map(|offer| self.offers_by_id.get(offer)).map(|offer| offer.agent).collect(),
        }
    }

    /// The agent who works with a phone.
    pub fn claimed_by(&self, phone: PhoneId) -> Option<AgentId> {
        self.holder_of(phone)
    }

    /// Whether a phone can be called.
    pub fn is_reachable(&self, phone: PhoneId) -> bool {
        self.phones.is_reachable(phone)
    }

    /// Phones an agent may log in with: set up, reachable, nobody's.
    pub fn available_phones(&self) -> Vec<PhoneId> {
        let claimed = self.holders();
        self.phones.reachable().filter(|phone| self.roster.phones.contains(phone) && !claimed.contains_key(phone)).collect()
    }
}

fn logged_out(agent: AgentId) -> AgentView {
    AgentView {
        agent,
        state: AgentState::LoggedOut,
        since: None,
        until: None,
        pause: None,
        pending_pause: None,
        paused_in: Vec::new(),
        leaving: false,
        phone: None,
        call: None,
        offer: None,
        misses: 0,
    }
}
