use crate::support::{Lab, Phone, sdp};
use carillon_sip_core::message::Method;
use carillon_sip_leg::{Event, LegId};

fn info(lab: &mut Lab, caller: &mut Phone, content_type: &str, body: &str) -> u16 {
    let info = caller.request(Method::Info, "sip:192.0.2.1").with_body(content_type, body.to_owned());
    caller.say(lab, &info);
    lab.response(caller.at).status
}

#[test]
fn digits_come_by_info_in_both_spellings() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in_and_answer(&mut lab);
    assert_eq!(info(&mut lab, &mut caller, "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"), 200);
    assert_eq!(lab.event(), Event::Digit { leg, digit: '5', duration_ms: 160 });
    assert_eq!(info(&mut lab, &mut caller, "application/dtmf", "#"), 200);
    assert_eq!(lab.event(), Event::Digit { leg, digit: '#', duration_ms: 250 });
}

#[test]
fn an_info_sent_again_is_one_digit() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    caller.call_in_and_answer(&mut lab);
    let info = caller.request(Method::Info, "sip:192.0.2.1").with_body("application/dtmf", "1");
    for _ in 0..3 {
        caller.say(&mut lab, &info);
        lab.answered(caller.at, 200);
    }
    assert_eq!(lab.events(), [Event::Digit { leg: LegId(1), digit: '1', duration_ms: 250 }]);
}

#[test]
fn other_bodies_are_refused_and_none_is_a_question_whether_we_are_there() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    caller.call_in_and_answer(&mut lab);
    assert_eq!(info(&mut lab, &mut caller, "application/dtmf-relay", "Signal=99"), 400);
    assert_eq!(info(&mut lab, &mut caller, "application/media_control+xml", "<x/>"), 415);
    let empty = caller.request(Method::Info, "sip:192.0.2.1");
    caller.say(&mut lab, &empty);
    lab.answered(caller.at, 200);
    lab.expect_no_event();
}

#[test]
fn what_was_agreed_for_media_does_not_silence_info() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in_and_answer(&mut lab);
    let without = sdp("192.0.2.80:4000", "sendrecv");
    let with = without.replace("AVP 8", "AVP 8 101") + "a=rtpmap:101 telephone-event/8000\r\n";
    for offer in [with, without] {
        let reinvite = caller.invite("200", Some(offer));
        caller.say(&mut lab, &reinvite);
        let ok = lab.answered(caller.at, 200);
        caller.ack(&mut lab, &reinvite, &ok, None);
        assert!(matches!(lab.event(), Event::MediaChanged { .. }));
        assert_eq!(info(&mut lab, &mut caller, "application/dtmf", "7"), 200);
        assert_eq!(lab.events(), [Event::Digit { leg, digit: '7', duration_ms: 250 }]);
    }
}
