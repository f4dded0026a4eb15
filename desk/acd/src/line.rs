//! Those who wait: tickets, their order, their places, and why the queue lets one go.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use carillon_model::{AcdToCall, AgentId, CallId, Now, OfferId, OfferOutcome, QueueExit, QueueId, Refusal, TicketId};

use crate::{acd::Acd, limits::REMEMBERED_OFFERS, offer::Tell};

/// One waiting of one call.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) call: CallId,
    pub(crate) queue: QueueId,
    pub(crate) priority: i32,
    pub(crate) wait_for_nobody: bool,
    /// When the ticket first came: its place, kept through every requeue.
    pub(crate) entered: Now,
    /// When it came this time: what the longest wait counts from.
    pub(crate) joined: Now,
    pub(crate) offers: BTreeSet<OfferId>,
    /// How often each agent was asked for this caller and did not take the call.
    pub(crate) asked_by_agent: BTreeMap<AgentId, u32>,
    pub(crate) round: Option<Round>,
    position_at_entry: Option<u32>,
    told_position: Option<u32>,
}

/// One ringing of all: agents of one priority; who missed it waits for the next.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) priority: u32,
    pub(crate) missed: BTreeSet<AgentId>,
}

impl Waiting {
    pub(crate) fn note_asked(&mut self, agent: AgentId) {
        *self.asked_by_agent.entry(agent).or_default() += 1;
        if let Some(round) = &mut self.round {
            round.missed.insert(agent);
        }
    }

    pub(crate) fn asked(&self, agent: AgentId) -> u32 {
        self.asked_by_agent.get(&agent).copied().unwrap_or(0)
    }

    fn place(&self, ticket: TicketId) -> Place {
        Place { priority: Reverse(self.priority), entered: self.entered.mono, ticket }
    }
}

/// The order of service: priority, then who came first, whichever queue it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    priority: Reverse<i32>,
    entered: Instant,
    pub(crate) ticket: TicketId,
}

#[derive(Debug, Default)]
pub(crate) struct Line {
    waiting_by_ticket: BTreeMap<TicketId, Waiting>,
    places_by_queue: BTreeMap<QueueId, BTreeSet<Place>>,
    /// Queues whose places changed since they were last told.
    changed: BTreeSet<QueueId>,
}

impl Line {
    pub(crate) fn get(&self, ticket: TicketId) -> Option<&Waiting> {
        self.waiting_by_ticket.get(&ticket)
    }

    pub(crate) fn get_mut(&mut self, ticket: TicketId) -> Option<&mut Waiting> {
        self.waiting_by_ticket.get_mut(&ticket)
    }

    /// Queues somebody waits in.
    pub(crate) fn queues(&self) -> impl Iterator<Item = QueueId> {
        self.places_by_queue.keys().copied()
    }

    /// Those who wait in a queue, next to be served first.
    pub(crate) fn of_queue(&self, queue: QueueId) -> impl Iterator<Item = (TicketId, &Waiting)> {
        let places = self.places_by_queue.get(&queue).into_iter().flatten();
        places.filter_map(|place| self.waiting_by_ticket.get(&place.ticket).map(|waiting| (place.ticket, waiting)))
    }

    /// How many wait in a queue.
    pub(crate) fn count(&self, queue: QueueId) -> usize {
        self.places_by_queue.get(&queue).map_or(0, BTreeSet::len)
    }

    /// Those who wait in any of these queues, next to be served first.
    pub(crate) fn in_order(&self, queues: impl IntoIterator<Item = QueueId>) -> Vec<TicketId> {
        let mut places: Vec<Place> = queues.into_iter().filter_map(|queue| self.places_by_queue.get(&queue)).flatten().copied().collect();
        places.sort();
        places.into_iter().map(|place| place.ticket).collect()
    }

    fn insert(&mut self, ticket: TicketId, waiting: Waiting) {
        self.changed.insert(waiting.queue);
        self.places_by_queue.entry(waiting.queue).or_default().insert(waiting.place(ticket));
        self.waiting_by_ticket.insert(ticket, waiting);
    }

    fn remove(&mut self, ticket: TicketId) -> Option<Waiting> {
        let waiting = self.waiting_by_ticket.remove(&ticket)?;
        if let Some(places) = self.places_by_queue.get_mut(&waiting.queue) {
            places.remove(&waiting.place(ticket));
            if places.is_empty() {
                self.places_by_queue.remove(&waiting.queue);
            }
        }
        self.changed.insert(waiting.queue);
        Some(waiting)
    }
}

/// What is kept of a call until it is gone.
#[derive(Debug, Default)]
pub(crate) struct CallMemory {
    entered_by_ticket: BTreeMap<TicketId, Now>,
    refusals: VecDeque<(OfferId, Refusal)>,
}

impl CallMemory {
    pub(crate) fn remember(&mut self, offer: OfferId, refusal: Refusal) {
        if self.refusals.len() == REMEMBERED_OFFERS {
            self.refusals.pop_front();
        }
        self.refusals.push_back((offer, refusal));
    }

    pub(crate) fn refusal(&self, offer: OfferId) -> Refusal {
        self.refusals.iter().find(|(ended, _)| *ended == offer).map_or(Refusal::Unknown, |(_, refusal)| *refusal)
    }
}

impl Acd {
    pub(crate) fn join(&mut self, now: Now, call: CallId, ticket: TicketId, queue: QueueId, priority: i32, wait_for_nobody: bool) {
        if self.line.get(ticket).is_some() {
            return;
        }
        let known = self.memory(call).entered_by_ticket.get(&ticket).copied();
        if let Some(refused) = self.refused_entry(queue, known.is_some()) {
            return self.tell(call, AcdToCall::Exit { ticket, exit: refused });
        }
        let entered = known.unwrap_or(now);
        self.memory(call).entered_by_ticket.insert(ticket, entered);
        let waiting = Waiting {
            call,
            queue,
            priority,
            wait_for_nobody,
            entered,
            joined: now,
            offers: BTreeSet::new(),
            asked_by_agent: BTreeMap::new(),
            round: None,
            position_at_entry: None,
            told_position: None,
        };
        self.line.insert(ticket, waiting);
    }

    /// Whoever comes back keeps the place and is never turned away for want of room.
    fn refused_entry(&self, queue: QueueId, comes_back: bool) -> Option<QueueExit> {
        let Some(setup) = self.roster.queues_by_id.get(&queue) else { return Some(QueueExit::Ended) };
        let room = usize::try_from(setup.max_waiting).unwrap_or(usize::MAX);
        (!comes_back && self.line.count(queue) >= room).then_some(QueueExit::Full)
    }

    /// The call left by itself.
    pub(crate) fn leave(&mut self, now: Now, call: CallId, ticket: TicketId, exit: QueueExit) {
        if self.line.get(ticket).is_none_or(|waiting| waiting.call != call) {
            return;
        }
        let outcome = if exit == QueueExit::Abandoned { OfferOutcome::CallerGone } else { OfferOutcome::Withdrawn };
        self.take_out_of_line(now, ticket, outcome);
    }

    /// Ends whatever still rings for a ticket, and the waiting itself. An answered one sets the queue's pace.
    pub(crate) fn take_out_of_line(&mut self, now: Now, ticket: TicketId, outcome: OfferOutcome) {
        let Some(waiting) = self.line.remove(ticket) else { return };
        for offer in &waiting.offers {
            self.end_offer(now, *offer, outcome, Tell::Call);
        }
        if outcome == OfferOutcome::AnsweredElsewhere {
            let wait = now.mono.saturating_duration_since(waiting.joined.mono);
            self.pace_by_queue.entry(waiting.queue).or_default().answered(wait, waiting.position_at_entry.unwrap_or(1));
        }
    }

    pub(crate) fn calls_tickets(&self, call: CallId) -> Vec<TicketId> {
        let tickets = self.memory_by_call.get(&call).into_iter().flat_map(|memory| memory.entered_by_ticket.keys());
        tickets.filter(|ticket| self.line.get(**ticket).is_some()).copied().collect()
    }

    /// Lets go whoever has no more to wait for. While somebody is being rung the caller stays: that agent may yet answer.
    pub(crate) fn let_go(&mut self, now: Now) {
        let leaving: Vec<_> = self.line.queues().flat_map(|queue| self.leaving_queue(now, queue)).collect();
        for (ticket, call, exit) in leaving {
            self.line.remove(ticket);
            self.tell(call, AcdToCall::Exit { ticket, exit });
        }
    }

    fn leaving_queue(&self, now: Now, queue: QueueId) -> Vec<(TicketId, CallId, QueueExit)> {
        let closed = self.closed || !self.roster.queues_by_id.contains_key(&queue);
        let staffed = self.is_staffed(queue);
        let reason_to_go = |waiting: &Waiting| match () {
            () if closed => Some(QueueExit::Ended),
            () if self.is_past_longest_wait(now, waiting) => Some(QueueExit::Timeout),
            () if !staffed && !waiting.wait_for_nobody => Some(QueueExit::NoAgents),
            () => None,
        };
        let unrung = self.line.of_queue(queue).filter(|(_, waiting)| waiting.offers.is_empty());
        unrung.filter_map(|(ticket, waiting)| Some((ticket, waiting.call, reason_to_go(waiting)?))).collect()
    }

    /// Whether at least one of the queue's agents is logged in, whatever that agent is doing.
    fn is_staffed(&self, queue: QueueId) -> bool {
        self.sessions_by_agent.keys().any(|agent| self.roster.works_in(*agent, queue))
    }

    pub(crate) fn is_past_longest_wait(&self, now: Now, waiting: &Waiting) -> bool {
        self.deadline(waiting).is_some_and(|deadline| deadline <= now.mono)
    }

    /// When a caller has waited as long as the queue allows.
    pub(crate) fn deadline(&self, waiting: &Waiting) -> Option<Instant> {
        let max_wait = self.roster.queues_by_id.get(&waiting.queue)?.max_wait_ms?;
        Some(waiting.joined.mono + Duration::from_millis(max_wait.into()))
    }

    /// Tells every caller whose position changed, and only those.
    pub(crate) fn tell_positions(&mut self) {
        for queue in std::mem::take(&mut self.line.changed) {
            let tickets: Vec<TicketId> = self.line.of_queue(queue).map(|(ticket, _)| ticket).collect();
            let waiting = u32::try_from(tickets.len()).unwrap_or(u32::MAX);
            for (position, ticket) in (1..).zip(tickets) {
                let Some(entry) = self.line.get_mut(ticket).filter(|entry| entry.told_position != Some(position)) else { continue };
                entry.told_position = Some(position);
                entry.position_at_entry.get_or_insert(position);
                let call = entry.call;
                let estimated_wait_ms = self.pace_by_queue.get(&queue).and_then(|pace| pace.estimate_ms(position));
                self.tell(call, AcdToCall::Position { ticket, position, waiting, estimated_wait_ms });
            }
        }
    }
}
