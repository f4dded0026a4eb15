//! How many messages a source may send.

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// Sources remembered at once; a source forgotten starts with a full allowance.
const SOURCES: usize = 8192;

/// One allowance per source, refilled by the second.
pub(crate) struct Rate {
    per_second: f64,
    allowance_by_source: HashMap<IpAddr, Allowance>,
}

struct Allowance {
    left: f64,
    at: Instant,
}

impl Rate {
    pub(crate) fn new(per_second: u32) -> Self {
        Rate { per_second: f64::from(per_second.max(1)), allowance_by_source: HashMap::new() }
    }

    /// Whether one more message of this source is within its allowance.
    pub(crate) fn allows(&mut self, now: Instant, source: IpAddr) -> bool {
        let full = 2.0 * self.per_second;
        if self.allowance_by_source.len() >= SOURCES && !self.allowance_by_source.contains_key(&source) {
            self.forget(now);
        }
        let allowance = self.allowance_by_source.entry(source).or_insert(Allowance { left: full, at: now });
        let refill = now.saturating_duration_since(allowance.at).as_secs_f64() * self.per_second;
        allowance.left = (allowance.left + refill).min(full);
        allowance.at = now;
        if allowance.left < 1.0 {
            return false;
        }
        allowance.left -= 1.0;
        true
    }

    /// Forgets the sources whose allowance is full again, and when every one of them is busy, all.
    fn forget(&mut self, now: Instant) {
        self.allowance_by_source.retain(|_, allowance| now.saturating_duration_since(allowance.at) < Duration::from_secs(2));
        if self.allowance_by_source.len() >= SOURCES {
            self.allowance_by_source.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_gets_a_burst_then_its_rate_and_others_are_not_hurt() {
        let start = Instant::now();
        let mut rate = Rate::new(10);
        let [loud, calm] = ["192.0.2.66", "192.0.2.7"].map(|ip| ip.parse().expect("address"));
        let taken = |rate: &mut Rate, at, ip, count: usize| (0..count).filter(|_| rate.allows(at, ip)).count();
        assert_eq!(taken(&mut rate, start, loud, 100), 20);
        assert_eq!(taken(&mut rate, start, calm, 15), 15);
        assert_eq!(taken(&mut rate, start + Duration::from_secs(1), loud, 100), 10);
    }

    #[test]
    fn a_million_sources_do_not_grow_the_table() {
        let start = Instant::now();
        let mut rate = Rate::new(10);
        for number in 0..1_000_000u32 {
            rate.allows(start, IpAddr::V4(number.into()));
        }
        assert!(rate.allowance_by_source.len() <= SOURCES);
    }
}
