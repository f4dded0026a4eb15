//! Whether the server lives (`/healthz`), takes work (`/readyz`), and what is wrong with it (alarms).

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};

use carillon_model::{Alarm, AlarmCause, Fact};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// What the server says to a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Listeners are not all up yet.
    Starting,
    /// Takes calls.
    Ready,
    /// Finishes what runs, takes nothing new.
    Draining,
}

/// Shared between the server's parts.
#[derive(Debug, Default)]
pub struct Health {
    readiness: AtomicU8,
    alarms: Mutex<BTreeMap<Alarm, AlarmRow>>,
}

/// An alarm that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlarmRow {
    /// What is wrong.
    pub alarm: Alarm,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// What is known of it now.
    pub causes: Vec<AlarmCause>,
}

impl Health {
    /// The state now.
    pub fn readiness(&self) -> Readiness {
        match self.readiness.load(Ordering::Acquire) {
            0 => Readiness::Starting,
            1 => Readiness::Ready,
            _ => Readiness::Draining,
        }
    }

    /// All listeners are up.
    pub fn ready(&self) {
        self.readiness.store(1, Ordering::Release);
    }

    /// Notes whether an alarm stands, and why; the fact of it, if that is news.
    pub fn note_alarm(&self, alarm: Alarm, standing: Option<Vec<AlarmCause>>, now: Timestamp) -> Option<Fact> {
        let mut alarms = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        match (standing, alarms.contains_key(&alarm)) {
            (Some(causes), false) => {
                alarms.insert(alarm, AlarmRow { alarm, since: now, causes: causes.clone() });
                Some(Fact::AlarmRaised { alarm, causes })
            }
            (None, true) => {
                alarms.remove(&alarm);
                Some(Fact::AlarmCleared { alarm })
            }
            (Some(causes), true) => {
                if let Some(row) = alarms.get_mut(&alarm) {
                    row.causes = causes;
                }
                None
            }
            (None, false) => None,
        }
    }

    /// The alarms that stand.
    pub fn alarms(&self) -> Vec<AlarmRow> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Nothing new from here on.
    pub fn draining(&self) {
        self.readiness.store(2, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_news_when_it_comes_and_when_it_goes() {
        let (health, now) = (Health::default(), Timestamp::UNIX_EPOCH);
        let alarm = Alarm::OneWayAudio;
        let one = || vec![AlarmCause::Unheard { parties: 1 }];
        let two = || vec![AlarmCause::Unheard { parties: 2 }];
        assert_eq!(health.note_alarm(alarm, None, now), None);
        assert_eq!(health.note_alarm(alarm, Some(one()), now), Some(Fact::AlarmRaised { alarm, causes: one() }));
        assert_eq!(health.note_alarm(alarm, Some(two()), now), None);
        assert_eq!(health.alarms(), [AlarmRow { alarm, since: now, causes: two() }], "what is known now, since when it began");
        assert_eq!(health.note_alarm(alarm, None, now), Some(Fact::AlarmCleared { alarm }));
        assert_eq!(health.alarms(), []);
    }
}
