//! Whether something is heard of a leg that somebody listens to: audio that goes one way alone, and audio without a sound in it.

use std::time::{Duration, Instant};

use carillon_media_audio::g711::Law;

use crate::leg::{Kind, Leg};

/// What is fainter than this (peak, of 32,768) is no sound: noise of a line lies below, a whisper above.
const FAINT: u16 = 130;

/// A sound within this time needs no other: packets are looked at only after it.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What is heard of a leg while somebody listens to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Hearing {
    /// Audio comes, with or without words in it.
    #[default]
    Heard,
    /// No packet comes: audio goes one way alone.
    NothingComes,
    /// Packets come, and no sound is in them: a dead microphone, or somebody who has muted it for long.
    Silence,
}

/// How long nothing, and how long no sound, is borne before it is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) nothing: Duration,
    pub(crate) silence: Duration,
}

/// One leg's signs of life, as a listener would judge them.
#[derive(Debug)]
pub(crate) struct Signs {
    last_packet: Instant,
    last_sound: Instant,
    /// Somebody has listened since then.
    listened_to: Option<Instant>,
    /// The last packet was comfort noise: its sender may say nothing more until there is a sound (RFC 3389).
    is_suppressed: bool,
    told: Hearing,
    told_at: Instant,
}

impl Signs {
    pub(crate) fn new(now: Instant) -> Self {
        Self { last_packet: now, last_sound: now, listened_to: None, is_suppressed: false, told: Hearing::Heard, told_at: now }
    }

    #[inline]
    pub(crate) fn packet(&mut self, now: Instant, kind: Kind) {
        self.last_packet = now;
        match kind {
            Kind::Audio(_) => self.is_suppressed = false,
            // A key says nothing of what comes after it.
            Kind::TelephoneEvent => {}
            Kind::ComfortNoise => {
                self.is_suppressed = true;
                // Whoever suppresses silence has a microphone that works, and nothing to say.
                self.last_sound = now;
            }
        }
    }

    /// Whether it is worth looking for a sound.
    #[inline]
    pub(crate) fn wants_sound(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last_sound) >= LOOK_AGAIN
    }

    pub(crate) fn sound(&mut self, now: Instant) {
        self.last_sound = now;
    }

    pub(crate) fn told(&self) -> Hearing {
        self.told
    }

    /// What has changed. While nobody listens nothing does, and patience begins anew with whoever listens next.
    pub(crate) fn change(&mut self, now: Instant, is_listened_to: bool, patience: Patience) -> Option<Hearing> {
        if !is_listened_to {
            self.listened_to = None;
            return None;
        }
        let since = *self.listened_to.get_or_insert(now);
        let passed = |last: Instant| now.saturating_duration_since(last.max(since));
        let is = if passed(self.last_packet) > patience.nothing && !self.is_suppressed {
            Hearing::NothingComes
        } else if passed(self.last_sound) > patience.silence && !self.is_suppressed {
            Hearing::Silence
        } else if match self.told {
            Hearing::Heard => true,
            Hearing::NothingComes => self.last_packet > self.told_at,
            Hearing::Silence => self.last_sound > self.told_at,
        } {
            Hearing::Heard
        } else {
            self.told
        };
        if is == self.told {
            return None;
        }
        (self.told, self.told_at) = (is, now);
        Some(is)
    }
}

impl Leg {
    /// Notes whether there is a sound in a packet of G.711.
    #[inline]
    pub(crate) fn listen_for_sound(&mut self, now: Instant, law: Law, payload: &[u8]) {
        if self.signs.wants_sound(now) && payload.iter().any(|octet| law.decode(*octet).unsigned_abs() > FAINT) {
            self.signs.sound(now);
        }
    }

    /// The same for sound that was decoded.
    pub(crate) fn listen_for_sound_in(&mut self, now: Instant, samples: &[i16]) {
        if self.signs.wants_sound(now) && samples.iter().any(|sample| sample.unsigned_abs() > FAINT) {
            self.signs.sound(now);
        }
    }

    /// Packets that go on as they came are not looked into: their sound is taken for granted.
    #[inline]
    pub(crate) fn takes_sound_for_granted(&mut self, now: Instant) {
        self.signs.sound(now);
    }

    /// Whether anybody is to hear it: in a talk, not in the audio before it.
    pub(crate) fn is_listened_to(&self) -> bool {
        let is_expected = self.agreed.as_ref().is_some_and(|agreed| agreed.media.expects_packets());
        is_expected && ((self.partner.is_some() && !self.is_early) || self.in_mix.as_ref().is_some_and(|place| place.is_heard))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEECH: Kind = Kind::Audio(crate::Codec::Pcmu);
    const PATIENCE: Patience = Patience { nothing: Duration::from_secs(5), silence: Duration::from_secs(30) };

    struct SignsTest {
        signs: Signs,
        now: Instant,
        told: Vec<(u64, Hearing)>,
        start: Instant,
    }

    impl SignsTest {
        fn new() -> Self {
            let now = Instant::now();
            Self { signs: Signs::new(now), now, told: Vec::new(), start: now }
        }

        /// So many seconds in which packets come as `each` says, a look at them ten times a second.
        fn pass(&mut self, seconds: u64, is_listened_to: bool, each: impl Fn(&mut Signs, Instant)) {
            for _ in 0..seconds * 10 {
                self.now += Duration::from_millis(100);
                each(&mut self.signs, self.now);
                if let Some(change) = self.signs.change(self.now, is_listened_to, PATIENCE) {
                    self.told.push(((self.now - self.start).as_secs(), change));
                }
            }
        }
    }

    fn speech(signs: &mut Signs, now: Instant) {
        signs.packet(now, SPEECH);
        signs.sound(now);
    }

    #[test]
    fn nothing_is_told_after_five_seconds_and_once_and_so_is_the_return() {
        let mut t = SignsTest::new();
        t.pass(10, true, speech);
        t.pass(20, true, |_, _| {});
        t.pass(3, true, speech);
        assert_eq!(t.told, [(15, Hearing::NothingComes), (30, Hearing::Heard)]);
    }

    #[test]
    fn packets_without_a_sound_are_told_after_half_a_minute() {
        let mut t = SignsTest::new();
        t.pass(40, true, |signs, now| signs.packet(now, SPEECH));
        t.pass(1, true, speech);
        assert_eq!(t.told, [(30, Hearing::Silence), (40, Hearing::Heard)]);
    }

    #[test]
    fn who_suppresses_silence_is_neither() {
        let mut t = SignsTest::new();
        t.pass(2, true, speech);
        t.pass(1, true, |signs, now| signs.packet(now, Kind::ComfortNoise));
        t.pass(60, true, |_, _| {});
        assert_eq!(t.told, []);
        t.pass(1, true, speech);
        t.pass(6, true, |_, _| {});
        assert_eq!(t.told, [(69, Hearing::NothingComes)]);
    }

    #[test]
    fn while_nobody_listens_nothing_changes_and_whoever_comes_is_as_patient() {
        let mut t = SignsTest::new();
        t.pass(60, false, |_, _| {});
        t.pass(4, true, |_, _| {});
        assert_eq!(t.told, []);
        t.pass(2, true, |_, _| {});
        assert_eq!(t.told, [(65, Hearing::NothingComes)]);
        // On hold, and talking again: it is as it was until something comes.
        t.pass(3, false, |_, _| {});
        t.pass(2, true, |_, _| {});
        t.pass(1, true, speech);
        assert_eq!(t.told, [(65, Hearing::NothingComes), (71, Hearing::Heard)]);
    }
}
