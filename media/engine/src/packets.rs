//! The packet path: from a datagram to the far leg, the tapes and the digits. Allocates nothing.

use std::net::SocketAddr;
use std::time::Instant;

use carillon_media_audio::g711::Law;
use carillon_media_rtp::{PacketKind, RtpHeader, kind_of};

use crate::leg::{HOT, Heard, Kind, Leg};
use crate::poller::{Arrival, Key, Packet, Poller};
use crate::recording::Tape;
use crate::thread::{LONGEST_PACKET, MediaThread};
use crate::{Codec, Event};

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
    /// Asks for the memory that these packets need, of all of them at once: one after the other each would wait for its own. It takes two
    /// looks, since a leg tells where its partner and its tapes are.
    pub(crate) fn prefetch(&self, arrivals: &[Arrival]) {
        let legs = || arrivals.iter().map(|arrival| arrival.key / 2);
        legs().for_each(|ix| self.legs.prefetch(ix, HOT));
        let taps = || legs().filter_map(|ix| self.legs.get(ix)).flat_map(|leg| &leg.taps);
        for partner in legs().filter_map(|ix| self.legs.get(ix)?.partner) {
            self.legs.prefetch(partner, HOT);
            self.poller.prefetch(Port::Rtp(partner).key());
        }
        taps().for_each(|tap| self.tapes.prefetch(tap.tape, size_of::<Tape>()));
        taps().for_each(|tap| self.tapes.get(tap.tape).into_iter().for_each(|tape| tape.prefetch(tap.channel)));
    }

    /// Takes one datagram: nothing of it is left with the poller afterwards.
    #[inline]
    pub(crate) fn receive(&mut self, arrival: Arrival) {
        let Arrival { key, from, packet } = arrival;
        let packet = match Port::of(key) {
            Port::Rtp(ix) => self.receive_rtp(ix, from, packet),
            port @ Port::Rtcp(ix) if self.legs.get_mut(ix).is_some_and(|leg| leg.guard.is_some()) => {
                self.receive_guarded(port, from, packet)
            }
            Port::Rtcp(ix) => {
                if let Some(leg) = self.legs.get_mut(ix) {
                    leg.hear_report(self.now, from, self.poller.bytes(&packet));
                }
                Some(packet)
            }
        };
        if let Some(packet) = packet {
            self.poller.give_back(packet);
        }
    }

    /// Gives the packet back unless it was sent on.
    #[inline]
    fn receive_rtp(&mut self, ix: usize, from: SocketAddr, packet: Packet) -> Option<Packet> {
        let Some(leg) = self.legs.get_mut(ix) else { return Some(packet) };
        if leg.guard.is_some() {
            return self.receive_guarded(Port::Rtp(ix), from, packet);
        }
        let datagram = self.poller.bytes(&packet);
        match kind_of(datagram) {
            // Cut to the buffer, as like as not.
            _ if datagram.len() >= LONGEST_PACKET => leg.refused += 1,
            PacketKind::Rtp => {
                if let Some(mut heard) = leg.admit(from, datagram)
                    && leg.hear(self.now, from, &mut heard, &mut self.poller, &*self.tell)
                {
                    return self.use_packet(ix, &heard, packet);
                }
            }
            // Multiplexed (RFC 5761) though we never agree to it: some send so all the same.
            PacketKind::Rtcp => leg.hear_report(self.now, from, datagram),
            PacketKind::Other => leg.refused += 1,
        }
        Some(packet)
    }

    #[inline]
    pub(crate) fn use_packet(&mut self, ix: usize, heard: &Heard, packet: Packet) -> Option<Packet> {
        let codec = match heard.kind {
            Kind::Audio(codec) => match codec.law() {
                Some(law) => {
                    if let Some(leg) = self.legs.get_mut(ix) {
                        leg.listen_for_sound(self.now, law, &self.poller.bytes(&packet)[heard.payload.clone()]);
                    }
                    self.record(ix, heard, law, &packet);
                    self.hear_mixed(ix, heard, law, &packet);
                    if !self.is_relayed(ix, codec) {
                        return self.transcode(ix, heard, codec, packet);
                    }
                    Some(codec)
                }
                None => {
                    if !self.is_relayed(ix, codec) {
                        return self.transcode(ix, heard, codec, packet);
                    }
                    self.listen(ix, heard, codec, &packet);
                    Some(codec)
                }
            },
            Kind::TelephoneEvent => {
                self.read_digits(ix, heard, &packet);
                None
            }
            // Its noise is made at the phone that asked for it; the other one did not.
            Kind::ComfortNoise => return Some(packet),
        };
        let Some(leg) = self.legs.get_mut(ix) else { return Some(packet) };
        let (partner, dtmf_hz) = (leg.partner, leg.agreed.as_ref().map_or(0, |agreed| agreed.media.dtmf_hz));
        match partner.and_then(|partner| self.legs.get_mut(partner)) {
            // Events of the audio's own clock go its way; others have a way of their own.
            Some(partner) if codec.is_none() && !partner.follows(dtmf_hz) => {
                partner.relay_event(self.now, heard, dtmf_hz, packet, &mut self.poller)
            }
            Some(partner) => relay(self.now, partner, heard, codec, packet, &mut self.poller),
            None => Some(packet),
        }
    }

    fn record(&mut self, ix: usize, heard: &Heard, law: Law, packet: &Packet) {
        let Some(leg) = self.legs.get_mut(ix) else { return };
        for tap in &leg.taps {
            if let Some(tape) = self.tapes.get_mut(tap.tape) {
                tape.hear(self.now, tap.channel, &heard.header, law, &self.poller.bytes(packet)[heard.payload.clone()]);
            }
        }
    }

    fn read_digits(&mut self, ix: usize, heard: &Heard, packet: &Packet) {
        let Some(leg) = self.legs.get_mut(ix) else { return };
        leg.digits.receive(self.now, &heard.header, &self.poller.bytes(packet)[heard.payload.clone()]);
        leg.tell_digits(&*self.tell);
    }
}

/// Sends what one leg said to the other, in the buffer it came in: a header of the other's stream, its payload type, its law.
/// Gives the packet back when it is not for the other.
#[inline]
fn relay(now: Instant, to: &mut Leg, heard: &Heard, codec: Option<Codec>, mut packet: Packet, poller: &mut Poller) -> Option<Packet> {
    let Some(media) = to.hears_bridge() else { return Some(packet) };
    let bytes = poller.bytes_mut(&mut packet);
    let payload_type = match codec {
        Some(codec) => {
            if let Some((from, to)) = codec.law().zip(media.codec.law()) {
                from.transcode_in_place(to, &mut bytes[heard.payload.clone()]);
            }
            media.codec_pt
        }
        None => match media.dtmf_pt {
            Some(payload_type) => payload_type,
            None => return Some(packet),
        },
    };
    let Some(header) = to.outbound.relay(now, &heard.header) else { return Some(packet) };
    if heard.payload.start != RtpHeader::LEN {
        // Extensions and contributing sources were agreed with the other leg only.
        bytes.copy_within(heard.payload.clone(), RtpHeader::LEN);
    }
    RtpHeader { payload_type, ..header }.write(bytes);
    to.send_on(now, packet, RtpHeader::LEN + heard.payload.len(), poller);
    None
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
