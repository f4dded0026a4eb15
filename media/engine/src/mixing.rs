//! Conferences on a thread: who sits in which, and a frame for each of them every 20 ms.

use std::time::Instant;

use carillon_media_audio::g711::Law;
use carillon_media_rtp::{JitterBuffer, RtpHeader};

use crate::leg::{Heard, Leg};
use crate::mix::{Frame, MOST_IN_A_MIX, Mix};
use crate::player::FRAME;
use crate::poller::{Packet, Poller};
use crate::recording::Channel;
use crate::thread::MediaThread;
use crate::wheel::Item;
use crate::{Hears, LegId, MixId, MixMember, RecordingId};

/// The longest packet that is mixed, in samples: 120 ms.
const LONGEST: usize = 960;

/// One conference of this thread.
#[derive(Debug)]
pub(crate) struct Conference {
    id: MixId,
    mix: Mix,
    slot: usize,
    /// Recordings whose right channel is what their left leg's seat hears.
    tapes: Vec<MixTap>,
    /// Frames made: the clock of what is recorded.
    frames: u32,
}

#[derive(Debug, Clone, Copy)]
struct MixTap {
    tape: usize,
    /// The leg of the left channel.
    left: usize,
    /// A leg that is not recorded.
    without: Option<usize>,
}

/// A leg's place in a conference.
#[derive(Debug)]
pub(crate) struct InMix {
    conference: usize,
    seat: usize,
    jitter: JitterBuffer,
    /// Whether anybody in it is to hear this leg.
    pub(crate) is_heard: bool,
}

impl InMix {
    /// Takes in what the leg says.
    fn hear(&mut self, heard: &Heard, law: Law, payload: &[u8]) {
        let mut samples = [0; LONGEST];
        let len = payload.len().min(LONGEST);
        law.decode_slice(&payload[..len], &mut samples[..len]);
        self.jitter.put(&heard.header, &samples[..len]);
    }

    /// The same with samples.
    pub(crate) fn hear_samples(&mut self, header: &RtpHeader, samples: &[i16]) {
        self.jitter.put(header, samples);
    }
}

impl MediaThread {
    /// Makes a conference what it shall be.
    pub(crate) fn set_mix(&mut self, id: MixId, members: &[MixMember]) {
        if members.len() > MOST_IN_A_MIX {
            tracing::error!(%id, members = members.len(), "a conference takes no more than {MOST_IN_A_MIX} legs: the last are left out");
        }
        let members = &members[..members.len().min(MOST_IN_A_MIX)];
        if let Some(ix) = self.mix_ix_by_id.get(&id).copied() {
            for leg in self.legs_in(ix) {
                let stays = self.legs.get_mut(leg).is_some_and(|leg| members.iter().any(|member| member.leg == leg.id));
                if !stays {
                    self.leave_mix(leg);
                }
            }
        }
        for member in members {
            self.join_mix(id, member.leg);
        }
        let Some(ix) = self.mix_ix_by_id.get(&id).copied() else { return };
        for member in members {
            let is_heard = members.iter().any(|other| other.leg != member.leg && other.hears.includes(member.leg));
            if let Some(place) = self.leg(member.leg).and_then(|(_, leg)| leg.in_mix.as_mut()) {
                place.is_heard = is_heard;
            }
        }
        for member in members {
            let Some((own, seat)) = self.seat_of(member.leg).filter(|(conference, _)| *conference == ix) else { continue };
            let others: Vec<usize> = match &member.hears {
                Hears::Others => members.iter().filter_map(|other| self.seat_in(own, other.leg)).collect(),
                Hears::Only(legs) => legs.iter().filter_map(|leg| self.seat_in(own, *leg)).collect(),
            };
            if let Some(conference) = self.conferences.get_mut(ix) {
                conference.mix.set_hears(seat, others.into_iter());
            }
        }
    }

    fn join_mix(&mut self, id: MixId, leg_id: LegId) {
        let Some(leg_ix) = self.leg_ix_by_id.get(&leg_id).copied() else {
            tracing::debug!(%id, leg = %leg_id, "no such leg to mix");
            return;
        };
        if self.seat_of(leg_id).is_some_and(|(conference, _)| self.mix_ix_by_id.get(&id) == Some(&conference)) {
            return;
        }
        self.stop_play(leg_id);
        self.unbridge(leg_id);
        self.leave_mix(leg_ix);
        let ix = match self.mix_ix_by_id.get(&id).copied() {
            Some(ix) => ix,
            None => self.open_mix(id),
        };
        let seat = self.conferences.get_mut(ix).and_then(|conference| conference.mix.join(leg_ix));
        if let Some((seat, leg)) = seat.zip(self.legs.get_mut(leg_ix)) {
            leg.outbound.switch();
            leg.in_mix = Some(Box::new(InMix { conference: ix, seat, jitter: JitterBuffer::default(), is_heard: false }));
        }
    }

    fn open_mix(&mut self, id: MixId) -> usize {
        let ix = self.conferences.next_index();
        let slot = self.wheel.add(self.now, Item::Conference(ix));
        self.mix_ix_by_id.insert(id, ix);
        self.conferences.insert(Conference { id, mix: Mix::default(), slot, tapes: Vec::new(), frames: 0 })
    }

    /// Takes a leg out of the conference it is in; an empty one ends.
    pub(crate) fn leave_mix(&mut self, leg_ix: usize) {
        let Some(mut place) = self.legs.get_mut(leg_ix).and_then(|leg| leg.in_mix.take()) else { return };
        let Some(conference) = self.conferences.get_mut(place.conference) else { return };
        let mut last: Frame = [0; FRAME];
        place.jitter.take(&mut last);
        conference.mix.leave(place.seat, &last);
        conference.tapes.retain(|tap| tap.left != leg_ix);
        if conference.mix.is_empty() {
            let (id, slot) = (conference.id, conference.slot);
            self.wheel.remove(slot, Item::Conference(place.conference));
            self.conferences.remove(place.conference);
            self.mix_ix_by_id.remove(&id);
        }
    }

    fn legs_in(&mut self, conference: usize) -> Vec<usize> {
        self.conferences.get_mut(conference).map(|conference| conference.mix.legs().map(|(_, leg)| leg).collect()).unwrap_or_default()
    }

    /// The conference and seat of a leg.
    fn seat_of(&mut self, leg: LegId) -> Option<(usize, usize)> {
        let ix = self.leg_ix_by_id.get(&leg).copied()?;
        let place = self.legs.get_mut(ix)?.in_mix.as_ref()?;
        Some((place.conference, place.seat))
    }

    fn seat_in(&mut self, conference: usize, leg: LegId) -> Option<usize> {
        self.seat_of(leg).filter(|(other, _)| *other == conference).map(|(_, seat)| seat)
    }

    /// Takes in what a mixed leg says.
    #[inline]
    pub(crate) fn hear_mixed(&mut self, leg_ix: usize, heard: &Heard, law: Law, packet: &Packet) {
        if let Some(leg) = self.legs.get_mut(leg_ix)
            && let Some(place) = &mut leg.in_mix
        {
            place.hear(heard, law, &self.poller.bytes(packet)[heard.payload.clone()]);
        }
    }

    /// Makes and sends the next 20 ms of a conference.
    pub(crate) fn mix_frame(&mut self, ix: usize) {
        let Some(conference) = self.conferences.get_mut(ix) else { return };
        for seat in 0..MOST_IN_A_MIX {
            let Some(leg_ix) = conference.mix.leg_at(seat) else { continue };
            let place = self.legs.get_mut(leg_ix).and_then(|leg| leg.in_mix.as_mut());
            if let Some((voice, place)) = conference.mix.voice(seat).zip(place) {
                place.jitter.take(voice);
            }
        }
        let header = RtpHeader { ssrc: ix as u32, timestamp: conference.frames.wrapping_mul(FRAME as u32), ..RtpHeader::default() };
        for (seat, leg_ix) in conference.mix.legs() {
            let mut frame = [0; FRAME];
            conference.mix.heard_by(seat, &mut frame);
            if let Some(leg) = self.legs.get_mut(leg_ix) {
                leg.send_mixed(self.now, &frame, &mut self.poller);
            }
            for tap in conference.tapes.iter().filter(|tap| tap.left == leg_ix) {
                let Some(tape) = self.tapes.get_mut(tap.tape) else { continue };
                match tap.without {
                    None => tape.lay(self.now, Channel::Right, &header, &frame),
                    Some(without) => {
                        let mut recorded = [0; FRAME];
                        conference.mix.heard_by_without(seat, without, &mut recorded);
                        tape.lay(self.now, Channel::Right, &header, &recorded);
                    }
                }
            }
        }
        conference.mix.turn();
        conference.frames = conference.frames.wrapping_add(1);
    }

    /// The right channel of a recording is from now on what its left leg hears of its conference.
    pub(crate) fn record_mix(&mut self, recording: RecordingId, mix: MixId, without: Option<LegId>) {
        let Some(tape_ix) = self.tape_ix_by_id.get(&recording).copied() else { return };
        self.set_recording_side(recording, Channel::Right, None);
        let left = self.legs.position(|leg| leg.taps.iter().any(|tap| tap.tape == tape_ix && tap.channel == Channel::Left));
        let without = without.and_then(|leg| self.leg_ix_by_id.get(&leg).copied());
        let conference = self.mix_ix_by_id.get(&mix).copied().and_then(|ix| self.conferences.get_mut(ix));
        if let Some((left, conference)) = left.zip(conference) {
            conference.tapes.push(MixTap { tape: tape_ix, left, without });
        } else {
            tracing::debug!(%recording, %mix, "no such conference to record");
        }
    }

    /// No conference feeds the tape any more.
    pub(crate) fn forget_tape(&mut self, tape: usize) {
        for conference in self.conferences.iter_mut() {
            conference.tapes.retain(|tap| tap.tape != tape);
        }
    }
}

impl Leg {
    /// Sends 20 ms of its conference, unless something is played to it.
    fn send_mixed(&mut self, now: Instant, frame: &Frame, poller: &mut Poller) {
        let Some(media) = self.hears_bridge() else { return };
        let (law, payload_type) = (media.codec.law(), media.codec_pt);
        let Some(law) = law else { return self.hear_samples(now, frame, poller) };
        let mut packet = [0; RtpHeader::LEN + FRAME];
        packet[..RtpHeader::LEN].copy_from_slice(&self.outbound.generate(now, payload_type, FRAME as u32).to_bytes());
        law.encode_slice(frame, &mut packet[RtpHeader::LEN..]);
        self.send(now, &packet, poller);
    }
}
