//! Carrying out what a thread is told.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use carillon_media_audio::g711::Law;
use carillon_media_rtp::{END_TIMEOUT, RtpHeader};

use crate::leg::{Leg, Tap};
use crate::packets::Port;
use crate::player::{FRAME, Player, Script};
use crate::poller::Poller;
use crate::ports::{self, PortPair, Sockets};
use crate::recording::{Channel, Tape};
use crate::sounds::Sound;
use crate::thread::{MediaThread, Order};
use crate::wheel::Item;
use crate::{Codec, Command, Event, LegId, LegMedia, LegReport, PlayId, RecordingId, Source};

impl MediaThread {
    pub(crate) fn carry_out(&mut self, order: Order) {
        match order {
            Order::Open { leg, sockets } => self.open_leg(leg, sockets),
            Order::SetSounds(sounds) => self.sounds = sounds,
            Order::Command(Command::SetMedia { leg, media }) => self.set_media(leg, media),
            Order::Command(Command::Play { leg, play, source }) => self.start_play(leg, play, source),
            Order::Command(Command::StopPlay { leg }) => self.stop_play(leg),
            Order::Command(Command::Press { leg, keys }) => self.press(leg, &keys),
            Order::Command(Command::Bridge { a, b }) => self.bridge(a, b, false),
            Order::Command(Command::BridgeEarly { a, b }) => self.bridge(a, b, true),
            Order::Command(Command::Unbridge { a }) => self.unbridge(a),
            Order::Command(Command::Mix { mix, members }) => self.set_mix(mix, &members),
            Order::Command(Command::RecordMix { recording, mix, without }) => self.record_mix(recording, mix, without),
            Order::Command(Command::StartRecording { recording, left, path }) => self.start_recording(recording, left, path),
            Order::Command(Command::SetRecordingLeft { recording, left }) => self.set_recording_side(recording, Channel::Left, left),
            Order::Command(Command::SetRecordingRight { recording, right }) => self.set_recording_side(recording, Channel::Right, right),
            Order::Command(Command::StopRecording { recording }) => self.stop_recording(recording),
            Order::Command(Command::CloseLeg { leg }) => self.close_leg(leg),
        }
    }

    fn open_leg(&mut self, id: LegId, sockets: PortPair) {
        if self.leg_ix_by_id.contains_key(&id) {
            tracing::error!(%id, "a leg was opened twice");
            self.shared.legs.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let ix = self.legs.next_index();
        let PortPair { rtp, rtcp, claim, other } = sockets;
        let keys = [Port::Rtp(ix).key(), Port::Rtcp(ix).key()];
        let added = self.poller.add(keys[0], rtp).and_then(|()| self.poller.add(keys[1], rtcp));
        match added {
            Ok(()) => {
                self.leg_ix_by_id.insert(id, ix);
                self.legs.insert(Leg::new(self.now, id, ix, (claim, other), &mut self.random));
            }
            Err(error) => {
                tracing::error!(%id, %error, "a leg's sockets cannot be watched");
                self.poller.remove(&keys);
                drop(claim);
                self.shared.legs.fetch_sub(1, Ordering::Relaxed);
                (self.tell)(Event::LegClosed { leg: id, report: LegReport::default() });
            }
        }
    }

    pub(crate) fn close_leg(&mut self, id: LegId) {
        self.stop_play(id);
        self.stop_keys(id);
        self.unbridge(id);
        if let Some(ix) = self.leg_ix_by_id.get(&id).copied() {
            self.leave_mix(ix);
        }
        let Some(mut leg) = self.leg_ix_by_id.remove(&id).and_then(|ix| self.legs.remove(ix)) else { return };
        // A key still down has been pressed all the same.
        leg.digits.handle_timeout(self.now + END_TIMEOUT);
        leg.tell_digits(&*self.tell);
        leg.send_report(self.now, true, &mut self.poller);
        self.poller.remove(&[leg.rtp, leg.rtcp]);
        let report = leg.report(self.now);
        self.shared.legs.fetch_sub(1, Ordering::Relaxed);
        (self.tell)(Event::LegClosed { leg: id, report });
    }

    fn set_media(&mut self, id: LegId, media: LegMedia) {
        let Some(ix) = self.leg_ix_by_id.get(&id).copied() else { return };
        let Some(leg) = self.legs.get_mut(ix) else { return };
        if let Some(Sockets { rtp, rtcp }) = leg.sockets_for(media.remote.ip()) {
            // Its peer is of the other IP version than was thought.
            let replaced = self.poller.replace(leg.rtp, |_| Ok(rtp)).and_then(|()| self.poller.replace(leg.rtcp, |_| Ok(rtcp)));
            if let Err(error) = replaced {
                tracing::error!(%id, %error, "a leg's sockets cannot be watched");
            }
        }
        let set = leg.set_media(self.now, media, &self.identity);
        leg.attend_guard(&mut self.poller, &*self.tell);
        match set {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return (self.tell)(Event::SecurityFailed { leg: id, why: error.to_string() }),
        }
        match self.poller.replace(leg.rtp, |socket| ports::bind_again(&socket)) {
            Ok(()) => leg.rtp_replaced(),
            Err(error) => {
                tracing::error!(%id, %error, "a moved leg's port cannot be bound again: only its new SDP address is heard");
                leg.keep_rtp(&mut self.poller);
            }
        }
    }

    pub(crate) fn leg(&mut self, id: LegId) -> Option<(usize, &mut Leg)> {
        let ix = self.leg_ix_by_id.get(&id).copied()?;
        Some((ix, self.legs.get_mut(ix)?))
    }
}

/// Playing.
impl MediaThread {
    fn start_play(&mut self, id: LegId, play: PlayId, source: Source) {
        self.stop_play(id);
        let script = self.script(source);
        let Some((ix, script)) = self.leg_ix_by_id.get(&id).copied().zip(script) else {
            (self.tell)(Event::PlayEnded { leg: id, play, completed: false });
            return;
        };
        let Some(leg) = self.legs.get_mut(ix) else { return };
        leg.outbound.switch();
        leg.player = Some(Player::new(play, self.wheel.add(self.now, Item::Leg(ix)), script));
    }

    /// `None` when there is nothing to play.
    fn script(&self, source: Source) -> Option<Script> {
        let get = |name| {
            let sound = self.sounds.get(name);
            if sound.is_none() {
                tracing::warn!(sound = %name, "there is no such sound");
            }
            sound
        };
        match source {
            Source::Prompts(names) => {
                let sounds: Vec<Arc<Sound>> = names.iter().filter_map(get).collect();
                (!sounds.is_empty()).then(|| Script::prompts(sounds))
            }
            Source::Music(name) => Some(Script::Music { sound: get(&name)? }),
            Source::Tone(tone) => Some(Script::repeat(self.sounds.tone(tone))),
        }
    }

    pub(crate) fn stop_play(&mut self, id: LegId) {
        let Some((ix, leg)) = self.leg(id) else { return };
        if let Some(player) = leg.player.take() {
            self.wheel.remove(player.slot, Item::Leg(ix));
            (self.tell)(Event::PlayEnded { leg: id, play: player.play, completed: false });
        }
    }

    /// Gives every leg and conference whose slot is due its frame.
    pub(crate) fn take_turns(&mut self) {
        while let Some(mut turn) = self.wheel.due(self.now) {
            let before = turn.items.len();
            let (now, round) = (self.now, turn.round);
            turn.items.retain(|item| match item {
                Item::Leg(ix) => self.legs.get_mut(*ix).is_some_and(|leg| leg.play_frame(now, round, &mut self.poller, &*self.tell)),
                Item::Keys(ix) => self.legs.get_mut(*ix).is_some_and(|leg| leg.press_frame(now, &mut self.poller)),
                Item::Conference(ix) => {
                    self.mix_frame(*ix);
                    true
                }
            });
            let finished = before - turn.items.len();
            self.wheel.done(turn, finished);
        }
    }
}

impl Leg {
    /// Sends the next 20 ms; false when the play is over, which is when its last frame has been heard.
    fn play_frame(&mut self, now: Instant, round: u64, poller: &mut Poller, tell: &dyn Fn(Event)) -> bool {
        let is_reached = self.is_reached();
        let Some(player) = &mut self.player else { return false };
        // Not yet agreed where to, in which codec and with which keys: the play waits.
        let Some(agreed) = self.agreed.as_ref().filter(|_| is_reached) else { return true };
        let mut packet = [0; RtpHeader::LEN + FRAME];
        let (head, frame) = packet.split_at_mut(RtpHeader::LEN);
        let Some(frame) = frame.first_chunk_mut() else { return false };
        // What other codecs are told is encoded on its way from G.711.
        let law = agreed.media.codec.law();
        let codec = if law.is_some() { agreed.media.codec } else { Codec::Pcma };
        if !player.next_frame(codec, round, frame) {
            tell(Event::PlayEnded { leg: self.id, play: player.play, completed: true });
            self.player = None;
            return false;
        }
        // On hold nothing is sent, but the play goes on: who waits for its end is not held up.
        let (sends, payload_type) = (agreed.media.send && !self.is_pressing(), agreed.media.codec_pt);
        if !sends {
            return true;
        }
        if law.is_none() {
            let mut samples = [0; FRAME];
            Law::Alaw.decode_slice(frame, &mut samples);
            self.hear_samples(now, &samples, poller);
        } else {
            head.copy_from_slice(&self.outbound.generate(now, payload_type, FRAME as u32).to_bytes());
            self.send(now, &packet, poller);
        }
        true
    }
}

/// Bridging.
impl MediaThread {
    fn bridge(&mut self, a: LegId, b: LegId, is_early: bool) {
        let both = self.leg_ix_by_id.get(&a).copied().zip(self.leg_ix_by_id.get(&b).copied());
        let Some((a_ix, b_ix)) = both.filter(|_| a != b) else {
            tracing::debug!(%a, %b, "no such two legs to bridge");
            return;
        };
        for (id, ix) in [(a, a_ix), (b, b_ix)] {
            self.stop_play(id);
            self.unbridge(id);
            self.leave_mix(ix);
        }
        for (ix, partner) in [(a_ix, b_ix), (b_ix, a_ix)] {
            if let Some(leg) = self.legs.get_mut(ix) {
                leg.outbound.switch();
                leg.partner = Some(partner);
                leg.is_early = is_early;
            }
        }
    }

    pub(crate) fn unbridge(&mut self, id: LegId) {
        let Some((_, leg)) = self.leg(id) else { return };
        let partner = leg.partner.take();
        if let Some(partner) = partner.and_then(|ix| self.legs.get_mut(ix)) {
            partner.partner = None;
        }
    }
}

/// Recording.
impl MediaThread {
    fn start_recording(&mut self, recording: RecordingId, left: LegId, path: PathBuf) {
        if self.tape_ix_by_id.contains_key(&recording) {
            tracing::error!(%recording, "a recording was started twice");
            return;
        }
        let mut tape = Tape::new(self.now, recording, path);
        tape.begin(&self.writer);
        let tape = self.tapes.insert(tape);
        self.tape_ix_by_id.insert(recording, tape);
        self.tap(left, Tap { tape, channel: Channel::Left });
    }

    pub(crate) fn set_recording_side(&mut self, recording: RecordingId, channel: Channel, leg: Option<LegId>) {
        let Some(ix) = self.tape_ix_by_id.get(&recording).copied() else { return };
        let tap = Tap { tape: ix, channel };
        if channel == Channel::Right {
            // The right side of a mix is everybody else in it.
            self.forget_tape(ix);
        }
        for leg in self.legs.iter_mut() {
            leg.taps.retain(|other| *other != tap);
        }
        if let Some(tape) = self.tapes.get_mut(ix) {
            tape.switch(channel);
        }
        if let Some(leg) = leg {
            self.tap(leg, tap);
        }
    }

    fn tap(&mut self, leg: LegId, tap: Tap) {
        if let Some((_, leg)) = self.leg(leg) {
            leg.taps.push(tap);
        }
    }

    pub(crate) fn stop_recording(&mut self, recording: RecordingId) {
        let Some(ix) = self.tape_ix_by_id.remove(&recording) else { return };
        let Some(tape) = self.tapes.remove(ix) else { return };
        for leg in self.legs.iter_mut() {
            leg.taps.retain(|tap| tap.tape != ix);
        }
        self.forget_tape(ix);
        let mut closing = tape.finish(self.now, &self.writer);
        if !closing.hand_over(&self.writer) {
            self.closing_tapes.push(closing);
        }
    }
}
