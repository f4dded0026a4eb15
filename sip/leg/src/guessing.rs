//! Slowing down who guesses passwords: by source and user together, so that the user's own phone elsewhere is not hurt.

use std::{
    collections::{BTreeMap, BTreeSet},
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
    failures_by_pair: BTreeMap<Pair, (u32, Instant)>,
    /// The same pairs, the one that failed longest ago first: it makes room for a new one.
    pairs_by_age: BTreeSet<(Instant, Pair)>,
}

type Pair = (IpAddr, String);

impl Guessing {
    /// Whether a source has guessed too often for this user and must wait.
    pub(crate) fn is_locked(&self, now: Instant, source: IpAddr, user: &str) -> bool {
        let found = self.failures_by_pair.get(&(source, user.to_owned()));
        found.is_some_and(|(count, last)| *count >= FAILURES && now.saturating_duration_since(*last) < PENALTY)
    }

    /// A wrong password, or a user there is none of.
    pub(crate) fn failed(&mut self, now: Instant, source: IpAddr, user: &str) {
        let pair = (source, user.to_owned());
        let before = self.forget(&pair);
        if self.failures_by_pair.len() >= PAIRS
            && let Some((_, oldest)) = self.pairs_by_age.pop_first()
        {
            self.failures_by_pair.remove(&oldest);
        }
        let recent = before.filter(|(_, last)| now.saturating_duration_since(*last) < PENALTY);
        let count = recent.map_or(0, |(count, _)| count).saturating_add(1);
        self.pairs_by_age.insert((now, pair.clone()));
        self.failures_by_pair.insert(pair, (count, now));
    }

    /// The right password.
    pub(crate) fn succeeded(&mut self, source: IpAddr, user: &str) {
        self.forget(&(source, user.to_owned()));
    }

    fn forget(&mut self, pair: &Pair) -> Option<(u32, Instant)> {
        let (count, last) = self.failures_by_pair.remove(pair)?;
        self.pairs_by_age.remove(&(last, pair.clone()));
        Some((count, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs a first instant; nothing depends on which")]
    fn names_made_up_to_fill_the_table_hide_no_guesses() {
        let (mut guessing, start, thief) = (Guessing::default(), Instant::now(), IpAddr::from([192, 0, 2, 66]));
        (0..PAIRS).for_each(|number| guessing.failed(start, thief, &number.to_string()));
        (0..FAILURES).for_each(|_| guessing.failed(start, thief, "anna"));
        assert!(guessing.is_locked(start, thief, "anna"));
        assert_eq!((guessing.failures_by_pair.len(), guessing.pairs_by_age.len()), (PAIRS, PAIRS));
        guessing.succeeded(thief, "anna");
        assert!(!guessing.is_locked(start, thief, "anna"));
        assert_eq!((guessing.failures_by_pair.len(), guessing.pairs_by_age.len()), (PAIRS - 1, PAIRS - 1));
    }
}
