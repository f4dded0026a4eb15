//! The packet path: from a readable socket to the far leg, the tapes and the digits. Allocates nothing.

use std::net::SocketAddr;
use std::time::Instant;

use carillon_media_rtp::{PacketKind, RtpHeader, kind_of};

use crate::leg::{Heard, Kind, Leg};
use crate::poller::Key;
use crate::thread::{LONGEST_PACKET, MediaThread};
use crate::{Codec, Event};

/// Packets of one socket before others get their turn.
const PACKETS_PER_TURN: usize = 32;

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

impl MediaThread {
    /// Empties a readable socket.
    pub(crate) fn receive(&mut self, key: Key) {
        for _ in 0..PACKETS_PER_TURN {
            let emptied = match Port::of(key) {
                Port::Rtp(ix) => self.receive_rtp(ix).is_none(),
                Port::Rtcp(ix) => self.receive_rtcp(ix).is_none(),
            };
            if emptied {
                return;
            }
        }
        self.unfinished.push(key);
    }

    fn receive_rtcp(&mut self, ix: usize) -> Option<()> {
        let leg = self.legs.get_mut(ix)?;
        let (len, from) = leg.rtcp.receive(&mut self.buffer)?;
        leg.hear_report(self.now, from, &self.buffer[..len]);
        Some(())
    }

    #[inline]
    fn receive_rtp(&mut self, ix: usize) -> Option<()> {
        let leg = self.legs.get_mut(ix)?;
        let (len, from) = leg.rtp.receive(&mut self.buffer)?;
        let packet = &self.buffer[..len];
        match kind_of(packet) {
            // Cut to the buffer, as like as not.
            _ if len == LONGEST_PACKET => leg.refused += 1,
            PacketKind::Rtp => {
                if let Some(heard) = leg.hear(self.now, from, packet, &*self.tell) {
                    let partner = leg.partner;
                    self.use_packet(ix, partner, &heard);
                }
            }
            // Multiplexed (RFC 5761) though we never agree to it: some send so all the same.
            PacketKind::Rtcp => leg.hear_report(self.now, from, packet),
            PacketKind::Other => leg.refused += 1,
        }
        Some(())
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
