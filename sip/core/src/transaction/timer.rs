//! Timers as data: their names, their lengths, and the one queue of deadlines.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// A timer of one transaction, under the letter of RFC 3261 table 4 and RFC 6026.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Timer {
    /// INVITE client: send the request again (UDP).
    A,
    /// INVITE client: nobody answered at all.
    B,
    /// INVITE client: repeated final responses no longer come (UDP).
    D,
    /// Non-INVITE client: send the request again (UDP).
    E,
    /// Non-INVITE client: no final response.
    F,
    /// INVITE server: send the final response again.
    G,
    /// INVITE server: no ACK to a non-2xx.
    H,
    /// INVITE server: repeated ACKs no longer come (UDP).
    I,
    /// Non-INVITE server: repeated requests no longer come (UDP).
    J,
    /// Non-INVITE client: repeated responses no longer come (UDP).
    K,
    /// INVITE server, RFC 6026: repeated INVITEs no longer come, and no ACK will.
    L,
    /// INVITE client, RFC 6026: 2xx of other branches of a fork no longer come.
    M,
    /// INVITE server: a reliable provisional response is sent again until its PRACK (RFC 3262 3).
    Reliable,
    /// INVITE server: no PRACK to a reliable provisional response.
    NoPrack,
    /// INVITE server: a minute of ringing has passed, and every proxy on the way wants to hear so (RFC 3261 13.3.1.1).
    Progress,
    /// INVITE server: the user of the transaction said nothing for 200 ms, so a 100 is due (RFC 3261 17.2.1).
    Trying,
    /// INVITE client: a CANCEL was sent and the INVITE still has no final response (RFC 3261 9.1).
    Cancelled,
}

/// The base lengths of RFC 3261 table 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// T1: the estimated round trip; the first retransmission interval.
    pub t1: Duration,
    /// T2: the longest retransmission interval of non-INVITE requests and INVITE responses.
    pub t2: Duration,
    /// T4: how long a message can stay in the network.
    pub t4: Duration,
    /// How long the user of an INVITE may stay silent before a 100 goes out.
    pub trying_after: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            trying_after: Duration::from_millis(200),
        }
    }
}

impl Timing {
    /// 64*T1, 32 seconds by default: the length of timers B, D, F, H, J, L and M.
    pub fn give_up(&self) -> Duration {
        self.t1 * 64
    }

    /// The next interval of a retransmission that doubles up to T2.
    pub(crate) fn back_off(&self, interval: Duration) -> Duration {
        (interval * 2).min(self.t2)
    }
}

/// Deadlines of every transaction, soonest first.
#[derive(Debug)]
pub(crate) struct TimerQueue<K> {
    due: BTreeSet<(Instant, K, Timer)>,
    deadlines_by_timer: BTreeMap<(K, Timer), Instant>,
}

impl<K: Copy + Ord> TimerQueue<K> {
    pub(crate) fn new() -> Self {
        Self { due: BTreeSet::new(), deadlines_by_timer: BTreeMap::new() }
    }

    pub(crate) fn start(&mut self, owner: K, timer: Timer, at: Instant) {
        self.stop(owner, timer);
        self.deadlines_by_timer.insert((owner, timer), at);
        self.due.insert((at, owner, timer));
    }

    pub(crate) fn stop(&mut self, owner: K, timer: Timer) {
        if let Some(at) = self.deadlines_by_timer.remove(&(owner, timer)) {
            self.due.remove(&(at, owner, timer));
        }
    }

    pub(crate) fn stop_all(&mut self, owner: K) {
        let timers: Vec<Timer> =
            self.deadlines_by_timer.range((owner, Timer::A)..=(owner, Timer::Cancelled)).map(|((_, timer), _)| *timer).collect();
        for timer in timers {
            self.stop(owner, timer);
        }
    }

    /// Takes the soonest timer that is due at `now`.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<(K, Timer)> {
        let &(at, owner, timer) = self.due.first()?;
        if at > now {
            return None;
        }
        self.stop(owner, timer);
        Some((owner, timer))
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _, _)| *at)
    }
}
