//! Who listens to what: the many requests of one player are one listening.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use carillon_model::{RecordingId, RecordingLinkId, UserId};

/// A player that has asked for nothing for so long has ended: what it asks for then is another listening.
const ENDS_AFTER: Duration = Duration::from_secs(15 * 60);
/// Listenings that are remembered. When there are more, the one that was silent longest is forgotten: at worst it is entered twice.
const MOST: usize = 4096;

/// Whoever hears a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listener {
    /// Somebody signed in.
    User(UserId),
    /// Whoever has this link.
    Link(RecordingLinkId),
}

/// The listenings that go on.
#[derive(Debug, Default)]
pub struct Listenings(Mutex<BTreeMap<(Listener, RecordingId), Instant>>);

impl Listenings {
    /// Whether a request goes on with a listening that [`Self::began`].
    pub fn goes_on(&self, listener: Listener, recording: RecordingId, now: Instant) -> bool {
        let mut known = self.known();
        known.retain(|_, last| now.saturating_duration_since(*last) < ENDS_AFTER);
        known.get_mut(&(listener, recording)).map(|last| *last = now).is_some()
    }

    /// A listening is entered. Two requests at once may each have begun one: it is entered twice then, and never not at all.
    pub fn began(&self, listener: Listener, recording: RecordingId, now: Instant) {
        let mut known = self.known();
        known.insert((listener, recording), now);
        if known.len() > MOST
            && let Some(silent) = known.iter().min_by_key(|(_, last)| **last).map(|(key, _)| *key)
        {
            known.remove(&silent);
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<(Listener, RecordingId), Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_of_a_player_are_one_and_a_quarter_of_an_hour_later_it_is_another() {
        let (listenings, began) = (Listenings::default(), crate::clock::now().mono);
        let (anna, bruno) = (Listener::User(UserId::from_u128(1)), Listener::User(UserId::from_u128(2)));
        let (one, two) = (RecordingId::from_u128(1), RecordingId::from_u128(2));
        let minutes = |minutes: u64| began + Duration::from_secs(60 * minutes);
        assert!(!listenings.goes_on(anna, one, began), "nobody listens yet");
        assert!(!listenings.goes_on(anna, one, began), "nor after a request that was never entered");
        listenings.began(anna, one, began);
        assert!((1..30).all(|minute| listenings.goes_on(anna, one, minutes(minute))), "it goes on");
        assert!(
            !listenings.goes_on(bruno, one, minutes(29)) && !listenings.goes_on(anna, two, minutes(29)),
            "another person, another recording"
        );
        assert!(!listenings.goes_on(anna, one, minutes(29 + 15)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (listenings, began) = (Listenings::default(), crate::clock::now().mono);
        let anna = Listener::User(UserId::from_u128(1));
        for recording in 0..=MOST as u128 {
            listenings.began(anna, RecordingId::from_u128(recording), began + Duration::from_millis(recording as u64));
        }
        let later = began + Duration::from_secs(10);
        assert!(!listenings.goes_on(anna, RecordingId::from_u128(0), later), "the one that was silent longest was forgotten");
        assert!(listenings.goes_on(anna, RecordingId::from_u128(MOST as u128), later));
    }
}
