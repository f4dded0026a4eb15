//! The loop of one media thread: orders, then packets, then what time has brought. Nothing in it waits but the poller.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use carillon_media_secure::Identity;

use crate::clock::Watch;
use crate::counters::Counters;
use crate::event::Tell;
use crate::hearing::Patience;
use crate::leg::Leg;
use crate::mixing::Conference;
use crate::pace::Pace;
use crate::poller::{Arrival, MOST_AT_ONCE, Poller, Wake};
use crate::ports::PortPair;
use crate::random::Random;
use crate::recording::{ClosingTape, Tape, WriterQueue};
use crate::slab::Slab;
use crate::wheel::Wheel;
use crate::{Command, EngineConfig, Hearing, LegId, MixId, RecordingId, Sounds};

/// Between two looks at every leg and tape: reports, silent phones, blocks for the writer.
const SWEEP: Duration = Duration::from_millis(100);

/// What a tick has more than a turn of the wheel: see `pace`.
const BETWEEN_TICKS: Duration = Duration::from_millis(1);

/// Orders carried out before packets get their turn again.
const ORDERS_PER_TURN: usize = 64;

/// Longer than any RTP packet of telephony; what does not fit is refused.
pub(crate) const LONGEST_PACKET: usize = 2000;

/// What a thread is sent.
#[derive(Debug)]
pub(crate) enum Order {
    Open { leg: LegId, sockets: PortPair },
    SetSounds(Arc<Sounds>),
    Command(Command),
}

/// What the thread shares with the boundary.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Orders in the queue.
    pub(crate) waiting: AtomicUsize,
    /// Legs open, or about to be.
    pub(crate) legs: AtomicUsize,
    /// Of these, those of which nothing comes, as of the last sweep.
    pub(crate) unheard: AtomicUsize,
    pub(crate) stop: AtomicBool,
    pub(crate) counters: Counters,
    /// The thread met a fault of this program and is gone.
    pub(crate) lost: AtomicBool,
}

/// One thread's legs, tapes and clock. `now` is read once a turn.
pub(crate) struct MediaThread {
    pub(crate) now: Instant,
    pub(crate) poller: Poller,
    pub(crate) legs: Slab<Leg>,
    pub(crate) leg_ix_by_id: BTreeMap<LegId, usize>,
    pub(crate) conferences: Slab<Conference>,
    pub(crate) mix_ix_by_id: BTreeMap<MixId, usize>,
    pub(crate) tapes: Slab<Tape>,
    pub(crate) tape_ix_by_id: BTreeMap<RecordingId, usize>,
    pub(crate) closing_tapes: Vec<ClosingTape>,
    pub(crate) writer: WriterQueue,
    pub(crate) wheel: Wheel,
    pub(crate) sounds: Arc<Sounds>,
    pub(crate) random: Random,
    /// The certificate that legs shake hands with.
    pub(crate) identity: Identity,
    pub(crate) rtp_timeout: Duration,
    patience: Patience,
    pub(crate) tell: Tell,
    pub(crate) shared: Arc<Shared>,
    watch: Watch,
    pace: Pace,
    next_sweep: Instant,
    /// Room for packets taken together; empty between two turns.
    arrivals: Vec<Arrival>,
}

impl MediaThread {
    #[expect(clippy::too_many_arguments, reason = "what a thread is given, each once")]
    pub(crate) fn new(
        ix: usize,
        config: &EngineConfig,
        identity: Identity,
        poller: Poller,
        sounds: Arc<Sounds>,
        writer: WriterQueue,
        tell: Tell,
        shared: Arc<Shared>,
    ) -> Self {
        let watch = Watch::new(config.clock.clone(), ix);
        let now = watch.now();
        let pace = Pace::new(poller.gains_by_ticks());
        Self {
            now,
            poller,
            legs: Slab::default(),
            leg_ix_by_id: BTreeMap::new(),
            conferences: Slab::default(),
            mix_ix_by_id: BTreeMap::new(),
            tapes: Slab::default(),
            tape_ix_by_id: BTreeMap::new(),
            closing_tapes: Vec::new(),
            writer,
            wheel: Wheel::new(now),
            sounds,
            random: Random::new(),
            identity,
            rtp_timeout: config.rtp_timeout,
            patience: Patience { nothing: config.nothing_after, silence: config.silence_after },
            tell,
            shared,
            watch,
            pace,
            next_sweep: now,
            arrivals: Vec::with_capacity(MOST_AT_ONCE),
        }
    }

    /// Runs until told to stop, or until a fault of this program; then closes every leg and recording, so that their calls hear of it.
    pub(crate) fn run(mut self, inbox: &Receiver<Order>) {
        if catch_unwind(AssertUnwindSafe(|| self.work(inbox))).is_err() {
            self.shared.lost.store(true, Ordering::Release);
            tracing::error!(legs = self.leg_ix_by_id.len(), "a media thread failed by a fault of this program: its legs are closed");
        }
        // What failed once may fail again: then the calls find out by themselves that nobody answers.
        if catch_unwind(AssertUnwindSafe(|| self.close_everything(inbox))).is_err() {
            tracing::error!("a media thread could not close its legs");
        }
    }

    fn work(&mut self, inbox: &Receiver<Order>) {
        let mut more_orders = false;
        while !self.shared.stop.load(Ordering::SeqCst) {
            let wake = self.pace.wake();
            let until = if more_orders { Some(self.now) } else { self.deadline(wake) };
            let (until, wake) = self.watch.patience(self.now, until, wake);
            self.poller.wait(self.now, until, wake);
            self.now = self.watch.now();
            self.pace.woken(self.now, until);
            // Orders first: a packet may follow at once what made it welcome.
            let mut is_quiet = self.shared.waiting.load(Ordering::Acquire) == 0;
            more_orders = self.take_orders(inbox);
            while self.take_packets() {
                is_quiet = false;
            }
            self.pass_time();
            self.watch.turned(is_quiet);
        }
    }

    /// Takes some packets together; false when there were none.
    fn take_packets(&mut self) -> bool {
        let mut arrivals = std::mem::take(&mut self.arrivals);
        while arrivals.len() < self.poller.holds()
            && let Some(arrival) = self.poller.next(self.now)
        {
            arrivals.push(arrival);
        }
        let some = !arrivals.is_empty();
        self.pace.packets += arrivals.len() as u64;
        self.prefetch(&arrivals);
        for arrival in arrivals.drain(..) {
            self.receive(arrival);
        }
        self.arrivals = arrivals;
        some
    }

    /// True when there may be more.
    fn take_orders(&mut self, inbox: &Receiver<Order>) -> bool {
        for _ in 0..ORDERS_PER_TURN {
            let Ok(order) = inbox.try_recv() else { return false };
            self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
            self.carry_out(order);
        }
        true
    }

    fn deadline(&self, wake: Wake) -> Option<Instant> {
        if wake == Wake::OnTick {
            return Some(self.wheel.next_tick(self.now) + BETWEEN_TICKS);
        }
        let nothing_to_sweep = self.legs.is_empty() && self.tapes.is_empty() && self.closing_tapes.is_empty();
        let sweep = (!nothing_to_sweep).then_some(self.next_sweep);
        [sweep, self.wheel.deadline()].into_iter().flatten().min()
    }

    fn pass_time(&mut self) {
        self.take_turns();
        if self.now >= self.next_sweep {
            self.next_sweep = self.now + SWEEP;
            self.sweep();
        }
    }

    fn sweep(&mut self) {
        self.pace.judge(self.now);
        self.shared.counters.set(&self.pace, self.poller.counted());
        let (now, timeout, patience) = (self.now, self.rtp_timeout, self.patience);
        let mut unheard = 0;
        for leg in self.legs.iter_mut() {
            leg.pass_time(now, timeout, patience, &*self.tell, &mut self.random, &mut self.poller);
            unheard += usize::from(leg.signs.told() == Hearing::NothingComes && leg.is_listened_to());
        }
        self.shared.unheard.store(unheard, Ordering::Relaxed);
        for tape in self.tapes.iter_mut() {
            tape.hand_over(now, &self.writer);
        }
        self.closing_tapes.retain_mut(|tape| !tape.hand_over(&self.writer));
    }

    fn close_everything(&mut self, inbox: &Receiver<Order>) {
        self.now = self.watch.now();
        while let Ok(order) = inbox.try_recv() {
            self.carry_out(order);
        }
        for leg in self.leg_ix_by_id.keys().copied().collect::<Vec<_>>() {
            self.close_leg(leg);
        }
        for recording in self.tape_ix_by_id.keys().copied().collect::<Vec<_>>() {
            self.stop_recording(recording);
        }
        for tape in self.closing_tapes.drain(..) {
            tape.hand_over_at_last(&self.writer);
        }
    }
}
