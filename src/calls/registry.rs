//! Which mailbox a leg, a recording or a call belongs to.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use carillon_media_engine::ThreadIx;
use carillon_model::{CallId, LegId, PhoneId, RecordingId, Trunk, TrunkId};
use tokio::sync::watch;

use super::mailbox::Mailbox;
use crate::{clock, telemetry::names};

/// What a trunk's cap on calls we make is counted over.
const HOUR: Duration = Duration::from_secs(3600);

/// The calls that are up, found by every id events carry.
#[derive(Debug)]
pub struct Calls {
    index: Mutex<Index>,
    up: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Index {
    calls: HashMap<CallId, Up>,
    /// What events name, by its 128 bits, and the call it belongs to.
    parts: HashMap<u128, (CallId, Part)>,
    /// When calls were made through each trunk in the last hour: kept of trunks with a cap, as many as the cap.
    made_by_trunk: HashMap<TrunkId, VecDeque<Instant>>,
}

/// A call that is up.
#[derive(Debug)]
struct Up {
    mailbox: Mailbox,
    /// The media thread of all its legs.
    thread: ThreadIx,
}

/// Where a leg leads, and what it takes of a trunk.
#[derive(Debug, Clone, Copy)]
pub(super) enum On<'a> {
    /// To one of our phones.
    Phone(PhoneId),
    /// A call that came in.
    In(&'a Trunk),
    /// A call we make.
    Out(&'a Trunk),
    /// A call we make to emergency services: there is always room.
    Emergency(&'a Trunk),
}

impl On<'_> {
    fn phone(&self) -> Option<PhoneId> {
        match self {
            Self::Phone(phone) => Some(*phone),
            Self::In(_) | Self::Out(_) | Self::Emergency(_) => None,
        }
    }

    pub(super) fn trunk(&self) -> Option<&Trunk> {
        match self {
            Self::Phone(_) => None,
            Self::In(trunk) | Self::Out(trunk) | Self::Emergency(trunk) => Some(trunk),
        }
    }
}

/// What belongs to a call and has events of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A leg, the phone it leads to or the trunk it goes through.
    Leg(LegId, Option<PhoneId>, Option<TrunkId>),
    /// A recording.
    Recording(RecordingId),
}

impl Part {
    fn bits(self) -> u128 {
        match self {
            Self::Leg(leg, ..) => leg.as_u128(),
            Self::Recording(recording) => recording.as_u128(),
        }
    }
}

impl Index {
    fn has_room(&self, trunk: &Trunk) -> bool {
        let on_it = self.parts.values().filter(|(_, part)| matches!(part, Part::Leg(_, _, Some(on)) if *on == trunk.id));
        on_it.count() < trunk.max_calls as usize
    }

    /// Whether the hour has room for one more call by the trunk, which is counted then.
    fn may_make(&mut self, trunk: &Trunk, now: Instant) -> bool {
        let Some(cap) = trunk.max_calls_per_hour else { return true };
        let made = self.made_by_trunk.entry(trunk.id).or_default();
        while made.front().is_some_and(|at| now.saturating_duration_since(*at) >= HOUR) {
            made.pop_front();
        }
        let may = made.len() < cap as usize;
        if may {
            made.push_back(now);
        }
        may
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self { index: Mutex::default(), up: watch::Sender::new(0) }
    }
}

impl Calls {
    /// Enters a call.
    pub(super) fn enter(&self, call: CallId, mailbox: Mailbox, thread: ThreadIx) {
        let mut index = self.lock();
        index.calls.insert(call, Up { mailbox, thread });
        self.count(&index);
    }

    /// Says that a leg belongs to a call, and takes its place on its trunk. False, and nothing taken, when the trunk is full.
    pub(super) fn own_leg(&self, leg: LegId, call: CallId, on: On<'_>) -> bool {
        let mut index = self.lock();
        let has_room = match on {
            On::Phone(_) | On::Emergency(_) => true,
            On::In(trunk) => index.has_room(trunk),
            On::Out(trunk) => index.has_room(trunk) && index.may_make(trunk, clock::now().mono),
        };
        if has_room {
            index.parts.insert(leg.as_u128(), (call, Part::Leg(leg, on.phone(), on.trunk().map(|trunk| trunk.id))));
        }
        has_room
    }

    /// Counts calls that a run before this one made through a trunk, the oldest first. More than the cap are not kept.
    pub fn made_before(&self, trunk: &Trunk, at: impl IntoIterator<Item = Instant>) {
        let mut index = self.lock();
        let made = index.made_by_trunk.entry(trunk.id).or_default();
        for at in at {
            made.push_back(at);
            if made.len() > trunk.max_calls_per_hour.map_or(0, |cap| cap as usize) {
                made.pop_front();
            }
        }
    }

    /// Gives a leg of one call to another. False, and nothing changed, when that one is gone.
    pub(super) fn give(&self, leg: LegId, to: CallId) -> bool {
        let mut index = self.lock();
        let is_there = index.calls.contains_key(&to);
        match index.parts.get_mut(&leg.as_u128()).filter(|_| is_there) {
            Some((owner, _)) => {
                *owner = to;
                true
            }
            None => false,
        }
    }

    /// The media thread of a call that a phone is in: its calls keep to one, so that it can put two of them together.
    pub(super) fn thread_of_phone(&self, phone: PhoneId) -> Option<ThreadIx> {
        let index = self.lock();
        let mut on_it = index.parts.values().filter(|(_, part)| matches!(part, Part::Leg(_, Some(on), _) if *on == phone));
        // The leg that this is asked for is there already, its call is not.
        on_it.find_map(|(call, _)| index.calls.get(call)).map(|up| up.thread)
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
        self.lock().calls.get(&call).map(|up| up.mailbox.clone())
    }

    /// The call that a leg or recording belongs to.
    pub fn call_of_part(&self, part: u128) -> Option<CallId> {
        self.lock().parts.get(&part).map(|(call, _)| *call)
    }

    /// The mailbox of the call that a leg or recording belongs to.
    pub fn mailbox_of_part(&self, part: u128) -> Option<Mailbox> {
        let index = self.lock();
        index.parts.get(&part).and_then(|(call, _)| index.calls.get(call)).map(|up| up.mailbox.clone())
    }

    /// Mailboxes of all calls.
    pub fn all(&self) -> Vec<Mailbox> {
        self.lock().calls.values().map(|up| up.mailbox.clone()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_room_for_as_many_calls_as_the_trunk_allows() {
        let trunk = Trunk {
            id: TrunkId::from_u128(1),
            name: "lab".to_owned(),
            host: "192.0.2.1".to_owned(),
            port: Some(5060),
            transport: "udp".to_owned(),
            account: None,
            options: false,
            large_by_tcp: false,
            max_calls: 10,
            max_calls_per_hour: Some(2),
            media_security: carillon_model::MediaSecurity::default(),
        };
        let (mut index, now) = (Index::default(), Instant::now());
        assert!(index.may_make(&trunk, now) && index.may_make(&trunk, now + HOUR / 2));
        assert!(!index.may_make(&trunk, now + HOUR - Duration::from_secs(1)));
        assert!(index.may_make(&trunk, now + HOUR), "the first is an hour ago");
        assert!(!index.may_make(&trunk, now + HOUR));
    }
}
