//! Asking phones over UDP whether they are still there: OPTIONS every 30 seconds, and two in a row without an answer mean
//! no. Stream connections need none: their end is seen.

use carillon_sip_core::{BindingId, ClientTx};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// Between two questions to one phone; also keeps a NAT's mapping alive.
pub(crate) const EVERY: Duration = Duration::from_secs(30);
/// Unanswered questions in a row that make a phone unreachable.
const MISSES: u8 = 2;

#[derive(Default)]
pub(crate) struct Pings {
    watch_by_binding: BTreeMap<BindingId, Watch>,
    due: BTreeSet<(Instant, BindingId)>,
    binding_by_ping: BTreeMap<ClientTx, BindingId>,
}

struct Watch {
    next: Instant,
    misses: u8,
    /// The last question has no answer yet.
    is_waiting: bool,
}

/// What the time that passed since the last question says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// The phone answered, or may still.
    Bearable,
    /// It has missed too many.
    Gone,
}

impl Pings {
    /// Watches a binding, or notes that its phone has just spoken. The next question comes after `wait`.
    pub(crate) fn watch(&mut self, id: BindingId, now: Instant, wait: Duration) {
        self.unwatch(id);
        let next = now + wait;
        self.watch_by_binding.insert(id, Watch { next, misses: 0, is_waiting: false });
        self.due.insert((next, id));
    }

    pub(crate) fn unwatch(&mut self, id: BindingId) {
        if let Some(watch) = self.watch_by_binding.remove(&id) {
            self.due.remove(&(watch.next, id));
        }
    }

    /// The next binding to be asked now, with what its silence says.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(BindingId, Silence)> {
        let (at, id) = self.due.first().copied().filter(|(at, _)| *at <= now)?;
        self.due.remove(&(at, id));
        let watch = self.watch_by_binding.get_mut(&id)?;
        watch.next = now + EVERY;
        self.due.insert((watch.next, id));
        if std::mem::take(&mut watch.is_waiting) {
            watch.misses = watch.misses.saturating_add(1);
        }
        Some((id, if watch.misses >= MISSES { Silence::Gone } else { Silence::Bearable }))
    }

    pub(crate) fn asked(&mut self, id: BindingId, ping: ClientTx) {
        if let Some(watch) = self.watch_by_binding.get_mut(&id) {
            watch.is_waiting = true;
            self.binding_by_ping.insert(ping, id);
        }
    }

    /// The binding that a response answers for, if it answers a question of ours: the last one or an earlier one, for a
    /// phone that answers late is there.
    pub(crate) fn answered(&mut self, ping: ClientTx) -> Option<BindingId> {
        let id = self.binding_by_ping.remove(&ping)?;
        let watch = self.watch_by_binding.get_mut(&id)?;
        watch.misses = 0;
        watch.is_waiting = false;
        Some(id)
    }

    /// A question will have no answer any more.
    pub(crate) fn unanswered(&mut self, ping: ClientTx) {
        self.binding_by_ping.remove(&ping);
    }

    pub(crate) fn is_ping(&self, tx: ClientTx) -> bool {
        self.binding_by_ping.contains_key(&tx)
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }
}
