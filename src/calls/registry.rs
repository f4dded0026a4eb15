//! Which mailbox a leg, a recording or a call belongs to.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use carillon_model::{CallId, LegId, RecordingId, Trunk, TrunkId};
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
    calls: HashMap<CallId, Mailbox>,
    /// What events name, by its 128 bits, and the call it belongs to.
    parts: HashMap<u128, (CallId, Part)>,
}

/// What belongs to a call and has events of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A leg, and the trunk it goes through.
    Leg(LegId, Option<TrunkId>),
    /// A recording.
    Recording(RecordingId),
}

impl Part {
    fn bits(self) -> u128 {
        match self {
            Self::Leg(leg, _) => leg.as_u128(),
            Self::Recording(recording) => recording.as_u128(),
        }
    }
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
        index.calls.insert(call, mailbox);
        self.count(&index);
    }

    /// Says that a leg belongs to a call, and takes its place on its trunk. False, and nothing taken, when the trunk is full.
    pub(super) fn own_leg(&self, leg: LegId, call: CallId, trunk: Option<&Trunk>) -> bool {
        let mut index = self.lock();
        let is_on =
            |trunk: &Trunk| index.parts.values().filter(|(_, part)| matches!(part, Part::Leg(_, Some(on)) if *on == trunk.id)).count();
        if trunk.is_some_and(|trunk| is_on(trunk) >= trunk.max_calls as usize) {
            return false;
        }
        index.parts.insert(leg.as_u128(), (call, Part::Leg(leg, trunk.map(|trunk| trunk.id))));
        true
    }

    /// Says that a recording belongs to a call.
    pub(super) fn own_recording(&self, recording: RecordingId, call: CallId) {
        self.lock().parts.insert(recording.as_u128(), (call, Part::Recording(recording)));
    }

    /// Forgets a leg or recording that is over.
    pub(super) fn disown(&self, part: u128) {
        self.lock().parts.remove(&part);
    }

    /// Removes a call; gives what of it is not over.
    pub(super) fn remove(&self, call: CallId) -> Vec<Part> {
        let mut index = self.lock();
        index.calls.remove(&call);
        let left: Vec<Part> = index.parts.values().filter(|(of, _)| *of == call).map(|(_, part)| *part).collect();
        for part in &left {
            index.parts.remove(&part.bits());
        }
        self.count(&index);
        left
    }

    /// The mailbox of a call.
    pub fn mailbox(&self, call: CallId) -> Option<Mailbox> {
        self.lock().calls.get(&call).cloned()
    }

    /// The mailbox of the call that a leg or recording belongs to.
    pub fn mailbox_of_part(&self, part: u128) -> Option<Mailbox> {
        let index = self.lock();
        index.parts.get(&part).and_then(|(call, _)| index.calls.get(call)).cloned()
    }

    /// Mailboxes of all calls.
    pub fn all(&self) -> Vec<Mailbox> {
        self.lock().calls.values().cloned().collect()
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
