//! Prompts, music and tones.

use std::time::Duration;

use carillon_media_audio::sine;
use carillon_media_engine::{Codec, Command, LegMedia, Sounds, Source, Tone};

use crate::lab::{FRAME, Lab, Phone, talk, tone};

fn sounds() -> Sounds {
    let mut sounds = Sounds::default();
    sounds.insert("welcome".into(), &sine(600.0, 0.5, 250 * 8)).expect("a sound");
    sounds.insert("choose".into(), &sine(1500.0, 0.5, 230 * 8)).expect("a sound");
    sounds.insert("waiting".into(), &sine(800.0, 0.5, 8000)).expect("a sound");
    // Noise: no two frames of it are alike.
    let noise = std::iter::successors(Some(1u32), |last| Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)));
    sounds.insert("noise".into(), &noise.map(|value| (value >> 18) as i16).take(8 * 8000).collect::<Vec<_>>()).expect("a sound");
    sounds
}

fn lab() -> Lab {
    Lab::with(sounds(), |_| {})
}

#[test]
fn prompt_then_music_then_an_agent_are_one_unbroken_stream() {
    let mut lab = lab();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcma), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));

    let prompts = lab.play(a, Source::Prompts(vec!["welcome".into(), "choose".into()]));
    caller.listen_for(24);
    let last_frame_at = caller.heard[23].at;
    assert!(lab.expect_play_ended(prompts));
    // Leaves for when this thread was not given the processor as the frame came.
    assert!(lab.now() - last_frame_at >= FRAME - Duration::from_millis(8), "the last frame has been heard by then");
    let prompts_heard = caller.sound();
    assert_eq!(prompts_heard.len(), 480 * 8);
    assert!(tone(&prompts_heard[..2000], 600.0) > 0.45 && tone(&prompts_heard[2000..3840], 1500.0) > 0.45, "no gap between the two");

    let music = lab.play(a, Source::Music("waiting".into()));
    caller.listen_for(24 + 20);
    let from = caller.heard.len();
    assert!(tone(&caller.sound_from(24), 800.0) > 0.45);
    lab.send(Command::Bridge { a, b });
    assert!(!lab.expect_play_ended(music));
    talk(20, [(&mut caller, 500.0), (&mut agent, 1300.0)]);
    assert!(tone(&caller.sound_from(from + 3), 1300.0) > 0.4);

    let first = caller.heard[0].clone();
    for (n, packet) in caller.heard.iter().enumerate() {
        assert_eq!((packet.ssrc, packet.payload_type), (first.ssrc, 8));
        assert_eq!(packet.sequence, first.sequence.wrapping_add(n as u16));
        let by_timestamp = f64::from(packet.timestamp.wrapping_sub(first.timestamp)) / 8000.0;
        let by_clock = packet.at.duration_since(first.at).as_secs_f64();
        assert!((by_timestamp - by_clock).abs() < 0.25, "packet {n}: {by_timestamp} s by its timestamp, {by_clock} s by the clock");
    }
    assert!(caller.heard.windows(2).all(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp).cast_signed() >= 160));
}

#[test]
fn all_listeners_of_music_hear_the_same_moment() {
    let mut lab = lab();
    let [mut one, mut other] = [(); 2].map(|()| Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut one), lab.connect_latched(&mut other));
    lab.play(a, Source::Music("noise".into()));
    one.listen_for(10);
    lab.play(b, Source::Music("noise".into()));
    for frames in 1..=40 {
        one.listen_for(10 + frames);
        other.take_what_came();
    }
    assert!(other.heard.len() > 20);
    let theirs = &other.heard[2];
    let ours = one.heard.iter().find(|packet| packet.payload == theirs.payload).expect("one heard that frame too");
    let apart = ours.at.max(theirs.at) - ours.at.min(theirs.at);
    // 20 ms by the two legs' slots, the rest for a busy machine; no other frame of the whole piece is like this one.
    assert!(apart <= Duration::from_millis(100), "{apart:?}");
}

#[test]
fn tones_repeat_until_stopped() {
    let mut lab = lab();
    let mut phone = Phone::new(Codec::Pcmu);
    let leg = lab.connect_latched(&mut phone);
    let ringback = lab.play(leg, Source::Tone(Tone::Ringback));
    phone.listen_for(25);
    assert!(tone(&phone.sound(), 425.0) > 0.05);
    lab.send(Command::StopPlay { leg });
    assert!(!lab.expect_play_ended(ringback));
}

#[test]
fn a_play_replaces_the_one_before_and_each_ends_once() {
    let mut lab = lab();
    let mut phone = Phone::new(Codec::Pcmu);
    let leg = lab.connect_latched(&mut phone);
    let music = lab.play(leg, Source::Music("waiting".into()));
    let prompt = lab.play(leg, Source::Prompts(vec!["welcome".into()]));
    assert!(!lab.expect_play_ended(music));
    assert!(lab.expect_play_ended(prompt));
    let cut_off = lab.play(leg, Source::Music("waiting".into()));
    lab.close(leg);
    assert!(!lab.expect_play_ended(cut_off));
    let nowhere = lab.play(leg, Source::Music("waiting".into()));
    assert!(!lab.expect_play_ended(nowhere));
    assert!(lab.told().iter().all(|event| !matches!(event, carillon_media_engine::Event::PlayEnded { .. })), "{:?}", lab.told());
}

#[test]
fn what_is_not_loaded_is_left_out_and_nothing_at_all_ends_at_once() {
    let mut lab = lab();
    let mut phone = Phone::new(Codec::Pcmu);
    let leg = lab.connect_latched(&mut phone);
    let some = lab.play(leg, Source::Prompts(vec!["nothing".into(), "welcome".into()]));
    assert!(lab.expect_play_ended(some));
    let none = lab.play(leg, Source::Prompts(vec!["nothing".into()]));
    assert!(!lab.expect_play_ended(none));
    let no_music = lab.play(leg, Source::Music("nothing".into()));
    assert!(!lab.expect_play_ended(no_music));
}

#[test]
fn a_play_waits_for_the_agreement_and_goes_on_during_hold() {
    let mut lab = lab();
    let mut phone = Phone::new(Codec::Pcma);
    let leg = lab.open(&mut phone);
    let early = lab.play(leg, Source::Prompts(vec!["welcome".into()]));
    lab.send(Command::SetMedia { leg, media: phone.media() });
    phone.listen_for(13);
    assert!(tone(&phone.sound()[..2000], 600.0) > 0.45, "heard from its first frame on");
    assert!(lab.expect_play_ended(early));

    lab.send(Command::SetMedia { leg, media: LegMedia { send: false, ..phone.media() } });
    let unheard = lab.play(leg, Source::Prompts(vec!["choose".into()]));
    assert!(lab.expect_play_ended(unheard));
    assert_eq!(phone.heard.len(), 13);
}

#[test]
fn sounds_are_replaced_while_calls_are_up_and_those_gone_stay_for_them() {
    let mut lab = lab();
    let mut caller = Phone::new(Codec::Pcmu);
    let leg = lab.connect_latched(&mut caller);
    let mut fresh = Sounds::default();
    fresh.insert("welcome".into(), &sine(1200.0, 0.5, 200 * 8)).expect("a sound");
    lab.engine.set_sounds(fresh).expect("room in the queue");
    let play = lab.play(leg, Source::Prompts(vec!["welcome".into(), "choose".into()]));
    assert!(lab.expect_play_ended(play));
    caller.listen_for(21);
    let heard = caller.sound();
    assert!(tone(&heard[..1600], 1200.0) > 0.45 && tone(&heard[1600..3200], 1500.0) > 0.45, "the new one, then the one that is gone");
}
