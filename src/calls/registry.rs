//! Which mailbox a leg, a recording or a call belongs to.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use carillon_model::{CallId, TrunkId};
use tokio::sync::watch;

use super::mailbox::Mailbox;
use crate::telemetry::names;

/// The calls that are up, found by every id events carry.
#[derive(Debug)]
pub struct Calls {
    index: Mutex<Index>,
    up: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Index {
    calls: HashMap<CallId, Entry>,
    /// Legs and recordings, both UUIDs, to the call they belong to.
    owners: HashMap<u128, CallId>,
}

#[derive(Debug)]
struct Entry {
    mailbox: Mailbox,
    trunks: Vec<TrunkId>,
}

impl Default for Calls {
    fn default() -> Self {
        Self { index: Mutex::default(), up: watch::Sender::new(0) }
    }
}

impl Calls {
    /// Enters a call.
    pub(super) fn enter(&self, call: CallId, mailbox: Mailbox) {
        let mut index = self.lock();
        index.calls.insert(call, Entry { mailbox, trunks: Vec::new() });
        self.count(&index);
    }

    /// Says that a leg or recording belongs to a call.
    pub(super) fn own(&self, part: u128, call: CallId) {
        self.lock().owners.insert(part, call);
    }

    /// Forgets a leg or recording.
    pub(super) fn disown(&self, part: u128) {
        self.lock().owners.remove(&part);
    }

    /// Says that a call goes through a trunk.
    pub(super) fn on_trunk(&self, call: CallId, trunk: TrunkId) {
        if let Some(entry) = self.lock().calls.get_mut(&call) {
            entry.trunks.push(trunk);
        }
    }

    /// Calls that go through a trunk now.
    pub fn count_on_trunk(&self, trunk: TrunkId) -> usize {
        self.lock().calls.values().flat_map(|entry| &entry.trunks).filter(|used| **used == trunk).count()
    }

    /// Removes a call and whatever still points at it.
    pub(super) fn remove(&self, call: CallId) {
        let mut index = self.lock();
        index.calls.remove(&call);
        index.owners.retain(|_, owner| *owner != call);
        self.count(&index);
    }

    /// The mailbox of a call.
    pub fn mailbox(&self, call: CallId) -> Option<Mailbox> {
        self.lock().calls.get(&call).map(|entry| entry.mailbox.clone())
    }

    /// The mailbox of the call that a leg or recording belongs to.
    pub fn mailbox_of_part(&self, part: u128) -> Option<Mailbox> {
        let index = self.lock();
        index.owners.get(&part).and_then(|call| index.calls.get(call)).map(|entry| entry.mailbox.clone())
    }

    /// Mailboxes of all calls.
    pub fn all(&self) -> Vec<Mailbox> {
        self.lock().calls.values().map(|entry| entry.mailbox.clone()).collect()
    }

    /// How many calls are up.
    pub fn len(&self) -> usize {
        *self.up.borrow()
    }

    /// Whether no call is up.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns when no call is up.
    pub async fn wait_until_none(&self) {
        // The sender lives in `self`: waiting cannot fail.
        let _ = self.up.subscribe().wait_for(|up| *up == 0).await;
    }

    fn count(&self, index: &Index) {
        self.up.send_replace(index.calls.len());
        metrics::gauge!(names::CALLS_UP).set(index.calls.len() as f64);
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
