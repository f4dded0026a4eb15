//! Numbers that are hard to guess from outside: SSRCs, first sequence numbers and timestamps (RFC 3550 5.1).

use std::hash::{BuildHasher, RandomState};

/// Keyed hashes of a counter; the key is the system's randomness.
#[derive(Debug)]
pub(crate) struct Random {
    key: RandomState,
    drawn: u64,
}

impl Random {
    pub(crate) fn new() -> Self {
        Self { key: RandomState::new(), drawn: 0 }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.drawn += 1;
        self.key.hash_one(self.drawn)
    }
}
