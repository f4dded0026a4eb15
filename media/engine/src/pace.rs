//! When a thread wakes: with the packet, or by a tick of two milliseconds when there are very many; and how often it did.
//!
//! A wake-up costs more than a packet, but whoever wakes often finds memory still near and the processor awake: in turns of three
//! seconds on one machine, 200 recorded calls cost 0.95 of the reference by packet and 1.06 by tick, 500 calls 0.96 and 1.02, and a
//! packet by tick comes a millisecond later. So the tick is for what a thread would otherwise not keep up with.

use std::time::{Duration, Instant};

use crate::poller::Wake;

/// Packets a second from which on the tick is cheaper than waking for each.
const MANY: u64 = 100_000;
/// Below this again they are few: apart from `MANY`, so that a load in between does not switch to and fro.
const FEW: u64 = 50_000;

/// The shortest time a load is judged by.
const SPAN: Duration = Duration::from_millis(90);

/// A wake-up this much after its moment is late: a phone may have noticed.
const LATE: Duration = Duration::from_millis(5);

/// Counts a thread's work and chooses its way of waking.
#[derive(Debug)]
pub(crate) struct Pace {
    gains_by_ticks: bool,
    on_tick: bool,
    pub(crate) packets: u64,
    pub(crate) wake_ups: u64,
    pub(crate) late: u64,
    judged: Option<(Instant, u64)>,
}

impl Pace {
    pub(crate) fn new(gains_by_ticks: bool) -> Self {
        Self { gains_by_ticks, on_tick: false, packets: 0, wake_ups: 0, late: 0, judged: None }
    }

    pub(crate) fn wake(&self) -> Wake {
        if self.on_tick { Wake::OnTick } else { Wake::OnPacket }
    }

    pub(crate) fn woken(&mut self, now: Instant, until: Option<Instant>) {
        self.wake_ups += 1;
        self.late += u64::from(until.is_some_and(|until| now.saturating_duration_since(until) >= LATE));
    }

    /// Looks at the load since the last look. To be called a few times a second.
    pub(crate) fn judge(&mut self, now: Instant) {
        let Some((then, packets)) = self.judged else {
            self.judged = Some((now, self.packets));
            return;
        };
        let span = now.saturating_duration_since(then);
        if span < SPAN {
            return;
        }
        let rate = (self.packets - packets) * 1000 / (span.as_millis() as u64).max(1);
        self.judged = Some((now, self.packets));
        self.on_tick = self.gains_by_ticks && rate >= if self.on_tick { FEW } else { MANY };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_a_second_of(pace: &mut Pace, now: &mut Instant, rate: u64) -> Wake {
        for _ in 0..10 {
            pace.packets += rate / 10;
            *now += Duration::from_millis(100);
            pace.judge(*now);
        }
        pace.wake()
    }

    #[test]
    fn few_packets_wake_the_thread_and_many_wait_for_the_tick() {
        let (mut pace, mut now) = (Pace::new(true), Instant::now());
        pace.judge(now);
        assert_eq!(after_a_second_of(&mut pace, &mut now, 40_000), Wake::OnPacket);
        assert_eq!(after_a_second_of(&mut pace, &mut now, 70_000), Wake::OnPacket);
        assert_eq!(after_a_second_of(&mut pace, &mut now, 150_000), Wake::OnTick);
        assert_eq!(after_a_second_of(&mut pace, &mut now, 70_000), Wake::OnTick, "no to and fro in between");
        assert_eq!(after_a_second_of(&mut pace, &mut now, 0), Wake::OnPacket);
    }

    #[test]
    fn a_poller_that_gains_nothing_by_ticks_always_wakes() {
        let (mut pace, mut now) = (Pace::new(false), Instant::now());
        assert_eq!(after_a_second_of(&mut pace, &mut now, 150_000), Wake::OnPacket);
    }

    #[test]
    fn late_wake_ups_are_counted() {
        let (mut pace, now) = (Pace::new(true), Instant::now());
        pace.woken(now, None);
        pace.woken(now, Some(now));
        pace.woken(now + Duration::from_millis(7), Some(now));
        assert_eq!((pace.wake_ups, pace.late), (3, 1));
    }
}
