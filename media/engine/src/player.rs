//! What one leg is being played, a frame of 20 ms at a time.

use std::sync::Arc;

use crate::sounds::Sound;
use crate::{Codec, PlayId};

/// Octets, and samples, of a frame of G.711.
pub(crate) const FRAME: usize = 160;

#[derive(Debug)]
pub(crate) struct Player {
    pub(crate) play: PlayId,
    /// The leg's slot in the wheel.
    pub(crate) slot: usize,
    script: Script,
}

/// What is played.
#[derive(Debug)]
pub(crate) enum Script {
    /// One after the other; the one now heard is the first, from `at` on.
    Prompts { sounds: std::vec::IntoIter<Arc<Sound>>, now: Option<Arc<Sound>>, at: usize },
    /// Round and round, from the moment it began.
    Loop { sound: Arc<Sound>, at: usize },
    /// Round and round, the moment told by the thread.
    Music { sound: Arc<Sound> },
}

impl Script {
    pub(crate) fn prompts(sounds: Vec<Arc<Sound>>) -> Self {
        let mut sounds = sounds.into_iter();
        Self::Prompts { now: sounds.next(), sounds, at: 0 }
    }

    pub(crate) fn repeat(sound: Arc<Sound>) -> Self {
        Self::Loop { sound, at: 0 }
    }
}

impl Player {
    pub(crate) fn new(play: PlayId, slot: usize, script: Script) -> Self {
        Self { play, slot, script }
    }

    /// Puts the next 20 ms into `frame`, in one of G.711's codecs; false when there is nothing more. `round` is the thread's count of frames.
    pub(crate) fn next_frame(&mut self, codec: Codec, round: u64, frame: &mut [u8; FRAME]) -> bool {
        match &mut self.script {
            Script::Prompts { sounds, now, at } => fill_from_list(codec, sounds, now, at, frame),
            Script::Loop { sound, at } => {
                copy_around(sound.encoded(codec), *at, frame);
                *at = (*at + FRAME) % sound.encoded(codec).len();
                true
            }
            Script::Music { sound } => {
                let encoded = sound.encoded(codec);
                let at = (round as u128 * FRAME as u128) % encoded.len() as u128;
                copy_around(encoded, at as usize, frame);
                true
            }
        }
    }
}

/// A frame may hold the end of one prompt and the start of the next; only the last one is filled up with silence.
fn fill_from_list(
    codec: Codec,
    sounds: &mut std::vec::IntoIter<Arc<Sound>>,
    now: &mut Option<Arc<Sound>>,
    at: &mut usize,
    frame: &mut [u8; FRAME],
) -> bool {
    let mut filled = 0;
    while let Some(sound) = now {
        let rest = &sound.encoded(codec)[*at..];
        let take = rest.len().min(FRAME - filled);
        frame[filled..filled + take].copy_from_slice(&rest[..take]);
        filled += take;
        *at += take;
        if filled == FRAME {
            return true;
        }
        *now = sounds.next();
        *at = 0;
    }
    frame[filled..].fill(silence(codec));
    filled > 0
}

/// The octet that is heard as silence.
fn silence(codec: Codec) -> u8 {
    codec.law().map_or(0, |law| law.silence())
}

fn copy_around(encoded: &[u8], at: usize, frame: &mut [u8; FRAME]) {
    let mut filled = 0;
    let mut at = at;
    while filled < FRAME {
        let take = (encoded.len() - at).min(FRAME - filled);
        frame[filled..filled + take].copy_from_slice(&encoded[at..at + take]);
        filled += take;
        at = (at + take) % encoded.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(samples: usize, value: i16) -> Arc<Sound> {
        Arc::new(Sound::from_samples(&vec![value; samples]).expect("not empty"))
    }

    fn octets_heard(mut player: Player) -> Vec<u8> {
        let mut heard = Vec::new();
        let mut frame = [0; FRAME];
        while player.next_frame(Codec::Pcmu, 0, &mut frame) {
            heard.extend_from_slice(&frame);
        }
        heard
    }

    #[test]
    fn prompts_follow_each_other_without_a_gap() {
        let (first, second) = (sound(250, 8000), sound(90, -8000));
        let heard = octets_heard(Player::new(PlayId(1), 0, Script::prompts(vec![first.clone(), second.clone()])));
        assert_eq!(heard.len(), 3 * FRAME);
        assert!(heard[..250].iter().all(|octet| *octet == first.encoded(Codec::Pcmu)[0]));
        assert!(heard[250..340].iter().all(|octet| *octet == second.encoded(Codec::Pcmu)[0]));
        assert!(heard[340..].iter().all(|octet| *octet == silence(Codec::Pcmu)));
    }

    #[test]
    fn a_prompt_of_whole_frames_is_not_followed_by_an_empty_one() {
        assert_eq!(octets_heard(Player::new(PlayId(1), 0, Script::prompts(vec![sound(320, 8000)]))).len(), 320);
    }

    #[test]
    fn two_listeners_of_music_hear_the_same_moment_and_it_comes_round() {
        let ramp: Vec<i16> = (0..700).map(|n| n * 40 - 14_000).collect();
        let music = Arc::new(Sound::from_samples(&ramp).expect("not empty"));
        let mut early = Player::new(PlayId(1), 0, Script::Music { sound: music.clone() });
        let mut late = Player::new(PlayId(2), 5, Script::Music { sound: music.clone() });
        let (mut one, mut other) = ([0; FRAME], [0; FRAME]);
        for round in 0..40 {
            assert!(early.next_frame(Codec::Pcma, round, &mut one));
        }
        assert!(late.next_frame(Codec::Pcma, 39, &mut other));
        assert_eq!(one, other);
        let at = 39 * FRAME % 700;
        assert_eq!(one[0], music.encoded(Codec::Pcma)[at]);
        assert_eq!(one[FRAME - 1], music.encoded(Codec::Pcma)[(at + FRAME - 1) % 700]);
    }
}
