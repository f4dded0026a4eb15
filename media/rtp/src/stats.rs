//! What arrived and what did not: sequence validation, loss and jitter of one received stream (RFC 3550 A.1, A.3, A.8).

use std::time::{Duration, Instant};

use crate::quality::{Quality, mos_x100};
use crate::rtcp::{NtpTime, ReportBlock};
use crate::{RtpHeader, SenderInfo};

/// A jump ahead larger than this is a restart if the next packet follows it (RFC 3550 A.1 MAX_DROPOUT).
const MAX_DROPOUT: u16 = 3000;
/// A packet this far behind is late; further behind it is a restart (RFC 3550 A.1 MAX_MISORDER).
const MAX_MISORDER: u16 = 100;
/// How many of the newest sequence numbers are remembered to know a duplicate.
const WINDOW: u16 = 128;

/// What one packet was in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The first of its stream: a new SSRC, or one that began again.
    First,
    /// The next in order, or ahead of it after `missing` packets that have not come yet.
    Next {
        /// Packets jumped over; 0 in a healthy stream.
        missing: u16,
    },
    /// Later than one with a higher number, and new.
    Late,
    /// Seen before. To be dropped, never relayed or recorded twice.
    Duplicate,
    /// A number far from the others. Its successor would prove a restart; until then it is not of this stream.
    Stray,
}

/// Counts one direction of one leg. Feed every packet to [`ReceiveStats::record`].
///
/// The totals run on when the SSRC changes or the sender begins again, as phones do at a transfer or a re-INVITE.
#[derive(Debug, Clone)]
pub struct ReceiveStats {
    clock_rate: u32,
    ssrc: Option<u32>,
    base_sequence: u16,
    max_sequence: u16,
    cycles: u32,
    /// The only number that proves a restart when it comes next; out of the 16 bit range when there is none.
    bad_sequence: u32,
    seen: u128,
    /// As A.3 counts: duplicates included.
    received_now: u32,
    /// Different packets of this run of numbers.
    unique_now: u32,
    expected_before: u64,
    lost_before: u64,
    received: u64,
    duplicates: u64,
    reordered: u64,
    expected_prior: u32,
    received_prior: u32,
    epoch: Option<Instant>,
    transit: Option<u32>,
    jitter_x16: u32,
    max_jitter: u32,
    last_sender_report: Option<(NtpTime, Instant)>,
    round_trip: Option<Duration>,
}

/// A length of time in units of a clock of `rate` a second; wraps as timestamps do.
pub(crate) fn clock_units(time: Duration, rate: u32) -> u32 {
    // By halves in 64 bits: a division of 128 would cost more than all the rest of a packet.
    let whole = time.as_secs().wrapping_mul(rate.into());
    let part = u64::from(time.subsec_nanos()) * u64::from(rate) / 1_000_000_000;
    whole.wrapping_add(part) as u32
}

impl ReceiveStats {
    /// For a payload clock of `clock_rate` units a second: 8000 for G.711.
    pub fn new(clock_rate: u32) -> Self {
        ReceiveStats {
            clock_rate: clock_rate.max(1),
            ssrc: None,
            base_sequence: 0,
            max_sequence: 0,
            cycles: 0,
            bad_sequence: u32::MAX,
            seen: 0,
            received_now: 0,
            unique_now: 0,
            expected_before: 0,
            lost_before: 0,
            received: 0,
            duplicates: 0,
            reordered: 0,
            expected_prior: 0,
            received_prior: 0,
            epoch: None,
            transit: None,
            jitter_x16: 0,
            max_jitter: 0,
            last_sender_report: None,
            round_trip: None,
        }
    }

    /// Another codec was agreed: from now on timestamps run at this rate.
    pub fn set_clock_rate(&mut self, clock_rate: u32) {
        self.clock_rate = clock_rate.max(1);
        (self.epoch, self.transit, self.jitter_x16) = (None, None, 0);
    }

    /// Counts one audio packet that arrived at `now`.
    #[inline]
    pub fn record(&mut self, now: Instant, header: &RtpHeader) -> Arrival {
        let arrival = self.record_untimed(header);
        match arrival {
            Arrival::First | Arrival::Next { .. } | Arrival::Late => self.update_jitter(now, header.timestamp),
            Arrival::Duplicate | Arrival::Stray => {}
        }
        arrival
    }

    /// Counts a packet whose timestamp does not run with the clock: a telephone-event (RFC 4733 2.2) keeps the one it began with.
    #[inline]
    pub fn record_untimed(&mut self, header: &RtpHeader) -> Arrival {
        if self.ssrc != Some(header.ssrc) {
            self.ssrc = Some(header.ssrc);
            return self.begin(header.sequence);
        }
        let ahead = header.sequence.wrapping_sub(self.max_sequence);
        if ahead == 0 {
            return self.repeated();
        }
        if ahead < MAX_DROPOUT {
            return self.advanced(header.sequence, ahead);
        }
        let behind = ahead.wrapping_neg();
        if behind <= MAX_MISORDER {
            return self.late(behind);
        }
        if u32::from(header.sequence) == self.bad_sequence {
            // Two in a row from the new place: the sender began again.
            return self.begin(header.sequence);
        }
        self.bad_sequence = u32::from(header.sequence.wrapping_add(1));
        Arrival::Stray
    }

    /// A sender report came from the far end; the next report block refers to it (RFC 3550 6.4.1 LSR, DLSR).
    pub fn sender_report(&mut self, now: Instant, info: &SenderInfo) {
        self.last_sender_report = Some((info.ntp, now));
    }

    /// A block about our own stream came at wall time `now`; gives the round trip (RFC 3550 6.4.1) if the block can.
    pub fn round_trip(&mut self, now: NtpTime, block: &ReportBlock) -> Option<Duration> {
        self.round_trip = block.round_trip(now).or(self.round_trip);
        self.round_trip
    }

    /// The newest round trip, once a block has proved one.
    pub fn last_round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// How many units of this stream's clock are in so many of a report's, in microseconds.
    pub fn micros_of(&self, units: u32) -> u32 {
        self.micros(units)
    }

    /// The report block about this stream since the last call, `None` before the first packet (RFC 3550 A.3).
    pub fn report_block(&mut self, now: Instant) -> Option<ReportBlock> {
        let ssrc = self.ssrc?;
        let expected = self.expected_now();
        let expected_interval = expected.wrapping_sub(self.expected_prior);
        let received_interval = self.received_now.wrapping_sub(self.received_prior);
        self.expected_prior = expected;
        self.received_prior = self.received_now;
        let lost_interval = i64::from(expected_interval) - i64::from(received_interval);
        let fraction_lost =
            if expected_interval == 0 || lost_interval <= 0 { 0 } else { (lost_interval * 256 / i64::from(expected_interval)).min(255) };
        let cumulative_lost = i64::from(expected) - i64::from(self.received_now);
        let (last_sender_report, delay_since) = match self.last_sender_report {
            Some((ntp, at)) => (ntp.middle(), NtpTime::short_units(now.saturating_duration_since(at))),
            None => (0, 0),
        };
        Some(ReportBlock {
            ssrc,
            fraction_lost: fraction_lost as u8,
            cumulative_lost: cumulative_lost.clamp(ReportBlock::MIN_LOST.into(), ReportBlock::MAX_LOST.into()) as i32,
            highest_sequence: self.cycles.wrapping_add(self.max_sequence.into()),
            jitter: self.jitter_x16 >> 4,
            last_sender_report,
            delay_since_last_sender_report: delay_since,
        })
    }

    /// The figures of the whole leg up to now.
    pub fn quality(&self) -> Quality {
        let jitter_us = self.micros(self.jitter_x16 >> 4);
        let expected = self.expected_before + u64::from(self.expected_now());
        let lost = self.lost_before + self.lost_now();
        let mos = if self.received == 0 { 0 } else { mos_x100(lost, expected, Duration::from_micros(jitter_us.into()), self.round_trip) };
        Quality {
            received: self.received,
            lost,
            duplicates: self.duplicates,
            reordered: self.reordered,
            jitter_us,
            max_jitter_us: self.micros(self.max_jitter),
            mos_x100: mos,
        }
    }

    /// The SSRC being received.
    pub fn ssrc(&self) -> Option<u32> {
        self.ssrc
    }

    fn begin(&mut self, sequence: u16) -> Arrival {
        self.expected_before += u64::from(self.expected_now());
        self.lost_before += self.lost_now();
        self.base_sequence = sequence;
        self.max_sequence = sequence;
        self.cycles = 0;
        self.bad_sequence = u32::MAX;
        self.seen = 1;
        self.received_now = 1;
        self.unique_now = 1;
        self.received += 1;
        self.expected_prior = 0;
        self.received_prior = 0;
        self.transit = None;
        Arrival::First
    }

    fn advanced(&mut self, sequence: u16, ahead: u16) -> Arrival {
        if sequence < self.max_sequence {
            self.cycles = self.cycles.wrapping_add(1 << 16);
        }
        self.max_sequence = sequence;
        self.seen = if ahead < WINDOW { self.seen << ahead | 1 } else { 1 };
        self.count_new();
        Arrival::Next { missing: ahead - 1 }
    }

    fn late(&mut self, behind: u16) -> Arrival {
        // Before the first packet of the stream: not expected, so it must not count as received either.
        let extended = self.cycles.wrapping_add(self.max_sequence.into());
        if extended.wrapping_sub(self.base_sequence.into()) < behind.into() {
            return Arrival::Stray;
        }
        let bit = 1u128 << behind;
        if self.seen & bit != 0 {
            return self.repeated();
        }
        self.seen |= bit;
        self.reordered += 1;
        self.count_new();
        Arrival::Late
    }

    fn repeated(&mut self) -> Arrival {
        self.received_now = self.received_now.wrapping_add(1);
        self.duplicates += 1;
        Arrival::Duplicate
    }

    fn count_new(&mut self) {
        self.bad_sequence = u32::MAX;
        self.received_now = self.received_now.wrapping_add(1);
        self.unique_now = self.unique_now.wrapping_add(1);
        self.received += 1;
    }

    /// RFC 3550 A.3: how many numbers this run has used.
    fn expected_now(&self) -> u32 {
        match self.unique_now {
            0 => 0,
            _ => self.cycles.wrapping_add(self.max_sequence.into()).wrapping_sub(self.base_sequence.into()).wrapping_add(1),
        }
    }

    fn lost_now(&self) -> u64 {
        self.expected_now().saturating_sub(self.unique_now).into()
    }

    /// RFC 3550 A.8, in integers as there.
    fn update_jitter(&mut self, now: Instant, timestamp: u32) {
        let epoch = *self.epoch.get_or_insert(now);
        let transit = self.units(now.saturating_duration_since(epoch)).wrapping_sub(timestamp);
        let Some(last) = self.transit.replace(transit) else { return };
        let difference = (transit.wrapping_sub(last) as i32).unsigned_abs();
        // A second or more is not jitter: the sender set its clock anew (hold, transfer) or was silent on a stopped one.
        if difference >= self.clock_rate {
            return;
        }
        self.jitter_x16 = self.jitter_x16 + difference - ((self.jitter_x16 + 8) >> 4);
        self.max_jitter = self.max_jitter.max(self.jitter_x16 >> 4);
    }

    fn units(&self, time: Duration) -> u32 {
        clock_units(time, self.clock_rate)
    }

    fn micros(&self, units: u32) -> u32 {
        u32::try_from(u64::from(units) * 1_000_000 / u64::from(self.clock_rate)).unwrap_or(u32::MAX)
    }
}
