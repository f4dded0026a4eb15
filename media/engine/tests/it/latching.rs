//! Whose packets are heard.

use std::time::Duration;

use carillon_media_engine::{Codec, Command, Event, LegMedia, Source, Sources, Tone};

use crate::lab::{ELSEWHERE, HERE, Lab, Phone, read_recording, talk, tone};

#[test]
fn a_third_host_that_sprays_the_ports_gets_nothing_and_is_neither_heard_nor_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("call.wav");
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let mut intruder = Phone::at(ELSEWHERE, Codec::Pcmu);
    let (a, b) = (lab.connect(&mut caller), lab.connect(&mut agent));
    lab.send(Command::Bridge { a, b });
    let recording = lab.start_recording(a, Some(b), &path);
    let spray = |intruder: &mut Phone| {
        for server in [caller.server, agent.server] {
            intruder.server = server;
            intruder.say(2300.0);
        }
    };

    // Before the phones send anything there is nobody the intruder could be told from but by the address in SDP.
    for _ in 0..20 {
        spray(&mut intruder);
    }
    let (caller_server, agent_server) = (caller.server, agent.server);
    for _ in 0..10 {
        talk(5, [(&mut caller, 500.0), (&mut agent, 1300.0)]);
        for server in [caller_server, agent_server] {
            intruder.server = server;
            (0..5).for_each(|_| intruder.say(2300.0));
        }
    }
    lab.stop_recording(recording);
    lab.pass(Duration::from_millis(50));
    intruder.take_what_came();

    assert!(intruder.heard.is_empty(), "{} packets went to the intruder", intruder.heard.len());
    let (left, right) = read_recording(&path);
    for (sound, voice) in [(caller.sound(), 1300.0), (agent.sound(), 500.0), (left, 500.0), (right, 1300.0)] {
        assert!(tone(&sound, voice) > 0.4, "{}", tone(&sound, voice));
        assert!(tone(&sound, 2300.0) < 0.005, "{}", tone(&sound, 2300.0));
    }
    let report = lab.close(a);
    assert!(report.refused >= 20, "{report:?}");
    assert_eq!(report.received, 50);
}

#[test]
fn a_phone_behind_nat_is_answered_where_its_packets_come_from() {
    let mut lab = Lab::new();
    let mut phone = Phone::new(Codec::Pcmu);
    let leg = lab.open(&mut phone);
    let media = LegMedia { remote: "192.0.2.5:4000".parse().expect("an address"), ..phone.media() };
    assert_eq!(media.allowed_sources, Sources::Only(vec![HERE]));
    lab.send(Command::SetMedia { leg, media });
    phone.say(0.0);
    lab.expect(|event| matches!(event, Event::Latched { leg: other } if *other == leg).then_some(()));
    lab.play(leg, Source::Tone(Tone::Busy));
    phone.listen_for(5);
}

#[test]
fn any_source_is_taken_where_the_setting_says_so() {
    let mut lab = Lab::new();
    let (mut phone, mut elsewhere) = (Phone::new(Codec::Pcmu), Phone::at(ELSEWHERE, Codec::Pcmu));
    let leg = lab.open(&mut phone);
    elsewhere.speaks_instead_of(&phone);
    lab.send(Command::SetMedia { leg, media: LegMedia { allowed_sources: Sources::Any, ..phone.media() } });
    elsewhere.say(0.0);
    lab.expect(|event| matches!(event, Event::Latched { leg: other } if *other == leg).then_some(()));
    lab.play(leg, Source::Tone(Tone::Busy));
    elsewhere.listen_for(5);
    assert!(phone.heard.is_empty());
}

#[test]
fn a_re_invite_moves_the_leg_to_another_host_and_away_from_the_first() {
    let mut lab = Lab::new();
    let (mut desk, mut mobile) = (Phone::new(Codec::Pcmu), Phone::at(ELSEWHERE, Codec::Pcma));
    let mut far = Phone::new(Codec::Pcmu);
    let (leg, other) = (lab.connect_latched(&mut desk), lab.connect_latched(&mut far));
    lab.send(Command::Bridge { a: leg, b: other });
    talk(5, [(&mut desk, 500.0), (&mut far, 1300.0)]);
    assert!(desk.heard.len() >= 4);

    mobile.speaks_instead_of(&desk);
    lab.send(Command::SetMedia { leg, media: mobile.media() });
    // Its first packet may be earlier than the order.
    talk(3, [(&mut mobile, 900.0)]);
    lab.expect(|event| matches!(event, Event::Latched { leg: moved } if *moved == leg).then_some(()));
    far.take_what_came();
    desk.take_what_came();
    let (far_from, desk_from) = (far.heard.len(), desk.heard.len());
    talk(30, [(&mut mobile, 900.0), (&mut far, 1300.0), (&mut desk, 500.0)]);
    let sound = far.sound_from(far_from + 2);
    assert!(tone(&sound, 900.0) > 0.4 && tone(&sound, 500.0) < 0.01);
    assert!(tone(&mobile.sound(), 1300.0) > 0.4);
    assert!(desk.heard.len() <= desk_from + 1, "a packet may have been on its way");
}

#[test]
fn garbage_is_refused_and_counted() {
    let mut lab = Lab::new();
    let mut phone = Phone::new(Codec::Pcmu);
    let leg = lab.connect(&mut phone);
    let server = phone.server;
    let rtcp = std::net::SocketAddr::new(server.ip(), server.port() + 1);
    for datagram in [
        &b""[..],
        b"\x80",
        b"\x80\x00\x00\x01",
        &[0xff; 1500],
        &[0x80; 3000],
        b"\x8f\x00\x00\x01aaaabbbb",
        b"\x90\x00\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff",
    ] {
        phone.send_raw(server, datagram);
        phone.send_raw(rtcp, datagram);
    }
    phone.send(77, false, &[1; 160]);
    phone.say(500.0);
    lab.expect(|event| matches!(event, Event::Latched { leg: other } if *other == leg).then_some(()));
    let report = lab.close(leg);
    assert_eq!(report.received, 1, "{report:?}");
    // All at the RTP port, and what had been read at the other.
    assert!(report.refused >= 8, "{report:?}");
}
