//! How the site is set up, as the engine reads it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use carillon_model::{Agent, AgentId, Membership, Phone, PhoneId, Queue, QueueId};

use crate::limits::SHORTEST_RELEASE;

/// The whole of what an operator sets up for agents and queues.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setup {
    /// The queues.
    pub queues: Vec<Queue>,
    /// The agents.
    pub agents: Vec<(AgentId, Agent)>,
    /// Who works where.
    pub memberships: Vec<Membership>,
    /// The phones.
    pub phones: Vec<Phone>,
    /// Milliseconds of wrap-up for agents found on a call at a restart, whose queue is not known any more.
    pub restart_wrapup_ms: u32,
    /// Milliseconds of wrap-up after a call outside that was no queue's, for agents who have none of their own.
    pub outside_wrapup_ms: u32,
    /// Milliseconds after which an agent whose phone stays unreachable is logged out, so that the phone is not held for ever by
    /// somebody who went home; `None`: never.
    pub release_unreachable_ms: Option<u32>,
}

/// The setup, indexed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roster {
    pub(crate) queues_by_id: BTreeMap<QueueId, Queue>,
    pub(crate) agents_by_id: BTreeMap<AgentId, Agent>,
    pub(crate) phones: BTreeSet<PhoneId>,
    /// Queue and priority of each membership.
    memberships_by_agent: BTreeMap<AgentId, Vec<(QueueId, u32)>>,
    pub(crate) restart_wrapup: Duration,
    outside_wrapup: Duration,
    pub(crate) release_unreachable: Option<Duration>,
}

impl Roster {
    pub(crate) fn new(setup: Setup) -> Self {
        let mut memberships_by_agent: BTreeMap<AgentId, Vec<(QueueId, u32)>> = BTreeMap::new();
        for membership in setup.memberships {
            memberships_by_agent.entry(membership.agent).or_default().push((membership.queue, membership.priority));
        }
        Self {
            queues_by_id: setup.queues.into_iter().map(|queue| (queue.id, queue)).collect(),
            agents_by_id: setup.agents.into_iter().collect(),
            phones: setup.phones.into_iter().map(|phone| phone.id).collect(),
            memberships_by_agent,
            restart_wrapup: Duration::from_millis(setup.restart_wrapup_ms.into()),
            outside_wrapup: Duration::from_millis(setup.outside_wrapup_ms.into()),
            release_unreachable: setup.release_unreachable_ms.map(|ms| Duration::from_millis(ms.into()).max(SHORTEST_RELEASE)),
        }
    }

    pub(crate) fn memberships(&self, agent: AgentId) -> &[(QueueId, u32)] {
        self.memberships_by_agent.get(&agent).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn works_in(&self, agent: AgentId, queue: QueueId) -> bool {
        self.memberships(agent).iter().any(|(of, _)| *of == queue)
    }

    /// The agent's own wrap-up, else that of the queue in whose name it was, else the site's.
    pub(crate) fn wrapup_outside(&self, agent: AgentId, queue: Option<QueueId>) -> Duration {
        let own = self.agents_by_id.get(&agent).is_some_and(|agent| agent.wrapup_ms.is_some());
        match queue.filter(|queue| own || self.queues_by_id.contains_key(queue)) {
            Some(queue) => self.wrapup(agent, queue),
            None => self
                .agents_by_id
                .get(&agent)
                .and_then(|agent| agent.wrapup_ms)
                .map_or(self.outside_wrapup, |ms| Duration::from_millis(ms.into())),
        }
    }

    /// The agent's own wrap-up, or else the queue's.
    pub(crate) fn wrapup(&self, agent: AgentId, queue: QueueId) -> Duration {
        let own = self.agents_by_id.get(&agent).and_then(|agent| agent.wrapup_ms);
        let ms = own.or_else(|| self.queues_by_id.get(&queue).map(|queue| queue.wrapup_ms)).unwrap_or(0);
        Duration::from_millis(ms.into())
    }
}
