use crate::support::{Lab, Phone, header, phone, sdp, seconds};
use carillon_sip_core::message::{HeaderName, Method};
use carillon_sip_leg::{End, EndCause, Event, LegId};

const ELSEWHERE: &str = r#"SIP;cause=200;text="Call completed elsewhere""#;

/// Phone 1001 on a desk and in a pocket, both ringing for leg 100.
fn two_devices(lab: &mut Lab) -> [(Phone, carillon_sip_core::message::Request); 2] {
    let desk = lab.registered("1001", "192.0.2.10:5060");
    let mut pocket = Phone { tag: "pocket".to_owned(), ..Phone::new("1001", "192.0.2.11:5060") };
    assert_eq!(pocket.register(lab, 600).status, 200);
    lab.events();
    lab.dial(phone("1001"));
    [desk, pocket].map(|device| {
        let invite = lab.asked(device.at, Method::Invite);
        device.reply(lab, &device.respond(&invite, 180));
        (device, invite)
    })
}

#[test]
fn the_first_to_answer_gets_the_call_and_the_other_is_told_so() {
    let mut lab = Lab::new();
    let [(desk, desk_invite), (pocket, pocket_invite)] = two_devices(&mut lab);
    assert_eq!(lab.event(), Event::Ringing { leg: LegId(100) }, "told once");
    pocket.pick_up(&mut lab, &pocket_invite);
    lab.asked(pocket.at, Method::Ack);
    let cancel = lab.asked(desk.at, Method::Cancel);
    assert_eq!(header(&cancel, HeaderName::Reason), ELSEWHERE);
    assert!(matches!(lab.event(), Event::Answered { leg: LegId(100), media, .. } if media.remote.to_string() == "192.0.2.11:4000"));
    desk.reply(&mut lab, &desk.respond(&cancel, 200));
    desk.reply(&mut lab, &desk.respond(&desk_invite, 487));
    lab.asked(desk.at, Method::Ack);
    lab.wait(seconds(5));
    lab.expect_no_event();
}

#[test]
fn a_second_answer_a_moment_later_is_hung_up_politely() {
    let mut lab = Lab::new();
    let [(desk, desk_invite), (pocket, pocket_invite)] = two_devices(&mut lab);
    pocket.pick_up(&mut lab, &pocket_invite);
    desk.pick_up(&mut lab, &desk_invite);
    lab.asked(desk.at, Method::Cancel);
    lab.asked(desk.at, Method::Ack);
    assert_eq!(header(&lab.asked(desk.at, Method::Bye), HeaderName::Reason), ELSEWHERE);
    assert_eq!(lab.events().len(), 2, "ringing and answered, nothing of the second");
    lab.asked(pocket.at, Method::Ack);
    lab.expect_silence(pocket.at);
}

#[test]
fn one_branch_that_answers_twice_keeps_the_first() {
    let mut lab = Lab::new();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    lab.dial(phone("1001"));
    let invite = lab.asked(desk.at, Method::Invite);
    desk.pick_up(&mut lab, &invite);
    lab.asked(desk.at, Method::Ack);
    // A proxy behind the phone's address forked, and another device answered too.
    let other = Phone { tag: "other".to_owned(), ..desk.clone() };
    other.pick_up(&mut lab, &invite);
    lab.asked(desk.at, Method::Ack);
    assert_eq!(header(&lab.asked(desk.at, Method::Bye), HeaderName::Reason), ELSEWHERE);
    assert!(matches!(lab.event(), Event::Answered { .. }));
    lab.expect_no_event();
}

#[test]
fn a_decline_for_everywhere_stops_the_other_device() {
    let mut lab = Lab::new();
    let [(desk, desk_invite), (pocket, _)] = two_devices(&mut lab);
    lab.event();
    desk.reply(&mut lab, &desk.respond(&desk_invite, 603));
    assert_eq!(lab.event(), Event::Ended { leg: LegId(100), by: End::Remote, status: Some(603), cause: EndCause::Rejected });
    lab.asked(pocket.at, Method::Cancel);
}

#[test]
fn a_busy_device_leaves_the_other_ringing() {
    let mut lab = Lab::new();
    let [(desk, desk_invite), (pocket, pocket_invite)] = two_devices(&mut lab);
    lab.event();
    desk.reply(&mut lab, &desk.respond(&desk_invite, 486));
    lab.expect_no_event();
    pocket.reply(&mut lab, &pocket.respond(&pocket_invite, 500));
    assert_eq!(
        lab.event(),
        Event::Ended { leg: LegId(100), by: End::Remote, status: Some(486), cause: EndCause::Busy },
        "busy says more than broken"
    );
}

#[test]
fn an_answer_whose_audio_cannot_be_used_is_acknowledged_and_ended() {
    for body in ["", "nonsense", &sdp("192.0.2.10:4000", "sendrecv").replace("AVP 8", "AVP 18")] {
        let mut lab = Lab::new();
        let desk = lab.registered("1001", "192.0.2.10:5060");
        lab.dial(phone("1001"));
        let invite = lab.asked(desk.at, Method::Invite);
        desk.reply(&mut lab, &desk.respond(&invite, 200).with_body("application/sdp", body.to_owned()));
        lab.asked(desk.at, Method::Ack);
        assert!(header(&lab.asked(desk.at, Method::Bye), HeaderName::Reason).starts_with("SIP;cause=488"));
        assert_eq!(lab.event(), Event::Ended { leg: LegId(100), by: End::Network, status: Some(200), cause: EndCause::MediaNotAcceptable });
        lab.wait(seconds(5));
        lab.expect_no_event();
    }
}

#[test]
fn an_answer_given_early_counts_when_the_200_has_none() {
    let mut lab = Lab::new();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    lab.dial(phone("1001"));
    let invite = lab.asked(desk.at, Method::Invite);
    desk.reply(&mut lab, &desk.respond(&invite, 183).with_body("application/sdp", sdp("192.0.2.10:4002", "sendrecv")));
    assert_eq!(lab.event(), Event::Ringing { leg: LegId(100) });
    desk.reply(&mut lab, &desk.respond(&invite, 200));
    assert!(matches!(lab.event(), Event::EarlyMedia { media, .. } if media.remote.port() == 4002));
    assert!(matches!(lab.event(), Event::Answered { media, .. } if media.remote.port() == 4002));
}
