//! The packet path: from a readable socket to the far leg, the tapes and the digits. Allocates nothing.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use carillon_media_rtp::{PacketKind, RtpHeader, kind_of};

use crate::leg::{Heard, Kind, Leg};
use crate::poller::Key;
use crate::thread::{LONGEST_PACKET, MediaThread};
use crate::{Codec, Event};

/// Packets of one socket before others get their turn.
const PACKETS_PER_TURN: usize = 32;

/// How long after the one before a packet of 20 ms is expected.
const IN_TIME: RangeInclusive<Duration> = Duration::from_millis(12)..=Duration::from_millis(28);

/// Which leg and which of its sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Port {
    Rtp(usize),
    Rtcp(usize),
}

impl Port {
    pub(crate) fn key(self) -> Key {
        match self {
            Self::Rtp(leg) => 2 * leg,
            Self::Rtcp(leg) => 2 * leg + 1,
        }
    }

    fn of(key: Key) -> Self {
        if key.is_multiple_of(2) { Self::Rtp(key / 2) } else { Self::Rtcp(key / 2) }
    }
}

/// What became of one look into a socket.
enum Read {
    /// Nothing was there.
    Empty,
    /// A packet of sound, when the last had made one expect it.
    InTime,
    /// Anything else.
    OutOfTurn,
}

impl MediaThread {
    /// Reads a readable socket.
    pub(crate) fn receive(&mut self, key: Key) {
        match Port::of(key) {
            Port::Rtp(ix) => self.receive_rtp(ix, true),
            Port::Rtcp(ix) => self.receive_rtcp(ix),
        }
    }

    /// Reads the RTP sockets that were left before they were seen empty.
    pub(crate) fn receive_unchecked(&mut self) {
        for at in 0..self.unchecked.len() {
            let ix = self.unchecked[at];
            if let Some(leg) = self.legs.get_mut(ix) {
                leg.unchecked = false;
                self.receive_rtp(ix, false);
            }
        }
        self.unchecked.clear();
    }

    fn receive_rtcp(&mut self, ix: usize) {
        let Some(leg) = self.legs.get_mut(ix) else { return };
        for _ in 0..PACKETS_PER_TURN {
            let Some((len, from)) = leg.rtcp.receive_from(&mut self.buffer) else { return };
            leg.hear_report(self.now, from, &self.buffer[..len]);
        }
        self.unfinished.push(Port::Rtcp(ix).key());
    }

    /// Reads until the socket is empty. A packet that comes in time is almost always alone, and to see that the socket is empty
    /// costs a fifth of the packet: `trusting` leaves it at that, and looks again with the next sweep.
    fn receive_rtp(&mut self, ix: usize, trusting: bool) {
        for _ in 0..PACKETS_PER_TURN {
            match self.receive_rtp_packet(ix) {
                Read::Empty => return,
                Read::InTime if trusting => {
                    if let Some(leg) = self.legs.get_mut(ix)
                        && !std::mem::replace(&mut leg.unchecked, true)
                    {
                        self.unchecked.push(ix);
                    }
                    return;
                }
                Read::InTime | Read::OutOfTurn => {}
            }
        }
        self.unfinished.push(Port::Rtp(ix).key());
    }

    #[inline]
    fn receive_rtp_packet(&mut self, ix: usize) -> Read {
        let Some(leg) = self.legs.get_mut(ix) else { return Read::Empty };
        let Some((len, from)) = leg.receive(&mut self.buffer) else { return Read::Empty };
        let in_time = IN_TIME.contains(&self.now.saturating_duration_since(std::mem::replace(&mut leg.read_at, self.now)));
        let packet = &self.buffer[..len];
        match kind_of(packet) {
            // Cut to the buffer, as like as not.
            _ if len == LONGEST_PACKET => leg.refused += 1,
            PacketKind::Rtp => {
                if let Some(heard) = leg.hear(self.now, from, packet, &*self.tell) {
                    let partner = leg.partner;
                    self.use_packet(ix, partner, &heard);
                    if in_time && matches!(heard.kind, Kind::Audio(_)) {
                        return Read::InTime;
                    }
                }
            }
            // Multiplexed (RFC 5761) though we never agree to it: some send so all the same.
            PacketKind::Rtcp => leg.hear_report(self.now, from, packet),
            PacketKind::Other => leg.refused += 1,
        }
        Read::OutOfTurn
    }

    #[inline]
    fn use_packet(&mut self, ix: usize, partner: Option<usize>, heard: &Heard) {
        let codec = match heard.kind {
            Kind::Audio(codec) => {
                self.record(ix, heard, codec);
                Some(codec)
            }
            Kind::TelephoneEvent => {
                self.read_digits(ix, heard);
                None
            }
            // Its noise is made at the phone that asked for it; the other one did not.
            Kind::ComfortNoise => return,
        };
        if let Some(partner) = partner.and_then(|partner| self.legs.get_mut(partner)) {
            relay(self.now, partner, heard, codec, &mut self.buffer);
        }
    }

    fn record(&mut self, ix: usize, heard: &Heard, codec: Codec) {
        let Some(leg) = self.legs.get_mut(ix) else { return };
        for tap in &leg.taps {
            if let Some(tape) = self.tapes.get_mut(tap.tape) {
                tape.hear(self.now, tap.channel, &heard.header, codec, &self.buffer[heard.payload.clone()]);
            }
        }
    }

    fn read_digits(&mut self, ix: usize, heard: &Heard) {
        let Some(leg) = self.legs.get_mut(ix) else { return };
        leg.digits.receive(self.now, &heard.header, &self.buffer[heard.payload.clone()]);
        leg.tell_digits(&*self.tell);
    }
}

/// Sends what one leg said to the other, in the buffer it came in: a header of the other's stream, its payload type, its law.
#[inline]
fn relay(now: Instant, to: &mut Leg, heard: &Heard, codec: Option<Codec>, buffer: &mut [u8]) {
    let Some(media) = to.hears_bridge() else { return };
    let payload_type = match codec {
        Some(codec) => {
            codec.law().transcode_in_place(media.codec.law(), &mut buffer[heard.payload.clone()]);
            media.codec_pt
        }
        None => match media.dtmf_pt {
            Some(payload_type) => payload_type,
            None => return,
        },
    };
    let Some(header) = to.outbound.relay(now, &heard.header) else { return };
    if heard.payload.start != RtpHeader::LEN {
        // Extensions and contributing sources were agreed with the other leg only.
        buffer.copy_within(heard.payload.clone(), RtpHeader::LEN);
    }
    let packet = &mut buffer[..RtpHeader::LEN + heard.payload.len()];
    RtpHeader { payload_type, ..header }.write(packet);
    to.send(packet);
}

impl Leg {
    pub(crate) fn tell_digits(&mut self, tell: &dyn Fn(Event)) {
        while let Some(digit) = self.digits.poll_digit() {
            tell(Event::Digit { leg: self.id, digit: digit.digit, duration_ms: digit.duration_ms });
        }
    }

    /// RTCP from elsewhere than the leg's host is not looked at.
    fn hear_report(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        let admitted = self.agreed.as_ref().is_some_and(|agreed| agreed.latch.admits_rtcp(&agreed.media, from));
        if admitted {
            self.take_report(now, from, datagram);
        } else {
            self.refused += 1;
        }
    }
}
