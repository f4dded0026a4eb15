//! Sign-ins that were begun and have not come back.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long somebody may take at the provider's.
pub const LIVES: Duration = Duration::from_secs(10 * 60);
/// Sign-ins begun at once; beyond it the oldest go first.
const MOST: usize = 1000;

/// What is remembered of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    /// What stands in the cookie of the browser that began.
    pub(super) browser: String,
    /// What the provider's answer must repeat.
    pub(super) nonce: String,
    /// What proves that whoever redeems the code asked for it (RFC 7636 4.1).
    pub(super) verifier: String,
    pub(super) since: Instant,
}

/// Those that were begun, by their state.
#[derive(Debug, Default)]
pub(super) struct Begun {
    by_state: Mutex<HashMap<String, Pending>>,
}

impl Begun {
    pub(super) fn put(&self, state: String, pending: Pending) {
        let mut begun = self.by_state.lock().unwrap_or_else(PoisonError::into_inner);
        begun.retain(|_, other| other.since + LIVES > pending.since);
        if begun.len() >= MOST
            && let Some(oldest) = begun.iter().min_by_key(|(_, other)| other.since).map(|(state, _)| state.clone())
        {
            begun.remove(&oldest);
        }
        begun.insert(state, pending);
    }

    /// The one of a state, for the browser that began it: once, and not too late.
    pub(super) fn take(&self, state: &str, browser: &str, now: Instant) -> Option<Pending> {
        let mut begun = self.by_state.lock().unwrap_or_else(PoisonError::into_inner);
        // Another browser's is left for that one.
        if begun.get(state)?.browser != browser {
            return None;
        }
        begun.remove(state).filter(|pending| pending.since + LIVES > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(browser: &str, since: Instant) -> Pending {
        Pending { browser: browser.to_owned(), nonce: "n".to_owned(), verifier: "v".to_owned(), since }
    }

    #[test]
    fn what_was_begun_is_taken_once_by_the_browser_that_began_it_and_not_too_late() {
        let (begun, now) = (Begun::default(), Instant::now());
        begun.put("one".to_owned(), one("here", now));
        begun.put("two".to_owned(), one("here", now));
        assert_eq!(begun.take("one", "there", now), None);
        assert_eq!(begun.take("one", "here", now), Some(one("here", now)));
        assert_eq!(begun.take("one", "here", now), None);
        assert_eq!(begun.take("two", "here", now + LIVES), None);
    }

    #[test]
    fn the_oldest_of_too_many_goes() {
        let (begun, now) = (Begun::default(), Instant::now());
        for number in 0..=MOST as u64 {
            begun.put(number.to_string(), one("here", now + Duration::from_millis(number)));
        }
        assert_eq!(begun.take("0", "here", now), None);
        assert!(begun.take("1", "here", now).is_some());
    }
}
