//! Phones that send nothing.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use carillon_media_engine::{Codec, Command, Event, LegId, LegMedia, Sounds};

use crate::lab::{Lab, Phone, talk};

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
    let unplugged = Instant::now();
    assert!(!lab.told().iter().any(|event| matches!(event, Event::MediaLost { .. })), "it talked longer than the time-out");
    expect_lost(&mut lab, leg);
    assert!(unplugged.elapsed() >= TIMEOUT - Duration::from_millis(40));
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
    let start = Instant::now();
    for n in 1..=8 {
        muted.send_raw(rtcp, &[0x80, 201, 0, 1, 1, 2, 3, 4]);
        muted.listen_until(start + Duration::from_millis(100) * n);
    }
    expect_lost(&mut lab, unheard_leg);
    assert!(!lab.told().iter().any(|event| matches!(event, Event::MediaLost { .. })), "{:?}", lab.told());

    // Off hold the time begins anew.
    let off_hold = Instant::now();
    lab.send(Command::SetMedia { leg: held_leg, media: held.media() });
    expect_lost(&mut lab, held_leg);
    assert!(off_hold.elapsed() >= TIMEOUT);
    expect_lost(&mut lab, muted_leg);
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
