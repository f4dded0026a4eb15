//! Telling of refused requests without letting a flood of them become a flood of news.

use crate::{Event, RefusedWhy};
use carillon_sip_core::{Hop, message::Method};
use std::time::{Duration, Instant};

/// News of this kind in a second.
const TOLD: u32 = 5;

/// Counts what is told in the current second and what is not.
#[derive(Default)]
pub(crate) struct Refusals {
    second: Option<Instant>,
    told: u32,
    untold: u64,
}

impl Refusals {
    /// The news of one refusal, if it is to be told.
    pub(crate) fn note(
        &mut self,
        now: Instant,
        hop: Hop,
        method: &Method,
        phone: Option<String>,
        status: u16,
        why: RefusedWhy,
    ) -> Option<Event> {
        if self.second.is_none_or(|begun| now.saturating_duration_since(begun) >= Duration::from_secs(1)) {
            self.second = Some(now);
            self.told = 0;
        }
        if self.told == TOLD {
            self.untold += 1;
            return None;
        }
        self.told += 1;
        Some(Event::Refused { hop, method: method.to_string(), phone, status, why, untold: std::mem::take(&mut self.untold) })
    }
}
