//! The way of a packet that is decoded: to the tapes, to the conference, and to a leg of another codec.

use std::time::Instant;

use carillon_media_audio::opus;
use carillon_media_rtp::RtpHeader;

use crate::Codec;
use crate::ear::Ear;
use crate::leg::{Heard, Leg};
use crate::poller::{Packet, Poller};
use crate::thread::MediaThread;
use crate::voice::Voice;

/// Octets of a telephone event (RFC 4733 section 2.3).
const EVENT: usize = 4;

impl MediaThread {
    /// Whether the leg's packets go to its partner as they are. Without a partner there is nothing else to be done with them.
    #[inline]
    pub(crate) fn is_relayed(&mut self, ix: usize, codec: Codec) -> bool {
        let partner = self.legs.get_mut(ix).and_then(|leg| leg.partner);
        let partner = partner.and_then(|partner| self.legs.get_mut(partner)?.agreed.as_ref());
        partner.is_none_or(|agreed| codec.relays_to(agreed.media.codec))
    }

    /// Decodes what a leg says for its tapes and its conference, if it has any.
    pub(crate) fn listen(&mut self, ix: usize, heard: &Heard, codec: Codec, packet: &Packet) {
        let Some(leg) = self.legs.get_mut(ix) else { return };
        if leg.taps.is_empty() && leg.in_mix.is_none() {
            return leg.takes_sound_for_granted(self.now);
        }
        if let Some(ear) = self.decode(ix, heard, codec, packet) {
            self.give_back_ear(ix, ear);
        }
    }

    /// The same, and says it to the leg's partner in its codec. Gives the packet back.
    pub(crate) fn transcode(&mut self, ix: usize, heard: &Heard, codec: Codec, packet: Packet) -> Option<Packet> {
        let Some(mut ear) = self.decode(ix, heard, codec, &packet) else { return Some(packet) };
        let partner = self.legs.get_mut(ix).and_then(|leg| leg.partner);
        if let Some(partner) = partner.and_then(|partner| self.legs.get_mut(partner)) {
            partner.hear_partner(self.now, &mut ear, &mut self.poller);
        }
        self.give_back_ear(ix, ear);
        Some(packet)
    }

    /// Decodes a packet with the leg's own decoder, which is to be given back.
    fn decode(&mut self, ix: usize, heard: &Heard, codec: Codec, packet: &Packet) -> Option<Box<Ear>> {
        // The decoder has gone on without it.
        if heard.is_late && codec.law().is_none() {
            return None;
        }
        let leg = self.legs.get_mut(ix)?;
        let kept = leg.ear.take().filter(|ear| ear.codec() == codec);
        let mut ear = match kept {
            Some(ear) => ear,
            None => Box::new(Ear::new(codec)?),
        };
        if !ear.hear(&heard.header, heard.missing, &self.poller.bytes(packet)[heard.payload.clone()]) {
            leg.refused += 1;
            leg.ear = Some(ear);
            return None;
        }
        // G.711 has gone to tapes and conference by its table.
        if codec.law().is_none() {
            for tap in &leg.taps {
                if let Some(tape) = self.tapes.get_mut(tap.tape) {
                    tape.lay(self.now, tap.channel, ear.header(), ear.narrow());
                }
            }
            if let Some(place) = &mut leg.in_mix {
                place.hear_samples(ear.header(), ear.narrow());
            }
            leg.listen_for_sound_in(self.now, ear.narrow());
        }
        Some(ear)
    }

    fn give_back_ear(&mut self, ix: usize, ear: Box<Ear>) {
        if let Some(leg) = self.legs.get_mut(ix) {
            leg.ear = Some(ear);
        }
    }
}

impl Leg {
    /// Hears what its partner said in another codec.
    fn hear_partner(&mut self, now: Instant, ear: &mut Ear, poller: &mut Poller) {
        if self.hears_bridge().is_none() {
            return;
        }
        if ear.begins() {
            // Its numbers go on by the clock: the other side paused, or only just began.
            self.outbound.switch();
        }
        let begins = ear.begins();
        let Some(voice) = self.voice() else { return };
        if begins {
            voice.begin();
        }
        if voice.is_wide() {
            voice.say(ear.wide());
        } else {
            voice.say(ear.narrow());
        }
        self.send_said(now, poller);
    }

    /// Is told sound at 8 kHz that is made here. Goes on where the last ended.
    pub(crate) fn hear_samples(&mut self, now: Instant, samples: &[i16], poller: &mut Poller) {
        let Some(voice) = self.voice() else { return };
        voice.say_narrow(samples);
        self.send_said(now, poller);
    }

    /// The encoder of the codec that is agreed.
    fn voice(&mut self) -> Option<&mut Voice> {
        let codec = self.agreed.as_ref()?.media.codec;
        if self.voice.as_ref().is_none_or(|voice| voice.codec() != codec) {
            self.voice = Some(Box::new(Voice::new(codec)?));
        }
        self.voice.as_deref_mut()
    }

    fn send_said(&mut self, now: Instant, poller: &mut Poller) {
        let mut packet = [0; RtpHeader::LEN + opus::LONGEST_PACKET];
        loop {
            let (head, payload) = packet.split_at_mut(RtpHeader::LEN);
            let Some(payload) = payload.first_chunk_mut() else { return };
            let Some(len) = self.voice.as_mut().and_then(|voice| voice.next_packet(payload)) else { return };
            let Some((codec, payload_type)) = self.agreed.as_ref().map(|agreed| (agreed.media.codec, agreed.media.codec_pt)) else {
                return;
            };
            head.copy_from_slice(&self.outbound.generate(now, payload_type, codec.frame()).to_bytes());
            self.send(now, &packet[..RtpHeader::LEN + len], poller);
        }
    }

    /// Whether key presses of that clock can follow the audio's numbers as they come.
    pub(crate) fn follows(&self, dtmf_hz: u32) -> bool {
        let Some(media) = self.agreed.as_ref().map(|agreed| &agreed.media) else { return true };
        media.dtmf_hz == dtmf_hz && media.codec.clock_hz() == dtmf_hz && self.voice.is_none()
    }

    /// Sends on one packet of a key press, in this leg's clock. Gives the packet back.
    pub(crate) fn relay_event(&mut self, now: Instant, heard: &Heard, from_hz: u32, packet: Packet, poller: &mut Poller) -> Option<Packet> {
        let Some((payload_type, to_hz)) = self.hears_bridge().and_then(|media| Some((media.dtmf_pt?, media.dtmf_hz))) else {
            return Some(packet);
        };
        let Some([event, flags, high, low]) = poller.bytes(&packet)[heard.payload.clone()].first_chunk::<EVENT>().copied() else {
            return Some(packet);
        };
        let duration = u64::from(u16::from_be_bytes([high, low])) * u64::from(to_hz) / u64::from(from_hz.max(1));
        let [high, low] = u16::try_from(duration).unwrap_or(u16::MAX).to_be_bytes();
        let is_first = self.event_told.replace(heard.header.timestamp) != Some(heard.header.timestamp);
        let mut told = [0; RtpHeader::LEN + EVENT];
        told[..RtpHeader::LEN].copy_from_slice(&self.outbound.generate_event(now, payload_type, is_first).to_bytes());
        told[RtpHeader::LEN..].copy_from_slice(&[event, flags, high, low]);
        self.send(now, &told, poller);
        Some(packet)
    }
}
