//! One outgoing stream whose SSRC, sequence and timestamp never break, whatever feeds it: music, then an agent, then a prompt.

use std::time::{Duration, Instant};

use crate::stats::clock_units;
use crate::{NtpTime, RtpHeader, SenderInfo};

/// A source that jumps further ahead than this began again; the stream goes on by the clock instead of following it.
const MAX_JUMP: u16 = 3000;
/// A source's packet this far behind is late; further behind it began again.
const MAX_BEHIND: u16 = 100;

/// Makes the headers of everything sent on one leg.
///
/// Use [`Outbound::relay`] for packets of another leg and [`Outbound::generate`] for frames made here; call
/// [`Outbound::switch`] when the leg is given another source. The first packet after a switch continues the sequence by one,
/// the timestamp by the time that passed, and has the marker set so that the phone's playout buffer starts afresh.
#[derive(Debug, Clone)]
pub struct Outbound {
    ssrc: u32,
    clock_rate: u32,
    /// Newest number sent.
    sequence: u16,
    /// Newest timestamp sent, and when it first was: a telephone-event repeats its own for as long as the key is down.
    timestamp: u32,
    sent_at: Option<Instant>,
    source: Source,
    packets: u32,
    octets: u32,
}

/// What the stream follows now.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// Nothing since the start or the last switch.
    None,
    /// Frames made here.
    Own,
    /// A relayed stream: what to add to its numbers, and the first of them that was sent.
    Relay { ssrc: u32, newest: u16, sequence_offset: u16, timestamp_offset: u32, since_first: u32 },
}

impl Outbound {
    /// A stream that begins at these (random, RFC 3550 5.1) numbers. `clock_rate` in units a second, 8000 for G.711.
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32, clock_rate: u32) -> Self {
        Outbound {
            ssrc,
            clock_rate: clock_rate.max(1),
            sequence: sequence.wrapping_sub(1),
            timestamp,
            sent_at: None,
            source: Source::None,
            packets: 0,
            octets: 0,
        }
    }

    /// Another codec was agreed: the stream goes on by its clock, from the moment of the next packet.
    pub fn set_clock_rate(&mut self, clock_rate: u32) {
        self.clock_rate = clock_rate.max(1);
        self.switch();
    }

    /// Our SSRC.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Another source feeds the stream from the next packet on.
    pub fn switch(&mut self) {
        self.source = Source::None;
    }

    /// The header for a packet that another stream brought, with its payload type and marker; gaps and late packets keep their place.
    ///
    /// `None` for a packet that is older than the first relayed since the switch: its number belongs to what was sent before.
    #[inline]
    pub fn relay(&mut self, now: Instant, incoming: &RtpHeader) -> Option<RtpHeader> {
        if let Source::Relay { ssrc, newest, sequence_offset, timestamp_offset, since_first } = &mut self.source
            && *ssrc == incoming.ssrc
        {
            let ahead = incoming.sequence.wrapping_sub(*newest);
            let behind = ahead.wrapping_neg();
            if ahead < MAX_JUMP || behind <= MAX_BEHIND {
                if behind <= MAX_BEHIND && u32::from(behind) > *since_first {
                    return None;
                }
                let sequence = incoming.sequence.wrapping_add(*sequence_offset);
                let timestamp = incoming.timestamp.wrapping_add(*timestamp_offset);
                if ahead < MAX_JUMP {
                    *newest = incoming.sequence;
                    *since_first = since_first.saturating_add(ahead.into());
                    self.sequence = sequence;
                    self.anchor(now, timestamp);
                }
                return Some(RtpHeader { ssrc: self.ssrc, sequence, timestamp, ..*incoming });
            }
        }
        let header = self.resume(now);
        self.source = Source::Relay {
            ssrc: incoming.ssrc,
            newest: incoming.sequence,
            sequence_offset: header.sequence.wrapping_sub(incoming.sequence),
            timestamp_offset: header.timestamp.wrapping_sub(incoming.timestamp),
            since_first: 0,
        };
        Some(RtpHeader { payload_type: incoming.payload_type, ..header })
    }

    /// The header for the next frame made here, which lasts `samples` units of the clock.
    #[inline]
    pub fn generate(&mut self, now: Instant, payload_type: u8, samples: u32) -> RtpHeader {
        let header = match self.source {
            Source::Own => {
                self.sequence = self.sequence.wrapping_add(1);
                self.anchor(now, self.timestamp.wrapping_add(samples));
                RtpHeader { marker: false, payload_type, sequence: self.sequence, timestamp: self.timestamp, ssrc: self.ssrc }
            }
            Source::None | Source::Relay { .. } => self.resume(now),
        };
        self.source = Source::Own;
        RtpHeader { payload_type, ..header }
    }

    /// The header for one packet of a telephone-event made here ([`crate::DtmfSender`]). The first packet takes a new timestamp, the others repeat it
    /// (RFC 4733 2.2); the audio after the event continues by the clock.
    pub fn generate_event(&mut self, now: Instant, payload_type: u8, first: bool) -> RtpHeader {
        if first {
            self.switch();
            return RtpHeader { payload_type, ..self.resume(now) };
        }
        self.sequence = self.sequence.wrapping_add(1);
        RtpHeader { marker: false, payload_type, sequence: self.sequence, timestamp: self.timestamp, ssrc: self.ssrc }
    }

    /// Counts a packet as sent, for sender reports.
    #[inline]
    pub fn sent(&mut self, payload_len: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload_len as u32);
    }

    /// What a sender report says now; `None` while nothing was sent.
    pub fn sender_info(&self, now: Instant, ntp: NtpTime) -> Option<SenderInfo> {
        if self.packets == 0 {
            return None;
        }
        Some(SenderInfo { ntp, rtp_timestamp: self.timestamp_at(now), packets: self.packets, octets: self.octets })
    }

    /// Continues the numbers for the first packet of a source.
    fn resume(&mut self, now: Instant) -> RtpHeader {
        if self.sent_at.is_some() {
            // At least one frame of 20 ms: the last packet still plays when the next source is quick.
            let least = self.timestamp.wrapping_add(self.clock_rate / 50);
            let by_clock = self.timestamp_at(now);
            self.timestamp = if (by_clock.wrapping_sub(least) as i32) < 0 { least } else { by_clock };
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.sent_at = Some(now);
        RtpHeader { marker: true, payload_type: 0, sequence: self.sequence, timestamp: self.timestamp, ssrc: self.ssrc }
    }

    fn anchor(&mut self, now: Instant, timestamp: u32) {
        if self.timestamp != timestamp || self.sent_at.is_none() {
            self.timestamp = timestamp;
            self.sent_at = Some(now);
        }
    }

    fn timestamp_at(&self, now: Instant) -> u32 {
        let passed = self.sent_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.timestamp.wrapping_add(clock_units(passed, self.clock_rate))
    }
}
