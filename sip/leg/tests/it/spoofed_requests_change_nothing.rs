use crate::support::{Lab, Phone, STRANGER, address, sdp};
use carillon_sip_core::message::{HeaderName, Method, Request};
use carillon_sip_leg::Event;

/// A call that is up, and requests in its dialog as somebody else would forge them.
fn forgeries(caller: &mut Phone) -> Vec<Request> {
    let bye = caller.request(Method::Bye, "sip:192.0.2.1");
    let reinvite = caller.invite("200", Some(sdp("198.51.100.66:4000", "sendrecv")));
    let info = caller.request(Method::Info, "sip:192.0.2.1").with_body("application/dtmf", "1");
    let cancel = caller.request_with_seq(Method::Cancel, "sip:200@192.0.2.1", 1);
    vec![bye, reinvite, info, cancel]
}

#[test]
fn the_right_tags_from_another_address_change_nothing() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    caller.call_in_and_answer(&mut lab);
    let thief = Phone { at: address(STRANGER), ..caller.clone() };
    for request in forgeries(&mut caller) {
        thief.say(&mut lab, &request);
        lab.answered(thief.at, 481);
    }
    lab.expect_no_event();
    lab.expect_silence(caller.at);
    let bye = caller.request(Method::Bye, "sip:192.0.2.1");
    caller.say(&mut lab, &bye);
    lab.answered(caller.at, 200);
    assert!(matches!(lab.event(), Event::Ended { .. }));
}

#[test]
fn wrong_tags_from_the_right_address_change_nothing() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    caller.call_in_and_answer(&mut lab);
    for tagged in [HeaderName::From, HeaderName::To] {
        let mut bye = caller.request(Method::Bye, "sip:192.0.2.1");
        let value = bye.headers.text(&tagged).expect("header").into_owned();
        bye.headers.set(tagged, format!("{value}x"));
        caller.say(&mut lab, &bye);
        lab.answered(caller.at, 481);
    }
    lab.expect_no_event();
}

#[test]
fn a_phone_that_moved_and_registered_again_speaks_for_its_call() {
    let mut lab = Lab::new();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    lab.dial(crate::support::phone("1001"));
    let invite = lab.asked(desk.at, Method::Invite);
    desk.pick_up(&mut lab, &invite);
    lab.asked(desk.at, Method::Ack);
    lab.event();

    let mut mover = Phone { at: address("192.0.2.10:61000"), seq: 100, ..desk.clone() };
    let bye = mover.clone().request_as_callee(&invite, Method::Bye);
    mover.say(&mut lab, &bye);
    lab.answered(mover.at, 481);

    let register = mover.clone();
    assert_eq!(Phone { ..register }.register(&mut lab, 600).status, 200);
    lab.events();
    mover.seq = 200;
    let bye = mover.request_as_callee(&invite, Method::Bye);
    mover.say(&mut lab, &bye);
    lab.answered(mover.at, 200);
    assert!(matches!(lab.event(), Event::Ended { .. }));
}
