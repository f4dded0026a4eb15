use crate::support::{Lab, Phone, local, sdp, seconds};
use carillon_media_sdp::Codec;
use carillon_sip_core::message::{HeaderName, Method};
use carillon_sip_leg::{Command, End, EndCause, Event, HangUpCause, LegId};
use std::time::Duration;

#[test]
fn it_rings_is_answered_and_the_caller_hangs_up() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (invite, leg) = caller.call_in(&mut lab);
    lab.wait(Duration::from_millis(250));
    lab.answered(caller.at, 100);
    lab.order(Command::Ring { leg });
    let ringing = lab.answered(caller.at, 180);
    lab.order(Command::Answer { leg, local: local(20_000) });
    let ok = lab.answered(caller.at, 200);
    assert_eq!(ok.headers.to().expect("To").tag(), ringing.headers.to().expect("To").tag(), "one dialog");
    let answer = String::from_utf8_lossy(&ok.body).into_owned();
    assert!(answer.contains("m=audio 20000 RTP/AVP 8\r\n"), "{answer}");
    let Event::Answered { leg: answered, media, .. } = lab.event() else { panic!("not told") };
    assert_eq!((answered, media.remote.to_string(), media.codec, media.codec_pt), (leg, "192.0.2.80:4000".to_owned(), Codec::Pcma, 8));

    caller.ack(&mut lab, &invite, &ok, None);
    let bye = caller.request(Method::Bye, "sip:192.0.2.1");
    caller.say(&mut lab, &bye);
    lab.answered(caller.at, 200);
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Remote, status: None, cause: EndCause::HungUp });
}

#[test]
fn we_hang_up_and_say_why() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in_and_answer(&mut lab);
    lab.order(Command::HangUp { leg, cause: HangUpCause::Normal });
    let bye = lab.asked(caller.at, Method::Bye);
    assert_eq!(bye.headers.get(&HeaderName::Reason), Some(&br#"Q.850;cause=16;text="Normal call clearing""#[..]));
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Local, status: None, cause: EndCause::HungUp });
    caller.reply(&mut lab, &caller.respond(&bye, 200));
    lab.wait(seconds(100));
    lab.expect_no_event();
    lab.expect_silence(caller.at);
}

#[test]
fn the_caller_gives_up_while_it_rings() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (invite, leg) = caller.call_in(&mut lab);
    lab.order(Command::Ring { leg });
    lab.answered(caller.at, 180);
    let seq = invite.headers.cseq().expect("CSeq").seq;
    let cancel = caller.request_with_seq(Method::Cancel, "sip:200@192.0.2.1", seq);
    caller.say(&mut lab, &cancel);
    let statuses = [lab.response(caller.at).status, lab.response(caller.at).status];
    assert!(statuses.contains(&200) && statuses.contains(&487), "{statuses:?}");
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Remote, status: Some(487), cause: EndCause::Cancelled });
    lab.order(Command::Answer { leg, local: local(20_000) });
    lab.expect_no_event();
}

#[test]
fn we_refuse_it_with_the_status_ordered() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in(&mut lab);
    lab.order(Command::Refuse { leg, status: 486, reason: Some("All lines busy".to_owned()) });
    assert_eq!(&lab.answered(caller.at, 486).reason[..], b"All lines busy");
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Local, status: Some(486), cause: EndCause::Busy });

    caller.hang_on();
    let (_, leg) = caller.call_in(&mut lab);
    lab.messages(caller.at);
    lab.order(Command::HangUp { leg, cause: HangUpCause::Status { status: 503, text: "No agents".to_owned() } });
    lab.answered(caller.at, 503);
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Local, status: Some(503), cause: EndCause::Unreachable });
}

#[test]
fn without_an_offer_it_gets_ours_and_answers_in_the_ack() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let invite = caller.invite("200", None);
    caller.say(&mut lab, &invite);
    let Event::Invited { leg, offer: None, .. } = lab.event() else { panic!("no call") };
    lab.order(Command::Answer { leg, local: local(20_000) });
    let ok = lab.answered(caller.at, 200);
    assert!(String::from_utf8_lossy(&ok.body).contains("m=audio 20000 RTP/AVP 8 0 101\r\n"));
    lab.expect_no_event();
    caller.ack(&mut lab, &invite, &ok, Some(sdp("192.0.2.80:4000", "sendrecv")));
    assert!(matches!(lab.event(), Event::Answered { leg: answered, .. } if answered == leg));
}

#[test]
fn an_answer_in_the_ack_that_cannot_be_used_ends_the_call() {
    for body in [None, Some("nonsense".to_owned()), Some(sdp("192.0.2.80:4000", "sendrecv").replace("AVP 8", "AVP 18"))] {
        let mut lab = Lab::new();
        let mut caller = Phone::trunk("+390612345");
        let invite = caller.invite("200", None);
        caller.say(&mut lab, &invite);
        lab.event();
        lab.order(Command::Answer { leg: LegId(1), local: local(20_000) });
        let ok = lab.answered(caller.at, 200);
        caller.ack(&mut lab, &invite, &ok, body);
        lab.asked(caller.at, Method::Bye);
        assert_eq!(lab.event(), Event::Ended { leg: LegId(1), by: End::Network, status: None, cause: EndCause::MediaNotAcceptable });
    }
}

#[test]
fn an_offer_that_cannot_be_used_never_becomes_a_call() {
    let cases = [
        ("application/sdp", sdp("192.0.2.80:4000", "sendrecv").replace("AVP 8", "AVP 18"), 488),
        ("application/sdp", "not a description".to_owned(), 400),
        ("application/isup", "x".to_owned(), 415),
    ];
    for (content_type, body, status) in cases {
        let mut lab = Lab::new();
        let mut caller = Phone::trunk("+390612345");
        let invite = caller.request(Method::Invite, "sip:200@192.0.2.1").with_body(content_type, body);
        caller.say(&mut lab, &invite);
        lab.answered(caller.at, status);
        assert!(matches!(lab.event(), Event::Refused { status: told, .. } if told == status));
    }
}

#[test]
fn more_calls_than_there_is_room_for_are_put_off() {
    let mut lab = Lab::with(|config| carillon_sip_leg::UaConfig { max_legs: 1, ..config });
    let mut first = Phone::trunk("+390612345");
    first.call_in(&mut lab);
    let mut second = Phone { call_id: "second".to_owned(), ..Phone::trunk("+390699999") };
    let invite = second.invite("200", None);
    second.say(&mut lab, &invite);
    assert!(lab.answered(second.at, 503).headers.has(&HeaderName::RetryAfter));
}

#[test]
fn a_caller_whose_connection_breaks_while_it_waits_is_lost() {
    let mut lab = Lab::new();
    let mut phone = Phone { flow: Some(5), ..Phone::new("1001", "192.0.2.10:5060") };
    let invite = phone.invite("200", Some(sdp("192.0.2.10:4000", "sendrecv")));
    phone.say(&mut lab, &invite);
    let challenge = lab.answered(phone.at, 401);
    let proven = phone.prove(&invite, &challenge);
    phone.say(&mut lab, &proven);
    let Event::Invited { leg, .. } = lab.event() else { panic!("no call") };
    lab.close(5);
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Network, status: None, cause: EndCause::PeerLost });
}
