//! Who is asked next: callers in the order of service, each given the best of the agents who are free.

use std::collections::{BTreeMap, BTreeSet};

use carillon_model::{AgentId, AgentState, Now, QueueId, Strategy, TicketId};

use crate::{
    acd::Acd,
    limits::RING_ALL_AGENTS,
    line::{Round, Waiting},
};

/// A free agent, as one queue sees them.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    agent: AgentId,
    priority: u32,
    idle_since: std::time::Instant,
}

impl Acd {
    pub(crate) fn dispatch(&mut self, now: Now) {
        if self.closed {
            return;
        }
        let (mut free, candidates_by_queue) = self.free_agents(now);
        if free.is_empty() {
            return;
        }
        for ticket in self.line.in_order(candidates_by_queue.keys().copied()) {
            let Some(waiting) = self.line.get(ticket).filter(|waiting| !self.is_past_longest_wait(now, waiting)) else { continue };
            let candidates: Vec<Candidate> =
                candidates_by_queue.get(&waiting.queue).into_iter().flatten().filter(|one| free.contains(&one.agent)).copied().collect();
            for agent in self.choose(ticket, &candidates) {
                free.remove(&agent);
                self.make_offer(now, ticket, agent);
            }
            if free.is_empty() {
                return;
            }
        }
    }

    fn free_agents(&self, now: Now) -> (BTreeSet<AgentId>, BTreeMap<QueueId, Vec<Candidate>>) {
        let mut free = BTreeSet::new();
        let mut candidates_by_queue: BTreeMap<QueueId, Vec<Candidate>> = BTreeMap::new();
        for (agent, session) in &self.sessions_by_agent {
            let available = self.status_of(session).state == AgentState::Available;
            if !available || session.rests(now.mono) {
                continue;
            }
            free.insert(*agent);
            for (queue, priority) in self.roster.memberships(*agent).iter().filter(|(queue, _)| !session.paused_in.contains_key(queue)) {
                let candidate = Candidate { agent: *agent, priority: *priority, idle_since: session.idle_since };
                candidates_by_queue.entry(*queue).or_default().push(candidate);
            }
        }
        (free, candidates_by_queue)
    }

    fn choose(&mut self, ticket: TicketId, candidates: &[Candidate]) -> Vec<AgentId> {
        let Some(waiting) = self.line.get_mut(ticket) else { return Vec::new() };
        match self.roster.queues_by_id.get(&waiting.queue).map(|queue| queue.strategy) {
            Some(Strategy::LongestIdle) => longest_idle(waiting, candidates).into_iter().collect(),
            Some(Strategy::RingAll) => ring_all(waiting, candidates),
            None => Vec::new(),
        }
    }
}

/// Who was asked least for this caller, of these the best priority, of these the longest idle: a caller whom one agent missed goes to
/// the next agent before the first is asked again.
fn longest_idle(waiting: &Waiting, candidates: &[Candidate]) -> Option<AgentId> {
    if !waiting.offers.is_empty() {
        return None;
    }
    candidates.iter().min_by_key(|one| (waiting.asked(one.agent), one.priority, one.idle_since, one.agent)).map(|one| one.agent)
}

/// All of one priority at once. Whoever becomes free while it rings joins in; whoever missed waits for the next round, which begins with
/// the priority asked least.
fn ring_all(waiting: &mut Waiting, candidates: &[Candidate]) -> Vec<AgentId> {
    if waiting.round.is_none() {
        let first = candidates.iter().min_by_key(|one| (waiting.asked(one.agent), one.priority));
        waiting.round = first.map(|one| Round { priority: one.priority, missed: BTreeSet::new() });
    }
    let Some(round) = &waiting.round else { return Vec::new() };
    let mut rung: Vec<_> = candidates.iter().filter(|one| one.priority == round.priority && !round.missed.contains(&one.agent)).collect();
    rung.sort_by_key(|one| (one.idle_since, one.agent));
    let room = RING_ALL_AGENTS.saturating_sub(waiting.offers.len());
    rung.into_iter().take(room).map(|one| one.agent).collect()
}
