//! How fast a queue serves, from its last answered calls: what an estimate of the wait is made from.

use std::{collections::VecDeque, time::Duration};

use crate::limits::PACE_SAMPLES;

#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Wait divided by the position it began at, in milliseconds, of the last answered calls.
    per_place_ms: VecDeque<u64>,
}

impl Pace {
    pub(crate) fn answered(&mut self, wait: Duration, position_at_entry: u32) {
        if self.per_place_ms.len() == PACE_SAMPLES {
            self.per_place_ms.pop_front();
        }
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.per_place_ms.push_back(wait / u64::from(position_at_entry.max(1)));
    }

    pub(crate) fn estimate_ms(&self, position: u32) -> Option<u64> {
        let samples = u64::try_from(self.per_place_ms.len()).ok().filter(|samples| *samples > 0)?;
        let sum = self.per_place_ms.iter().fold(0_u64, |sum, sample| sum.saturating_add(*sample));
        Some((sum / samples).saturating_mul(position.into()))
    }
}
