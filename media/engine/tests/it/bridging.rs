//! Two phones in a bridge.

use std::net::{Ipv6Addr, UdpSocket};
use std::time::Instant;

use carillon_media_engine::{Codec, Command, Event, Sounds, Source, Tone};

use crate::lab::{FRAME, Lab, Phone, payload_type, read_recording, talk, tone};

#[test]
fn two_phones_hear_each_other_and_are_recorded_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("call.wav");
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    let started = lab.now();
    let recording = lab.start_recording(a, Some(b), &path);
    talk(60, [(&mut caller, 500.0), (&mut agent, 1300.0)]);
    let span = lab.now() - started;
    let closed = lab.stop_recording(recording);

    for (phone, other, own) in [(&caller, 1300.0, 500.0), (&agent, 500.0, 1300.0)] {
        let sound = phone.sound();
        assert!(sound.len() >= 58 * 160, "{}", sound.len());
        assert!(tone(&sound, other) > 0.45, "{}", tone(&sound, other));
        assert!(tone(&sound, own) < 0.005, "{}", tone(&sound, own));
        assert!(phone.heard.windows(2).all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)));
        assert!(phone.heard.windows(2).all(|pair| pair[1].timestamp == pair[0].timestamp.wrapping_add(160)));
    }
    assert_ne!(caller.heard[0].ssrc, agent.ssrc, "our own stream, not the other phone's");

    assert_eq!((closed.error, closed.gap_ms), (None, 0));
    let span_frames = span.as_millis() as i64 * 8;
    assert!((closed.frames as i64 - span_frames).abs() <= 160, "{} frames for {span_frames}", closed.frames);
    let (left, right) = read_recording(&path);
    assert_eq!((left.len() as u64, closed.bytes), (closed.frames, 44 + 4 * closed.frames));
    assert!(tone(&left, 500.0) > 0.45 && tone(&left, 1300.0) < 0.005);
    assert!(tone(&right, 1300.0) > 0.45 && tone(&right, 500.0) < 0.005);

    let report = lab.close(a);
    assert_eq!((report.received, report.lost, report.refused), (61, 0, 0));
    assert!(report.sent >= 58 && report.mos_x100 > 400, "{report:?}");
}

#[test]
fn phones_of_both_ip_versions_hear_each_other() {
    let mut lab = Lab::with(Sounds::default(), |config| config.other_ip = Some(Ipv6Addr::LOCALHOST.into()));
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::at(Ipv6Addr::LOCALHOST.into(), Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    talk(30, [(&mut caller, 500.0), (&mut agent, 1300.0)]);
    assert!(tone(&caller.sound(), 1300.0) > 0.45);
    assert!(tone(&agent.sound(), 500.0) > 0.45);
    let ours = agent.server;
    assert!(ours.is_ipv6());
    lab.close(b);
    UdpSocket::bind(ours).expect("the port is free again");
}

#[test]
fn phones_with_different_laws_hear_each_other_in_their_own() {
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcma));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    talk(30, [(&mut caller, 700.0), (&mut agent, 1900.0)]);
    assert!(caller.heard.iter().all(|packet| packet.payload_type == payload_type(Codec::Pcmu)));
    assert!(agent.heard.iter().all(|packet| packet.payload_type == payload_type(Codec::Pcma)));
    assert!(tone(&caller.sound(), 1900.0) > 0.45);
    assert!(tone(&agent.sound(), 700.0) > 0.45);
}

#[test]
fn a_held_phone_is_sent_nothing_and_its_sound_goes_nowhere() {
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    talk(5, [(&mut caller, 700.0), (&mut agent, 1900.0)]);
    let held = carillon_media_engine::LegMedia { send: false, recv: false, ..agent.media() };
    lab.send(Command::SetMedia { leg: b, media: held });
    let tone_played = lab.play(a, Source::Tone(Tone::Ringback));
    caller.listen_for(caller.heard.len() + 1);
    let (caller_from, agent_from) = (caller.heard.len(), agent.heard.len());
    talk(20, [(&mut caller, 700.0), (&mut agent, 1900.0)]);
    assert!(agent.heard.len() <= agent_from + 1, "a packet may have been on its way");
    let heard_on_hold = caller.sound_from(caller_from);
    assert!(tone(&heard_on_hold, 425.0) > 0.05 && tone(&heard_on_hold, 1900.0) < 0.005);

    lab.send(Command::SetMedia { leg: b, media: agent.media() });
    lab.send(Command::StopPlay { leg: a });
    assert!(!lab.expect_play_ended(tone_played));
    let caller_from = caller.heard.len();
    talk(20, [(&mut caller, 700.0), (&mut agent, 1900.0)]);
    assert!(tone(&caller.sound_from(caller_from + 2), 1900.0) > 0.4);
    assert!(agent.heard.len() > agent_from + 15);
}

#[test]
fn a_third_leg_takes_over_a_bridge() {
    let mut lab = Lab::new();
    let [mut caller, mut first, mut second] = [(); 3].map(|()| Phone::new(Codec::Pcmu));
    let (a, b, c) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut first), lab.connect_latched(&mut second));
    lab.send(Command::Bridge { a, b });
    talk(10, [(&mut caller, 500.0), (&mut first, 1100.0), (&mut second, 1900.0)]);
    lab.send(Command::Bridge { a, b: c });
    lab.send(Command::CloseLeg { leg: b });
    lab.expect(|event| matches!(event, Event::LegClosed { leg, .. } if *leg == b).then_some(()));
    caller.take_what_came();
    let from = caller.heard.len();
    assert!(second.heard.is_empty());
    talk(20, [(&mut caller, 500.0), (&mut first, 1100.0), (&mut second, 1900.0)]);
    let sound = caller.sound_from(from + 2);
    assert!(tone(&sound, 1900.0) > 0.4 && tone(&sound, 1100.0) < 0.01);
    assert!(tone(&second.sound(), 500.0) > 0.4);
    let ssrc = caller.heard[0].ssrc;
    assert!(caller.heard.iter().all(|packet| packet.ssrc == ssrc), "one stream, whoever is on the other side");
    assert!(caller.heard.windows(2).all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)));
}

#[test]
fn latency_through_a_bridge_is_far_below_a_frame() {
    let mut lab = Lab::in_real_time(|_| {});
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    talk(2, [(&mut caller, 0.0), (&mut agent, 0.0)]);
    let mut delays = Vec::new();
    for n in agent.heard.len()..agent.heard.len() + 20 {
        let sent = Instant::now();
        caller.say(700.0);
        agent.listen_for(n + 1);
        delays.push(agent.heard[n].at.duration_since(sent));
    }
    delays.sort();
    assert!(delays[10] < FRAME / 2, "the median of {delays:?}");
}

#[test]
fn packets_that_come_together_are_all_relayed() {
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    for _ in 0..10 {
        talk(5, [(&mut agent, 0.0), (&mut caller, 700.0)]);
        // After the regular pace two at once, and then nothing that would draw attention to the second.
        let before = agent.heard.len();
        caller.say(700.0);
        caller.say(700.0);
        agent.listen_for(before + 2);
    }
}
