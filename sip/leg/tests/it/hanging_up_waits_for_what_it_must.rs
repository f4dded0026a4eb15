use crate::support::{Lab, Phone, local, phone, seconds};
use carillon_sip_core::message::{Message, Method};
use carillon_sip_leg::{Command, End, EndCause, Event, HangUpCause, LegId};

fn hang_up(lab: &mut Lab, leg: LegId) {
    lab.order(Command::HangUp { leg, cause: HangUpCause::Normal });
}

fn requests(lab: &mut Lab, at: std::net::SocketAddr, wanted: Method) -> usize {
    lab.messages(at).iter().filter(|message| matches!(message, Message::Request(request) if request.method == wanted)).count()
}

#[test]
fn a_bye_waits_for_the_ack_of_our_200() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (invite, leg) = caller.call_in(&mut lab);
    lab.order(Command::Answer { leg, local: local(20_000) });
    let ok = lab.answered(caller.at, 200);
    lab.event();
    hang_up(&mut lab, leg);
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Local, status: None, cause: EndCause::HungUp });
    lab.expect_silence(caller.at);
    caller.ack(&mut lab, &invite, &ok, None);
    lab.asked(caller.at, Method::Bye);
    lab.expect_no_event();
}

#[test]
fn an_ack_that_never_comes_ends_the_call_with_a_bye() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in(&mut lab);
    lab.order(Command::Answer { leg, local: local(20_000) });
    assert!(matches!(lab.event(), Event::Answered { .. }));
    lab.wait(seconds(31));
    lab.expect_no_event();
    assert_eq!(requests(&mut lab, caller.at, Method::Bye), 0);
    lab.wait(seconds(2));
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Network, status: None, cause: EndCause::ProtocolError });
    assert!(requests(&mut lab, caller.at, Method::Bye) > 0);
    lab.wait(seconds(100));
    lab.expect_no_event();
}

#[test]
fn a_cancel_waits_for_the_first_sign_of_life() {
    let mut lab = Lab::new();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    let leg = lab.dial(phone("1001"));
    let invite = lab.asked(desk.at, Method::Invite);
    hang_up(&mut lab, leg);
    assert_eq!(lab.event(), Event::Ended { leg, by: End::Local, status: None, cause: EndCause::Cancelled });
    lab.expect_silence(desk.at);
    desk.reply(&mut lab, &desk.respond(&invite, 180));
    let cancel = lab.asked(desk.at, Method::Cancel);
    desk.reply(&mut lab, &desk.respond(&cancel, 200));
    desk.reply(&mut lab, &desk.respond(&invite, 487));
    lab.asked(desk.at, Method::Ack);
    lab.wait(seconds(20));
    lab.expect_no_event();
}

#[test]
fn a_bye_that_nobody_answers_ends_the_leg_all_the_same() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in_and_answer(&mut lab);
    hang_up(&mut lab, leg);
    assert!(matches!(lab.event(), Event::Ended { by: End::Local, .. }));
    lab.wait(seconds(200));
    lab.expect_no_event();
    assert!(requests(&mut lab, caller.at, Method::Bye) > 1, "it was repeated");
    assert_eq!(lab.ua_timer(), None, "nothing of it is left");
}

#[test]
fn hanging_up_twice_says_it_once() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in_and_answer(&mut lab);
    hang_up(&mut lab, leg);
    hang_up(&mut lab, leg);
    assert_eq!(lab.events().len(), 1);
    assert_eq!(requests(&mut lab, caller.at, Method::Bye), 1);
}

#[test]
fn byes_that_cross_are_both_answered() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in_and_answer(&mut lab);
    hang_up(&mut lab, leg);
    lab.asked(caller.at, Method::Bye);
    let bye = caller.request(Method::Bye, "sip:192.0.2.1");
    caller.say(&mut lab, &bye);
    lab.answered(caller.at, 200);
    assert_eq!(lab.events().len(), 1);
}
