//! Which packets of a stream have been here (RFC 3711 section 3.3.2).

/// How far back a packet may come and still be told from a replay.
const WINDOW: u64 = 128;

/// Remembers the highest index and which of the [`WINDOW`] before it were seen.
#[derive(Debug, Default)]
pub(super) struct Replay {
    highest: Option<u64>,
    seen: u128,
}

impl Replay {
    /// The highest index that was noted.
    pub(super) fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// Whether a packet of this index can be new.
    pub(super) fn is_new(&self, index: u64) -> bool {
        match self.highest {
            None => true,
            Some(highest) if index > highest => true,
            Some(highest) => highest - index < WINDOW && self.seen >> (highest - index) & 1 == 0,
        }
    }

    /// Notes a packet that proved to be genuine.
    pub(super) fn note(&mut self, index: u64) {
        match self.highest {
            Some(highest) if index <= highest => self.seen |= 1u128.checked_shl(distance(highest - index)).unwrap_or(0),
            Some(highest) => self.seen = self.seen.checked_shl(distance(index - highest)).unwrap_or(0) | 1,
            None => self.seen = 1,
        }
        self.highest = Some(self.highest.map_or(index, |highest| highest.max(index)));
    }
}

fn distance(indices: u64) -> u32 {
    u32::try_from(indices).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_index_is_new_once_and_only_within_the_window() {
        let mut replay = Replay::default();
        for index in [10, 12, 11, 300, 200, 301] {
            assert!(replay.is_new(index), "{index} first");
            replay.note(index);
            assert!(!replay.is_new(index), "{index} again");
        }
        assert!(!replay.is_new(301 - WINDOW), "too old to tell");
        assert!(replay.is_new(301 - WINDOW + 1));
    }
}
