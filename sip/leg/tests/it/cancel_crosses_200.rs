use crate::support::{Lab, Phone, local, phone, seconds};
use carillon_sip_core::message::{HeaderName, Method};
use carillon_sip_leg::{Command, End, EndCause, Event, HangUpCause};

#[test]
fn a_200_that_crosses_our_cancel_is_acknowledged_and_hung_up() {
    let mut lab = Lab::new();
    let mut desk = lab.registered("1001", "192.0.2.10:5060");
    let leg = lab.dial(phone("1001"));
    let invite = lab.asked(desk.at, Method::Invite);
    desk.reply(&mut lab, &desk.respond(&invite, 180));
    assert_eq!(lab.event(), Event::Ringing { leg });
    lab.order(Command::HangUp { leg, cause: HangUpCause::AnsweredElsewhere });
    let elsewhere = &br#"SIP;cause=200;text="Call completed elsewhere""#[..];
    assert_eq!(lab.asked(desk.at, Method::Cancel).headers.get(&HeaderName::Reason), Some(elsewhere));
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Local, status: None, cause: EndCause::AnsweredElsewhere });

    desk.pick_up(&mut lab, &invite);
    lab.asked(desk.at, Method::Ack);
    let bye = lab.asked(desk.at, Method::Bye);
    assert_eq!(bye.headers.get(&HeaderName::Reason), Some(elsewhere));
    desk.their_tag = None;
    desk.reply(&mut lab, &desk.respond(&bye, 200));
    lab.wait(seconds(10));
    lab.expect_no_event();
}

#[test]
fn a_cancel_that_crosses_our_200_changes_nothing() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (invite, leg) = caller.call_in(&mut lab);
    lab.order(Command::Answer { leg, local: local(20_000) });
    let ok = lab.answered(caller.at, 200);
    let seq = invite.headers.cseq().expect("CSeq").seq;
    let cancel = caller.request_with_seq(Method::Cancel, "sip:200@192.0.2.1", seq);
    caller.say(&mut lab, &cancel);
    assert_eq!(lab.answered(caller.at, 200).headers.cseq().expect("CSeq").method, Method::Cancel);
    assert!(matches!(lab.event(), Event::Answered { .. }));
    lab.expect_no_event();
    caller.ack(&mut lab, &invite, &ok, None);
    let bye = caller.request(Method::Bye, "sip:192.0.2.1");
    caller.say(&mut lab, &bye);
    lab.answered(caller.at, 200);
    assert!(matches!(lab.event(), Event::Ended { by: End::Remote, cause: EndCause::HungUp, .. }));
}
