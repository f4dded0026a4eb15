//! What a media thread has counted, for those outside it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::PollerKind;
use crate::pace::Pace;
use crate::poller::{Counted, Wake};

/// One media thread, as of the last tenth of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadReport {
    /// How it waits for packets.
    pub poller: PollerKind,
    /// Whether it wakes by a tick of two milliseconds just now, and not with each packet.
    pub on_tick: bool,
    /// Legs now open.
    pub legs: usize,
    /// Datagrams that came.
    pub packets: u64,
    /// Times it woke up.
    pub wake_ups: u64,
    /// Times it woke up 5 ms or more after the moment it waited for.
    pub late_wake_ups: u64,
    /// Packets the system did not take when they were to be sent.
    pub unsent: u64,
    /// Times packets had to wait in their socket because every buffer was taken.
    pub buffers_exhausted: u64,
}

/// Written by the thread, read by anybody.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    on_tick: AtomicBool,
    packets: AtomicU64,
    wake_ups: AtomicU64,
    late: AtomicU64,
    unsent: AtomicU64,
    exhausted: AtomicU64,
}

impl Counters {
    pub(crate) fn set(&self, pace: &Pace, counted: Counted) {
        self.on_tick.store(pace.wake() == Wake::OnTick, Ordering::Relaxed);
        for (counter, value) in [
            (&self.packets, pace.packets),
            (&self.wake_ups, pace.wake_ups),
            (&self.late, pace.late),
            (&self.unsent, counted.unsent),
            (&self.exhausted, counted.exhausted),
        ] {
            counter.store(value, Ordering::Relaxed);
        }
    }

    pub(crate) fn report(&self, poller: PollerKind, legs: usize) -> ThreadReport {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ThreadReport {
            poller,
            on_tick: self.on_tick.load(Ordering::Relaxed),
            legs,
            packets: read(&self.packets),
            wake_ups: read(&self.wake_ups),
            late_wake_ups: read(&self.late),
            unsent: read(&self.unsent),
            buffers_exhausted: read(&self.exhausted),
        }
    }
}
