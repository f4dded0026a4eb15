//! Phones as the engine sees them: which can be called, and which are in use outside any offer.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use carillon_model::{CallId, PhoneId};

#[derive(Debug, Default)]
pub(crate) struct Phones {
    registered: BTreeSet<PhoneId>,
    /// Registered, yet an offer could not reach them; believed again from this moment.
    doubted_until: BTreeMap<PhoneId, Instant>,
    calls_by_phone: BTreeMap<PhoneId, BTreeMap<CallId, OwnCall>>,
}

/// How far the user of a phone is in a call outside any offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OwnCall {
    /// On it.
    Up,
    /// Called, and not there yet.
    Rings,
}

impl Phones {
    pub(crate) fn is_reachable(&self, phone: PhoneId) -> bool {
        self.registered.contains(&phone) && !self.doubted_until.contains_key(&phone)
    }

    pub(crate) fn reachable(&self) -> impl Iterator<Item = PhoneId> {
        self.registered.iter().copied().filter(|phone| !self.doubted_until.contains_key(phone))
    }

    pub(crate) fn appeared(&mut self, phone: PhoneId) {
        self.registered.insert(phone);
        self.doubted_until.remove(&phone);
    }

    pub(crate) fn disappeared(&mut self, phone: PhoneId) {
        self.registered.remove(&phone);
        self.doubted_until.remove(&phone);
    }

    pub(crate) fn doubt(&mut self, phone: PhoneId, until: Instant) {
        if self.registered.contains(&phone) {
            self.doubted_until.insert(phone, until);
        }
    }

    pub(crate) fn end_doubts(&mut self, now: Instant) {
        self.doubted_until.retain(|_, until| *until > now);
    }

    pub(crate) fn next_doubt_ends(&self) -> Option<Instant> {
        self.doubted_until.values().min().copied()
    }

    /// The call a phone is in by itself: the one its user dialled, was rung by or was reserved for. One that is up goes before one that rings.
    pub(crate) fn own_call(&self, phone: PhoneId) -> Option<(CallId, OwnCall)> {
        let calls = self.calls_by_phone.get(&phone)?.iter();
        calls.min_by_key(|(call, how)| (**how, **call)).map(|(call, how)| (*call, *how))
    }

    /// Whether a phone is in this call by itself.
    pub(crate) fn is_in(&self, phone: PhoneId, call: CallId) -> bool {
        self.calls_by_phone.get(&phone).is_some_and(|calls| calls.contains_key(&call))
    }

    pub(crate) fn begin_own_call(&mut self, phone: PhoneId, call: CallId, how: OwnCall) {
        self.calls_by_phone.entry(phone).or_default().insert(call, how);
    }

    /// Its user answered; of a phone that is not in the call nothing changes.
    pub(crate) fn answer_own_call(&mut self, phone: PhoneId, call: CallId) {
        if let Some(how) = self.calls_by_phone.get_mut(&phone).and_then(|calls| calls.get_mut(&call)) {
            *how = OwnCall::Up;
        }
    }

    pub(crate) fn end_own_call(&mut self, phone: PhoneId, call: CallId) {
        if let Some(calls) = self.calls_by_phone.get_mut(&phone) {
            calls.remove(&call);
            if calls.is_empty() {
                self.calls_by_phone.remove(&phone);
            }
        }
    }

    pub(crate) fn forget_call(&mut self, call: CallId) {
        self.calls_by_phone.retain(|_, calls| {
            calls.remove(&call);
            !calls.is_empty()
        });
    }
}
