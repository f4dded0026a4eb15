//! Password guessing: ten wrong ones in a quarter of an hour close the door for that name from that address, and for nobody else. Codes of second
//! factors count like passwords. (Ten and a quarter of an hour unless the site says otherwise.)
//! An attempt counts from its beginning, or a hundred at once would all be let in before the first is found wrong.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Names and addresses remembered at once; beyond it the oldest go first.
const REMEMBERED: usize = 10_000;

/// Wrong passwords of late.
#[derive(Debug)]
pub struct Attempts {
    limit: u32,
    window: Duration,
    tried: Mutex<HashMap<(IpAddr, String), Tried>>,
}

#[derive(Debug, Clone, Copy)]
struct Tried {
    count: u32,
    since: Instant,
}

/// A door that is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locked {
    /// For whoever comes from there; of IPv6 the whole network.
    pub from: IpAddr,
    /// How long still.
    pub wait: Duration,
}

impl Default for Attempts {
    fn default() -> Self {
        Self::new(10, Duration::from_secs(15 * 60))
    }
}

impl Attempts {
    /// With as many tries in as long a time.
    pub fn new(limit: u32, window: Duration) -> Self {
        Self { limit, window, tried: Mutex::default() }
    }

    /// Somebody tries a password. It counts as wrong until [`Attempts::succeeded`].
    ///
    /// # Errors
    /// How long this name has to wait from this address.
    pub fn begin(&self, now: Instant, from: IpAddr, login: &str) -> Result<(), Duration> {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(from, login);
        if tried.len() >= REMEMBERED && !tried.contains_key(&key) {
            self.make_room(&mut tried, now);
        }
        let tries = tried.entry(key).or_insert(Tried { count: 0, since: now });
        if tries.since + self.window <= now {
            *tries = Tried { count: 0, since: now };
        }
        if tries.count >= self.limit {
            return Err(tries.since + self.window - now);
        }
        tries.count += 1;
        Ok(())
    }

    /// The right password.
    pub fn succeeded(&self, from: IpAddr, login: &str) {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(from, login));
    }

    /// The right password, where those before it go on counting.
    pub fn forgiven(&self, from: IpAddr, login: &str) {
        if let Some(tries) = self.tried.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&key(from, login)) {
            tries.count = tries.count.saturating_sub(1);
        }
    }

    /// From where a name is locked out, the longest first.
    pub fn locked(&self, now: Instant, login: &str) -> Vec<Locked> {
        let (login, tried) = (folded(login), self.tried.lock().unwrap_or_else(PoisonError::into_inner));
        let closed = tried.iter().filter(|((_, name), tries)| *name == login && tries.count >= self.limit);
        let closed =
            closed.map(|((from, _), tries)| Locked { from: *from, wait: (tries.since + self.window).saturating_duration_since(now) });
        let mut closed: Vec<Locked> = closed.filter(|locked| !locked.wait.is_zero()).collect();
        closed.sort_by_key(|locked| (std::cmp::Reverse(locked.wait), locked.from));
        closed
    }

    /// Opens the door for a name at once, from everywhere.
    pub fn unlock(&self, login: &str) {
        let login = folded(login);
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, name), _| *name != login);
    }

    fn make_room(&self, tried: &mut HashMap<(IpAddr, String), Tried>, now: Instant) {
        tried.retain(|_, tries| tries.since + self.window > now);
        if tried.len() >= REMEMBERED
            && let Some(oldest) = tried.iter().min_by_key(|(_, tries)| tries.since).map(|(key, _)| key.clone())
        {
            tried.remove(&oldest);
        }
    }
}

/// Whoever has one address of an IPv6 network has all 2^64 of it.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

fn key(from: IpAddr, login: &str) -> (IpAddr, String) {
    (network(from), folded(login))
}

fn folded(login: &str) -> String {
    login.chars().take(100).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u32 = 10;
    const WINDOW: Duration = Duration::from_secs(15 * 60);

    #[test]
    fn ten_wrong_passwords_close_the_door_for_that_name_and_address_alone() {
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let (attempts, start) = (Attempts::default(), Instant::now());
        for _ in 0..LIMIT {
            assert_eq!(attempts.begin(start, here, "Anna"), Ok(()));
        }
        assert_eq!(attempts.begin(start, here, "anna"), Err(WINDOW));
        assert_eq!(attempts.begin(start, there, "anna"), Ok(()));
        assert_eq!(attempts.begin(start, here, "bruno"), Ok(()));
        assert_eq!(attempts.begin(start + WINDOW, here, "anna"), Ok(()));
        for _ in 0..2 * LIMIT {
            attempts.succeeded(here, "anna");
            assert_eq!(attempts.begin(start, here, "anna"), Ok(()));
        }
    }

    /// Z2.
    #[test]
    fn whoever_is_locked_out_is_seen_and_let_in_again() {
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let (attempts, start) = (Attempts::new(2, Duration::from_secs(60)), Instant::now());
        let later = start + Duration::from_secs(10);
        for (at, from) in [(start, here), (start, here), (later, there), (later, there)] {
            assert_eq!(attempts.locked(at, "anna").iter().filter(|locked| locked.from == from).count(), 0);
            assert_eq!(attempts.begin(at, from, "anna"), Ok(()));
        }
        let locked = |from, wait| Locked { from, wait: Duration::from_secs(wait) };
        assert_eq!(attempts.locked(later, "Anna"), [locked(there, 60), locked(here, 50)]);
        assert_eq!(attempts.locked(later, "bruno"), []);
        assert_eq!(attempts.locked(start + Duration::from_secs(60), "anna"), [locked(there, 10)]);
        attempts.unlock("ANNA");
        assert_eq!(attempts.locked(later, "anna"), []);
        assert_eq!(attempts.begin(later, here, "anna"), Ok(()));
    }

    #[test]
    fn another_address_of_the_same_ipv6_network_is_no_way_round() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let address = |host: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]);
        for host in 0..10 {
            assert_eq!(attempts.begin(start, address(host), "anna"), Ok(()));
        }
        assert_eq!(attempts.begin(start, address(10), "anna"), Err(WINDOW));
        assert_eq!(attempts.begin(start, IpAddr::from([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1]), "anna"), Ok(()));
    }
}
