//! Twenty slots of a millisecond: a leg that is played to, and a conference, live in one and have their turn each time the wheel is round.

use std::time::{Duration, Instant};

const SLOTS: usize = 20;

/// A thread that was held up makes at most this many frames good at once.
const MOST_LATE_TICKS: u64 = 3 * SLOTS as u64;

/// What has its turn every 20 ms, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// A leg that is played to.
    Leg(usize),
    /// A leg towards which keys are pressed.
    Keys(usize),
    /// A conference.
    Conference(usize),
}

/// What has its turn in which slot. Slots spread the sending of many legs evenly over 20 ms.
#[derive(Debug)]
pub(crate) struct Wheel {
    slots: [Vec<Item>; SLOTS],
    epoch: Instant,
    /// The next tick to run, in milliseconds since the epoch.
    next: u64,
    playing: usize,
}

/// One slot whose turn it is.
#[derive(Debug)]
pub(crate) struct Turn {
    slot: usize,
    /// Counts the wheel's turns: what everybody hears of shared music.
    pub(crate) round: u64,
    pub(crate) items: Vec<Item>,
}

impl Wheel {
    pub(crate) fn new(now: Instant) -> Self {
        Self { slots: Default::default(), epoch: now, next: 0, playing: 0 }
    }

    /// Adds an item to the emptiest slot, of several the one that comes first, and returns the slot.
    pub(crate) fn add(&mut self, now: Instant, item: Item) -> usize {
        if self.playing == 0 {
            self.next = self.next.max(self.tick_at(now));
        }
        let slot = (0..SLOTS as u64).map(|ahead| slot_of(self.next + ahead)).min_by_key(|slot| self.slots[*slot].len()).unwrap_or(0);
        self.slots[slot].push(item);
        self.playing += 1;
        slot
    }

    pub(crate) fn remove(&mut self, slot: usize, item: Item) {
        let before = self.slots[slot].len();
        self.slots[slot].retain(|other| *other != item);
        self.playing -= before - self.slots[slot].len();
    }

    /// The next slot that is due and has items; give it back with [`Wheel::done`].
    pub(crate) fn due(&mut self, now: Instant) -> Option<Turn> {
        if self.playing == 0 {
            return None;
        }
        let last = self.tick_at(now);
        self.next = self.next.max(last.saturating_sub(MOST_LATE_TICKS));
        while self.next <= last {
            let tick = self.next;
            self.next += 1;
            let slot = slot_of(tick);
            if !self.slots[slot].is_empty() {
                return Some(Turn { slot, round: tick / SLOTS as u64, items: std::mem::take(&mut self.slots[slot]) });
            }
        }
        None
    }

    /// Takes a slot back, without the items that are finished.
    pub(crate) fn done(&mut self, turn: Turn, finished: usize) {
        self.slots[turn.slot] = turn.items;
        self.playing -= finished;
    }

    /// When the next slot with items is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if self.playing == 0 {
            return None;
        }
        let tick = (self.next..self.next + SLOTS as u64).find(|tick| !self.slots[slot_of(*tick)].is_empty())?;
        Some(self.epoch + Duration::from_millis(tick))
    }

    /// The next whole millisecond of the wheel after `now`.
    pub(crate) fn next_tick(&self, now: Instant) -> Instant {
        self.epoch + Duration::from_millis(self.tick_at(now) + 1)
    }

    fn tick_at(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.epoch).as_millis() as u64
    }
}

fn slot_of(tick: u64) -> usize {
    (tick % SLOTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    struct WheelTest {
        wheel: Wheel,
        now: Instant,
        heard: Vec<(u64, Item)>,
    }

    impl WheelTest {
        fn new() -> Self {
            let now = Instant::now();
            Self { wheel: Wheel::new(now), now, heard: Vec::new() }
        }

        fn pass(&mut self, ms: u64) {
            self.now += Duration::from_millis(ms);
            while let Some(turn) = self.wheel.due(self.now) {
                self.heard.extend(turn.items.iter().map(|item| (turn.round, *item)));
                self.wheel.done(turn, 0);
            }
        }
    }

    #[test]
    fn every_leg_gets_a_frame_every_twenty_milliseconds() {
        let mut t = WheelTest::new();
        for leg in 0..45 {
            t.wheel.add(t.now, Item::Leg(leg));
        }
        assert!(t.wheel.slots.iter().all(|slot| (2..=3).contains(&slot.len())), "{:?}", t.wheel.slots);
        for _ in 0..199 {
            t.pass(1);
        }
        for leg in 0..45 {
            let rounds: Vec<u64> = t.heard.iter().filter(|heard| heard.1 == Item::Leg(leg)).map(|heard| heard.0).collect();
            assert_eq!(rounds.len(), 10, "leg {leg}");
            assert!(rounds.windows(2).all(|pair| pair[1] == pair[0] + 1), "{rounds:?}");
        }
    }

    #[test]
    fn a_thread_that_was_held_up_does_not_send_a_burst() {
        let mut t = WheelTest::new();
        t.wheel.add(t.now, Item::Conference(7));
        t.pass(10_000);
        assert!((1..=4).contains(&t.heard.len()), "{:?}", t.heard);
    }

    #[test]
    fn an_empty_wheel_waits_for_nothing_and_a_late_start_is_not_late() {
        let mut t = WheelTest::new();
        assert_eq!(t.wheel.deadline(), None);
        t.pass(5000);
        let slot = t.wheel.add(t.now, Item::Leg(1));
        assert!(t.wheel.deadline().is_some_and(|at| at <= t.now + Duration::from_millis(1)));
        t.pass(1);
        assert_eq!(t.heard.len(), 1);
        t.wheel.remove(slot, Item::Leg(1));
        assert_eq!(t.wheel.deadline(), None);
    }
}
