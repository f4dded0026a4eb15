//! Slowing down who guesses passwords: by source and user together, so that the user's own phone elsewhere is not hurt.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// Failures after which a source is not listened to about a user any more.
const FAILURES: u32 = 10;
/// For how long, counted from the last failure.
const PENALTY: Duration = Duration::from_secs(600);
/// Pairs remembered at once.
const PAIRS: usize = 8192;

/// Recent failures to authenticate.
#[derive(Default)]
pub(crate) struct Guessing {
    failures_by_pair: BTreeMap<(IpAddr, String), (u32, Instant)>,
}

impl Guessing {
    /// Whether a source has guessed too often for this user and must wait.
    pub(crate) fn is_locked(&self, now: Instant, source: IpAddr, user: &str) -> bool {
        let found = self.failures_by_pair.get(&(source, user.to_owned()));
        found.is_some_and(|(count, last)| *count >= FAILURES && now.saturating_duration_since(*last) < PENALTY)
    }

    /// A wrong password, or a user there is none of.
    pub(crate) fn failed(&mut self, now: Instant, source: IpAddr, user: &str) {
        if self.failures_by_pair.len() >= PAIRS {
            self.failures_by_pair.retain(|_, (_, last)| now.saturating_duration_since(*last) < PENALTY);
        }
        let is_new = !self.failures_by_pair.contains_key(&(source, user.to_owned()));
        if is_new && self.failures_by_pair.len() >= PAIRS {
            return;
        }
        let entry = self.failures_by_pair.entry((source, user.to_owned())).or_insert((0, now));
        if now.saturating_duration_since(entry.1) >= PENALTY {
            entry.0 = 0;
        }
        *entry = (entry.0.saturating_add(1), now);
    }

    /// The right password.
    pub(crate) fn succeeded(&mut self, source: IpAddr, user: &str) {
        self.failures_by_pair.remove(&(source, user.to_owned()));
    }
}
