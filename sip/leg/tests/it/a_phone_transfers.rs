//! REFER (RFC 3515), Replaces (RFC 3891) and the NOTIFYs that tell how it went.

use crate::support::{Lab, Phone, local, sdp, seconds};
use carillon_sip_core::message::{HeaderName, Method, Request, Response};
use carillon_sip_leg::{Command, EndCause, Event, HangUpCause, LegId, ReferId};

/// A registered phone that called and is up as leg 1.
fn on_a_call() -> (Lab, Phone, LegId) {
    let mut lab = Lab::new();
    let mut desk = lab.registered("1001", "192.0.2.10:5060");
    let leg = call(&mut lab, &mut desk);
    (lab, desk, leg)
}

/// One more call of a registered phone, answered.
fn call(lab: &mut Lab, desk: &mut Phone) -> LegId {
    desk.hang_on();
    let invite = desk.invite("200", Some(sdp("192.0.2.10:4000", "sendrecv")));
    desk.say(lab, &invite);
    let challenge = lab.answered(desk.at, 401);
    let ack = desk.request_with_seq(Method::Ack, "sip:200@192.0.2.1", desk.seq);
    desk.say(lab, &ack);
    let proven = desk.prove(&invite, &challenge);
    desk.say(lab, &proven);
    let Event::Invited { leg, .. } = lab.call_event() else { panic!("no call") };
    lab.order(Command::Answer { leg, local: local(20_000) });
    let ok = lab.answered(desk.at, 200);
    desk.ack(lab, &proven, &ok, None);
    assert!(matches!(lab.call_event(), Event::Answered { .. }));
    leg
}

fn refer(desk: &mut Phone, refer_to: &str) -> Request {
    desk.request(Method::Refer, "sip:192.0.2.1:5060").with(HeaderName::ReferTo, refer_to)
}

fn say_refer(lab: &mut Lab, desk: &mut Phone, refer_to: &str) -> Event {
    let refer = refer(desk, refer_to);
    desk.say(lab, &refer);
    lab.call_event()
}

fn status(lab: &mut Lab, leg: LegId, refer: ReferId, status: u16) {
    lab.order(Command::ReferStatus { leg, refer, status });
}

/// The next NOTIFY, answered: its Event, its state, its first line.
fn notified(lab: &mut Lab, desk: &Phone) -> (String, String, String) {
    let notify = lab.asked(desk.at, Method::Notify);
    desk.reply(lab, &Response::to(&notify, 200));
    let text = |name: HeaderName| notify.headers.text(&name).unwrap_or_default().into_owned();
    assert_eq!(text(HeaderName::ContentType), "message/sipfrag;version=2.0");
    assert!(notify.headers.has(&HeaderName::Contact));
    (text(HeaderName::Event), text(HeaderName::SubscriptionState), String::from_utf8_lossy(&notify.body).trim_end().to_owned())
}

#[test]
fn a_blind_transfer_is_told_accepted_and_followed() {
    let (mut lab, mut desk, leg) = on_a_call();
    let Event::Referred { leg: asked, refer: id, number, replaces } = say_refer(&mut lab, &mut desk, "<sip:300@192.0.2.1>") else {
        panic!("no REFER")
    };
    assert_eq!((asked, number.as_str(), replaces), (leg, "300", None));
    lab.expect_silence(desk.at);
    status(&mut lab, leg, id, 100);
    lab.answered(desk.at, 202);
    assert_eq!(notified(&mut lab, &desk), ("refer".to_owned(), "active;expires=180".to_owned(), "SIP/2.0 100 Trying".to_owned()));
    status(&mut lab, leg, id, 180);
    assert_eq!(notified(&mut lab, &desk).2, "SIP/2.0 180 Ringing");
    status(&mut lab, leg, id, 200);
    let (_, state, line) = notified(&mut lab, &desk);
    assert_eq!((state.as_str(), line.as_str()), ("terminated;reason=noresource", "SIP/2.0 200 OK"));
    // That was the last word.
    status(&mut lab, leg, id, 486);
    lab.expect_silence(desk.at);
    lab.order(Command::HangUp { leg, cause: HangUpCause::Normal });
    lab.asked(desk.at, Method::Bye);
}

#[test]
fn a_transfer_that_fails_leaves_the_call_and_may_be_tried_again() {
    let (mut lab, mut desk, leg) = on_a_call();
    let first = say_refer(&mut lab, &mut desk, "<sip:300@192.0.2.1>");
    let Event::Referred { refer: id, .. } = first else { panic!("{first:?}") };
    status(&mut lab, leg, id, 100);
    lab.answered(desk.at, 202);
    notified(&mut lab, &desk);
    status(&mut lab, leg, id, 486);
    assert_eq!(notified(&mut lab, &desk).2, "SIP/2.0 486 Busy Here");

    let second = say_refer(&mut lab, &mut desk, "<tel:+39-06-777>");
    let Event::Referred { refer, number, .. } = second else { panic!("{second:?}") };
    assert_eq!(number, "+3906777");
    assert_ne!(refer, id);
    status(&mut lab, leg, refer, 603);
    lab.answered(desk.at, 603);
    lab.expect_silence(desk.at);
    // The second REFER of a dialog must be told by its id (RFC 3515 2.4.6).
    let third = say_refer(&mut lab, &mut desk, "<sip:301@192.0.2.1>");
    let Event::Referred { refer, .. } = third else { panic!("{third:?}") };
    status(&mut lab, leg, refer, 100);
    lab.answered(desk.at, 202);
    assert_eq!(notified(&mut lab, &desk).0, format!("refer;id={}", refer.0));
}

#[test]
fn a_phone_that_wants_no_news_gets_none() {
    let (mut lab, mut desk, leg) = on_a_call();
    let request = refer(&mut desk, "<sip:300@192.0.2.1>").with(HeaderName::ReferSub, "false");
    desk.say(&mut lab, &request);
    let Event::Referred { refer, .. } = lab.call_event() else { panic!("no REFER") };
    status(&mut lab, leg, refer, 100);
    let accepted = lab.answered(desk.at, 202);
    assert_eq!(accepted.headers.text(&HeaderName::ReferSub).as_deref(), Some("false"));
    status(&mut lab, leg, refer, 200);
    lab.expect_silence(desk.at);
}

#[test]
fn an_attended_transfer_names_the_phones_other_leg() {
    let (mut lab, mut desk, first) = on_a_call();
    let mut consult = desk.clone();
    let second = call(&mut lab, &mut consult);
    let names = |phone: &Phone| {
        format!(
            "<sip:192.0.2.1:5060?Replaces={}%3Bto-tag%3D{}%3Bfrom-tag%3D{}>",
            phone.call_id,
            phone.their_tag.as_deref().expect("a dialog"),
            phone.tag
        )
    };
    let Event::Referred { leg, replaces, .. } = say_refer(&mut lab, &mut desk, &names(&consult)) else { panic!("no REFER") };
    assert_eq!((leg, replaces), (first, Some(second)));
    // Naming the very call it speaks in, a tag that is wrong, or a call of somebody else's, it gets nowhere.
    status(&mut lab, first, ReferId(desk.seq), 486);
    lab.answered(desk.at, 486);
    let mut stranger = Phone::trunk("+390612345");
    stranger.hang_on();
    let (_, theirs) = stranger.call_in_and_answer(&mut lab);
    assert!(theirs != first && theirs != second);
    for refer_to in [names(&desk), names(&stranger), names(&Phone { tag: "other".to_owned(), ..consult.clone() })] {
        let request = refer(&mut desk, &refer_to);
        desk.say(&mut lab, &request);
        lab.answered(desk.at, 603);
    }
    lab.expect_no_event();
}

#[test]
fn what_is_no_request_for_a_call_is_refused() {
    let (mut lab, mut desk, _) = on_a_call();
    for (refer_to, status) in [
        ("<sip:300@192.0.2.1;method=BYE>", 403),
        ("<sip:30%0d%0aVia:0@192.0.2.1>", 400),
        ("<sip:192.0.2.1>", 400),
        ("<mailto:anna@example.net>", 416),
        ("<sip:300@192.0.2.1?Replaces=x>", 400),
    ] {
        let request = refer(&mut desk, refer_to);
        desk.say(&mut lab, &request);
        lab.answered(desk.at, status);
    }
    let nothing = desk.request(Method::Refer, "sip:192.0.2.1:5060");
    desk.say(&mut lab, &nothing);
    lab.answered(desk.at, 400);
    lab.expect_no_event();
}

#[test]
fn a_refer_that_nobody_answers_is_declined_and_another_waits_for_it() {
    let (mut lab, mut desk, _) = on_a_call();
    say_refer(&mut lab, &mut desk, "<sip:300@192.0.2.1>");
    let other = refer(&mut desk, "<sip:301@192.0.2.1>");
    desk.say(&mut lab, &other);
    lab.answered(desk.at, 491);
    lab.wait(seconds(6));
    lab.answered(desk.at, 603);
    assert!(matches!(say_refer(&mut lab, &mut desk, "<sip:300@192.0.2.1>"), Event::Referred { .. }));
}

#[test]
fn hanging_up_ends_the_news() {
    let (mut lab, mut desk, leg) = on_a_call();
    let event = say_refer(&mut lab, &mut desk, "<sip:300@192.0.2.1>");
    let Event::Referred { refer, .. } = event else { panic!("{event:?}") };
    status(&mut lab, leg, refer, 100);
    lab.answered(desk.at, 202);
    notified(&mut lab, &desk);
    lab.order(Command::HangUp { leg, cause: HangUpCause::Normal });
    assert_eq!(notified(&mut lab, &desk).2, "SIP/2.0 487 Request Terminated");
    lab.asked(desk.at, Method::Bye);
}

#[test]
fn a_phone_that_refuses_the_news_or_hangs_up_at_once_harms_nothing() {
    let (mut lab, mut desk, leg) = on_a_call();
    let event = say_refer(&mut lab, &mut desk, "<sip:300@192.0.2.1>");
    let Event::Referred { refer, .. } = event else { panic!("{event:?}") };
    status(&mut lab, leg, refer, 100);
    lab.answered(desk.at, 202);
    let notify = lab.asked(desk.at, Method::Notify);
    desk.reply(&mut lab, &Response::to(&notify, 481));
    status(&mut lab, leg, refer, 180);
    lab.expect_silence(desk.at);
    let bye = desk.request(Method::Bye, "sip:192.0.2.1");
    desk.say(&mut lab, &bye);
    lab.answered(desk.at, 200);
    status(&mut lab, leg, refer, 200);
    assert!(matches!(lab.call_event(), Event::Ended { cause: EndCause::HungUp, .. }));
    lab.expect_silence(desk.at);
}

#[test]
fn an_invite_that_replaces_names_the_leg_it_takes_the_place_of() {
    let (mut lab, desk, first) = on_a_call();
    let mut other = lab.registered("1002", "192.0.2.11:5060");
    let value = |to_tag: &str| format!("{};to-tag={to_tag};from-tag={}", desk.call_id, desk.tag);
    let known = desk.their_tag.clone().expect("a dialog");
    for (replaces, expected) in
        [(value(&known), None), (value("guessed"), Some(481)), (value(&known) + ";early-only", Some(486)), ("x".to_owned(), Some(400))]
    {
        other.hang_on();
        let invite = other.invite("1001", Some(sdp("192.0.2.11:4000", "sendrecv"))).with(HeaderName::Replaces, replaces);
        other.say(&mut lab, &invite);
        let challenge = lab.answered(other.at, 401);
        let ack = other.request_with_seq(Method::Ack, "sip:1001@192.0.2.1", other.seq);
        other.say(&mut lab, &ack);
        let mut proven = other.prove(&invite, &challenge);
        proven.headers.copy(&invite.headers, &HeaderName::Replaces);
        other.say(&mut lab, &proven);
        match expected {
            Some(status) => drop(lab.answered(other.at, status)),
            None => assert!(matches!(lab.call_event(), Event::Invited { replaces: Some(leg), .. } if leg == first)),
        }
        lab.messages(other.at);
        lab.events();
    }
}

#[test]
fn a_refer_outside_a_call_must_prove_who_asks_and_is_still_refused() {
    let mut lab = Lab::new();
    let mut desk = lab.registered("1001", "192.0.2.10:5060");
    let request = refer(&mut desk, "<sip:300@192.0.2.1>");
    desk.say(&mut lab, &request);
    let challenge = lab.answered(desk.at, 401);
    let mut proven = desk.prove(&request, &challenge);
    proven.headers.copy(&request.headers, &HeaderName::ReferTo);
    desk.say(&mut lab, &proven);
    lab.answered(desk.at, 403);
    let mut stranger = Phone::new("9999", crate::support::STRANGER);
    stranger.domain = "elsewhere.example.net".to_owned();
    let request = refer(&mut stranger, "<sip:300@192.0.2.1>");
    stranger.say(&mut lab, &request);
    lab.answered(stranger.at, 403);
}

#[test]
fn a_ringing_leg_cannot_be_transferred_yet() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in(&mut lab);
    lab.order(Command::Ring { leg });
    let ringing = lab.answered(caller.at, 180);
    caller.learn(&ringing);
    let request = refer(&mut caller, "<sip:300@192.0.2.1>");
    caller.say(&mut lab, &request);
    lab.answered(caller.at, 491);
}
