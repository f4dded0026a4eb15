//! Password guessing: ten wrong ones in a quarter of an hour close the door for that name from that address, and for nobody else.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const LIMIT: u32 = 10;
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Names and addresses remembered at once; beyond it the oldest go first.
const REMEMBERED: usize = 10_000;

/// Wrong passwords of late.
#[derive(Debug, Default)]
pub struct Attempts {
    failures: Mutex<HashMap<(IpAddr, String), Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    since: Instant,
}

impl Attempts {
    /// How long this name has to wait from this address; `None`: it may try.
    pub fn locked_for(&self, now: Instant, from: IpAddr, login: &str) -> Option<Duration> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failures.get(&key(from, login))?;
        let open_at = failed.since + WINDOW;
        (failed.count >= LIMIT && open_at > now).then(|| open_at - now)
    }

    /// A wrong password.
    pub fn failed(&self, now: Instant, from: IpAddr, login: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED {
            failures.retain(|_, failed| failed.since + WINDOW > now);
        }
        if failures.len() >= REMEMBERED
            && let Some(oldest) = failures.iter().min_by_key(|(_, failed)| failed.since).map(|(key, _)| key.clone())
        {
            failures.remove(&oldest);
        }
        let failed = failures.entry(key(from, login)).or_insert(Failures { count: 0, since: now });
        if failed.since + WINDOW <= now {
            *failed = Failures { count: 0, since: now };
        }
        failed.count += 1;
    }

    /// The right password.
    pub fn succeeded(&self, from: IpAddr, login: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(from, login));
    }
}

fn key(from: IpAddr, login: &str) -> (IpAddr, String) {
    (from, login.chars().take(100).collect::<String>().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_passwords_close_the_door_for_that_name_and_address_alone() {
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let (attempts, start) = (Attempts::default(), Instant::now());
        for _ in 0..LIMIT {
            assert_eq!(attempts.locked_for(start, here, "anna"), None);
            attempts.failed(start, here, "Anna");
        }
        assert_eq!(attempts.locked_for(start, here, "anna"), Some(WINDOW));
        assert_eq!(attempts.locked_for(start, there, "anna"), None);
        assert_eq!(attempts.locked_for(start, here, "bruno"), None);
        assert_eq!(attempts.locked_for(start + WINDOW, here, "anna"), None);
        attempts.succeeded(here, "anna");
        assert_eq!(attempts.locked_for(start, here, "anna"), None);
    }
}
