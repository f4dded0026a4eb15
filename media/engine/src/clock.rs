//! What time it is for the media threads: the system's, or one that somebody else moves.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::poller::{Doorbell, Wake};

/// Where media threads read the time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// From the system.
    #[default]
    System,
    /// From a clock that stands still until it is moved.
    Held(Arc<HeldClock>),
}

/// A clock that stands still until [`HeldClock::pass`]: an hour of calls takes as long as the work in it, and goes the same way each time.
#[derive(Debug)]
pub struct HeldClock {
    held: Mutex<Held>,
    settled: Condvar,
}

#[derive(Debug)]
struct Held {
    now: Instant,
    /// How often threads were asked to deal with all there is.
    round: u64,
    threads: Vec<Seat>,
}

#[derive(Debug)]
struct Seat {
    doorbell: Arc<Doorbell>,
    /// The last round it has dealt with.
    settled: u64,
}

/// Time passes in steps of this length at most: what is due at different moments is done one after the other.
const STEP: Duration = Duration::from_millis(5);

/// Turns without news after which nothing is left: what the first of them made is sent by the second.
const QUIET_TURNS: u8 = 2;

impl Default for HeldClock {
    fn default() -> Self {
        Self { held: Mutex::new(Held { now: Instant::now(), round: 0, threads: Vec::new() }), settled: Condvar::new() }
    }
}

impl HeldClock {
    /// What it shows.
    pub fn now(&self) -> Instant {
        self.held().now
    }

    /// Lets that much time pass. Every thread deals with what has come so far, then with what each step brings, before this returns; with
    /// no time at all only with what has come.
    pub fn pass(&self, time: Duration) {
        self.settle();
        let end = self.now() + time;
        while self.now() < end {
            let mut held = self.held();
            held.now = end.min(held.now + STEP);
            drop(held);
            self.settle();
        }
    }

    fn settle(&self) {
        let mut held = self.held();
        held.round += 1;
        let round = held.round;
        held.threads.iter().for_each(|seat| seat.doorbell.ring());
        while held.threads.iter().any(|seat| seat.settled < round) {
            held = self.settled.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn join(&self, doorbell: Arc<Doorbell>) {
        self.held().threads.push(Seat { doorbell, settled: 0 });
    }

    fn has_settled(&self, seat: usize, round: u64) {
        if let Some(seat) = self.held().threads.get_mut(seat) {
            seat.settled = round;
        }
        self.settled.notify_all();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread's look at the clock.
#[derive(Debug)]
pub(crate) struct Watch {
    clock: Clock,
    /// Which thread, in the order they joined.
    seat: usize,
    asked: u64,
    settled: u64,
    quiet_turns: u8,
}

impl Watch {
    pub(crate) fn new(clock: Clock, seat: usize) -> Self {
        Self { clock, seat, asked: 0, settled: 0, quiet_turns: 0 }
    }

    pub(crate) fn now(&self) -> Instant {
        match &self.clock {
            Clock::System => Instant::now(),
            Clock::Held(held) => held.now(),
        }
    }

    /// What ends the next wait. Under a held clock only what comes does, and nothing is waited for while it asks.
    pub(crate) fn patience(&mut self, now: Instant, until: Option<Instant>, wake: Wake) -> (Option<Instant>, Wake) {
        let Clock::Held(held) = &self.clock else { return (until, wake) };
        let asked = held.held().round;
        if asked != self.asked {
            (self.asked, self.quiet_turns) = (asked, 0);
        }
        let at_once = self.asked > self.settled || until == Some(now);
        (at_once.then_some(now), Wake::OnPacket)
    }

    /// A turn is over, in which something came or nothing did.
    pub(crate) fn turned(&mut self, was_quiet: bool) {
        let Clock::Held(held) = &self.clock else { return };
        self.quiet_turns = if was_quiet { self.quiet_turns.saturating_add(1) } else { 0 };
        if self.asked > self.settled && self.quiet_turns >= QUIET_TURNS {
            self.settled = self.asked;
            held.has_settled(self.seat, self.settled);
        }
    }
}

impl Drop for Watch {
    /// Nobody waits for a thread that is gone.
    fn drop(&mut self) {
        if let Clock::Held(held) = &self.clock {
            held.has_settled(self.seat, u64::MAX);
        }
    }
}
