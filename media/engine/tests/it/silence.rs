//! Phones that send nothing.

use std::net::SocketAddr;
use std::time::Duration;

use carillon_media_engine::{Codec, Command, Event, Hearing, LegId, LegMedia, Sounds};

use crate::lab::{Lab, Phone, talk, tone};

const TIMEOUT: Duration = Duration::from_millis(400);

fn lab() -> Lab {
    Lab::with(Sounds::default(), |config| config.rtp_timeout = TIMEOUT)
}

fn expect_lost(lab: &mut Lab, leg: LegId) {
    lab.expect(|event| matches!(event, Event::MediaLost { leg: other } if *other == leg).then_some(()));
}

#[test]
fn an_unplugged_phone_is_told_of_once_and_so_is_its_return() {
    let mut lab = lab();
    let mut phone = Phone::new(Codec::Pcmu);
    let leg = lab.connect_latched(&mut phone);
    talk(30, [(&mut phone, 500.0)]);
    let unplugged = lab.now();
    assert!(!lab.told().iter().any(|event| matches!(event, Event::MediaLost { .. })), "it talked longer than the time-out");
    expect_lost(&mut lab, leg);
    assert!(lab.now() - unplugged >= TIMEOUT - Duration::from_millis(40));
    phone.say(500.0);
    lab.expect(|event| matches!(event, Event::MediaBack { leg: other } if *other == leg).then_some(()));
    expect_lost(&mut lab, leg);
    lab.close(leg);
    assert!(lab.told().is_empty(), "{:?}", lab.told());
}

#[test]
fn a_phone_that_never_sends_is_lost_and_one_on_hold_or_muted_is_spared() {
    let mut lab = lab();
    let [mut held, mut holding, mut muted, mut unheard] = [(); 4].map(|()| Phone::new(Codec::Pcmu));
    let held_leg = lab.connect_latched(&mut held);
    lab.send(Command::SetMedia { leg: held_leg, media: LegMedia { recv: false, ..held.media() } });
    // `sendonly`, as most phones hold; many then send nothing.
    let holding_leg = lab.connect_latched(&mut holding);
    lab.send(Command::SetMedia { leg: holding_leg, media: LegMedia { send: false, ..holding.media() } });
    let muted_leg = lab.connect_latched(&mut muted);
    let unheard_leg = lab.connect(&mut unheard);

    // A muted phone may send nothing but its reports (RFC 3550 6.4.2: an empty receiver report).
    let rtcp = SocketAddr::new(muted.server.ip(), muted.server.port() + 1);
    for _ in 0..8 {
        muted.send_raw(rtcp, &[0x80, 201, 0, 1, 1, 2, 3, 4]);
        muted.listen(Duration::from_millis(100));
    }
    expect_lost(&mut lab, unheard_leg);
    assert!(!lab.told().iter().any(|event| matches!(event, Event::MediaLost { .. })), "{:?}", lab.told());

    // Off hold the time begins anew.
    let off_hold = lab.now();
    lab.send(Command::SetMedia { leg: held_leg, media: held.media() });
    expect_lost(&mut lab, held_leg);
    assert!(lab.now() - off_hold >= TIMEOUT);
    expect_lost(&mut lab, muted_leg);
}

/// An engine that loses patience soon, and two phones that talk.
fn talking() -> (Lab, [Phone; 2], [LegId; 2]) {
    let mut lab = Lab::with(Sounds::default(), |config| {
        (config.nothing_after, config.silence_after) = (Duration::from_millis(300), Duration::from_millis(1500));
    });
    let mut phones = [(); 2].map(|()| Phone::new(Codec::Pcmu));
    let legs = phones.each_mut().map(|phone| lab.connect_latched(phone));
    lab.send(Command::Bridge { a: legs[0], b: legs[1] });
    let [one, other] = &mut phones;
    talk(10, [(one, 500.0), (other, 1300.0)]);
    (lab, phones, legs)
}

fn expect_hearing(lab: &mut Lab, leg: LegId, wanted: Hearing) {
    lab.expect(|event| matches!(event, Event::Hearing { leg: other, hearing } if (*other, *hearing) == (leg, wanted)).then_some(()));
}

#[test]
fn audio_that_goes_one_way_alone_is_told_and_counted_until_it_comes_again() {
    let (mut lab, [mut one, mut other], [_, silent]) = talking();
    talk(40, [(&mut one, 500.0)]);
    expect_hearing(&mut lab, silent, Hearing::NothingComes);
    lab.until("one leg is unheard", |engine| engine.unheard_legs() == 1);
    talk(20, [(&mut one, 500.0), (&mut other, 1300.0)]);
    expect_hearing(&mut lab, silent, Hearing::Heard);
    lab.until("none is unheard", |engine| engine.unheard_legs() == 0);
    lab.close(silent);
    let told: Vec<_> = lab.told().iter().filter(|event| matches!(event, Event::Hearing { .. })).collect();
    assert!(told.is_empty(), "{told:?}");
}

/// Whoever calls hears the other side's network and owes nothing yet; from the answer on it is a talk.
#[test]
fn who_says_nothing_before_the_answer_is_not_missed() {
    let (mut lab, [_, mut other], [silent, ringing]) = talking();
    lab.send(Command::BridgeEarly { a: silent, b: ringing });
    talk(60, [(&mut other, 1300.0)]);
    let told: Vec<_> = lab.told().iter().filter(|event| matches!(event, Event::Hearing { .. })).cloned().collect();
    assert!(told.is_empty(), "it only rings: {told:?}");
    assert_eq!(lab.engine.unheard_legs(), 0);
    lab.send(Command::Bridge { a: silent, b: ringing });
    talk(40, [(&mut other, 1300.0)]);
    expect_hearing(&mut lab, silent, Hearing::NothingComes);
}

#[test]
fn packets_without_a_sound_are_told_of_later() {
    let (mut lab, [mut one, mut other], [_, silent]) = talking();
    talk(100, [(&mut one, 500.0), (&mut other, 0.0)]);
    expect_hearing(&mut lab, silent, Hearing::Silence);
    assert_eq!(lab.engine.unheard_legs(), 0, "its packets come");
    talk(20, [(&mut one, 500.0), (&mut other, 1300.0)]);
    expect_hearing(&mut lab, silent, Hearing::Heard);
}

/// RFC 3389: one packet, and then nothing until there is something to say.
#[test]
fn comfort_noise_stands_for_silence_and_is_not_sent_on() {
    const COMFORT_NOISE: u8 = 13;
    let (mut lab, [mut one, mut other], [_, suppressing]) = talking();
    one.take_what_came();
    let before = one.heard.len();
    other.send(COMFORT_NOISE, false, &[60]);
    talk(40, [(&mut one, 500.0)]);
    assert_eq!(one.heard.len(), before, "{:?}", one.heard.last());
    other.timestamp = other.timestamp.wrapping_add(40 * 160);
    talk(30, [(&mut other, 1300.0), (&mut one, 500.0)]);
    assert!(tone(&one.sound_from(before), 1300.0) > 0.45);
    // Its silence was as long at the listener's.
    let (last, next) = (&one.heard[before - 1], &one.heard[before]);
    let gap = next.timestamp.wrapping_sub(last.timestamp) / 160;
    assert!((38..=45).contains(&gap), "{gap} frames");
    let told = lab.told().iter().any(|event| matches!(event, Event::Hearing { leg, .. } if *leg == suppressing));
    assert!(!told, "it said that it would be silent");
    let report = lab.close(suppressing);
    assert_eq!((report.lost, report.refused), (0, 0), "{report:?}");
}

#[test]
fn reports_are_sent_to_the_port_above_and_name_the_stream() {
    let mut lab = lab();
    let mut phone = Phone::new(Codec::Pcmu);
    // A phone whose neighbour port is free, where its reports arrive.
    let reports = loop {
        let above = SocketAddr::new(phone.address().ip(), phone.address().port().wrapping_add(1));
        match std::net::UdpSocket::bind(above) {
            Ok(socket) => break socket,
            Err(_) => phone = Phone::new(Codec::Pcmu),
        }
    };
    let leg = lab.connect_latched(&mut phone);
    lab.play(leg, carillon_media_engine::Source::Tone(carillon_media_engine::Tone::Busy));
    phone.listen_for(3);
    lab.send(Command::CloseLeg { leg });
    reports.set_read_timeout(Some(Duration::from_secs(5))).expect("a time-out");
    let ours = phone.heard[0].ssrc.to_be_bytes();
    let mut buffer = [0; 512];
    loop {
        let len = reports.recv(&mut buffer).expect("a report comes");
        assert_eq!(buffer[4..8], ours);
        let goodbye = buffer[..len].ends_with(&[&[0x81, 203, 0, 1][..], &ours].concat());
        if buffer[1] == 200 && goodbye {
            return;
        }
    }
}
