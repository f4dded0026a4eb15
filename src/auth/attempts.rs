//! Password guessing: ten wrong ones in a quarter of an hour close the door for that name from that address, and for nobody else.
//! An attempt counts from its beginning, or a hundred at once would all be let in before the first is found wrong.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
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
    tried: Mutex<HashMap<(IpAddr, String), Tried>>,
}

#[derive(Debug, Clone, Copy)]
struct Tried {
    count: u32,
    since: Instant,
}

impl Attempts {
    /// Somebody tries a password. It counts as wrong until [`Attempts::succeeded`].
    ///
    /// # Errors
    /// How long this name has to wait from this address.
    pub fn begin(&self, now: Instant, from: IpAddr, login: &str) -> Result<(), Duration> {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(from, login);
        if tried.len() >= REMEMBERED && !tried.contains_key(&key) {
            make_room(&mut tried, now);
        }
        let tries = tried.entry(key).or_insert(Tried { count: 0, since: now });
        if tries.since + WINDOW <= now {
            *tries = Tried { count: 0, since: now };
        }
        if tries.count >= LIMIT {
            return Err(tries.since + WINDOW - now);
        }
        tries.count += 1;
        Ok(())
    }

    /// The right password.
    pub fn succeeded(&self, from: IpAddr, login: &str) {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(from, login));
    }
}

fn make_room(tried: &mut HashMap<(IpAddr, String), Tried>, now: Instant) {
    tried.retain(|_, tries| tries.since + WINDOW > now);
    if tried.len() >= REMEMBERED
        && let Some(oldest) = tried.iter().min_by_key(|(_, tries)| tries.since).map(|(key, _)| key.clone())
    {
        tried.remove(&oldest);
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
    (network(from), login.chars().take(100).collect::<String>().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

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
