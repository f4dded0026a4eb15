//! Audio before the answer, and provisional responses that must arrive (RFC 3262), both ways round.

use crate::support::{Lab, Phone, local, phone, sdp, seconds, trunk};
use carillon_sip_core::message::{HeaderName, Message, Method, Request, Response};
use carillon_sip_leg::{Command, EndCause, Event, LegId};

const AT: &str = "192.0.2.80:4000";

/// A trunk's call whose caller names 100rel so, as leg 1.
fn called(rel: Option<HeaderName>, offer: Option<String>) -> (Lab, Phone, Request, LegId) {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let mut invite = caller.invite("200", offer);
    if let Some(header) = rel {
        invite.headers.push(header, "100rel");
    }
    caller.say(&mut lab, &invite);
    let Event::Invited { leg, .. } = lab.event() else { panic!("no call") };
    (lab, caller, invite, leg)
}

fn offered() -> Option<String> {
    Some(sdp(AT, "sendrecv"))
}

fn prack(caller: &mut Phone, invite: &Request, response: &Response) -> Request {
    caller.learn(response);
    let rseq = response.headers.text(&HeaderName::RSeq).expect("an RSeq").into_owned();
    let seq = invite.headers.cseq().expect("CSeq").seq;
    caller.request(Method::Prack, "sip:192.0.2.1").with(HeaderName::RAck, format!("{rseq} {seq} INVITE"))
}

fn is_reliable(response: &Response) -> bool {
    response.headers.text(&HeaderName::Require).as_deref() == Some("100rel") && response.headers.has(&HeaderName::RSeq)
}

#[test]
fn a_caller_hears_us_before_the_answer_which_says_the_same() {
    let (mut lab, caller, _, leg) = called(None, offered());
    lab.order(Command::Progress { leg, local: local(20_000) });
    let progress = lab.answered(caller.at, 183);
    assert!(!is_reliable(&progress));
    assert!(matches!(lab.event(), Event::EarlyMedia { leg: early, media, .. } if early == leg && media.send));
    lab.order(Command::Progress { leg, local: local(22_000) });
    lab.expect_silence(caller.at);
    lab.order(Command::Answer { leg, local: local(24_000) });
    let ok = lab.answered(caller.at, 200);
    assert_eq!(ok.body, progress.body, "two answers to one offer must not differ");
    assert!(matches!(lab.event(), Event::Answered { .. }));
}

#[test]
fn what_must_arrive_is_said_until_its_prack_and_everything_else_waits() {
    for header in [HeaderName::Require, HeaderName::Supported] {
        let (mut lab, mut caller, invite, leg) = called(Some(header), offered());
        lab.order(Command::Progress { leg, local: local(20_000) });
        let first = lab.answered(caller.at, 183);
        assert!(is_reliable(&first));
        lab.order(Command::Answer { leg, local: local(20_000) });
        lab.wait(seconds(2));
        let repeated: Vec<Message> = lab.messages(caller.at);
        assert_eq!(repeated.len(), 2, "at 0.5 and 1.5 seconds");
        // A PRACK for something else is none.
        let mut wrong = prack(&mut caller, &invite, &first);
        wrong.headers.set(HeaderName::RAck, "1 99 INVITE");
        caller.say(&mut lab, &wrong);
        lab.answered(caller.at, 481);
        let right = prack(&mut caller, &invite, &first);
        caller.say(&mut lab, &right);
        lab.answered(caller.at, 200);
        lab.answered(caller.at, 200);
        assert!(matches!(lab.events().as_slice(), [Event::EarlyMedia { .. }, Event::Answered { .. }]));
    }
}

#[test]
fn who_insists_gets_ringing_reliably_and_in_its_turn() {
    let (mut lab, mut caller, invite, leg) = called(Some(HeaderName::Require), offered());
    lab.order(Command::Ring { leg });
    let ringing = lab.answered(caller.at, 180);
    assert!(is_reliable(&ringing) && ringing.body.is_empty());
    lab.order(Command::Progress { leg, local: local(20_000) });
    lab.expect_silence(caller.at);
    let acknowledged = prack(&mut caller, &invite, &ringing);
    caller.say(&mut lab, &acknowledged);
    lab.answered(caller.at, 200);
    let progress = lab.answered(caller.at, 183);
    let number = |response: &Response| response.headers.number::<u32>(HeaderName::RSeq).ok().flatten().expect("RSeq");
    assert_eq!(number(&progress), number(&ringing) + 1);
}

#[test]
fn a_caller_that_never_acknowledges_is_refused() {
    let (mut lab, caller, _, leg) = called(Some(HeaderName::Require), offered());
    lab.order(Command::Ring { leg });
    lab.messages(caller.at);
    lab.wait(seconds(33));
    assert!(lab.messages(caller.at).iter().any(|message| matches!(message, Message::Response(response) if response.status == 504)));
    assert!(matches!(lab.events().as_slice(), [Event::Ended { leg: ended, cause: EndCause::ProtocolError, .. }] if *ended == leg));
}

#[test]
fn a_caller_without_an_offer_answers_ours_with_its_prack() {
    let (mut lab, mut caller, invite, leg) = called(Some(HeaderName::Require), None);
    lab.order(Command::Ring { leg });
    lab.expect_silence(caller.at);
    lab.order(Command::Progress { leg, local: local(20_000) });
    let progress = lab.answered(caller.at, 183);
    assert!(String::from_utf8_lossy(&progress.body).contains("m=audio 20000 RTP/AVP 8 0 101"));
    lab.expect_no_event();
    let acknowledged = prack(&mut caller, &invite, &progress).with_body("application/sdp", sdp(AT, "sendrecv"));
    caller.say(&mut lab, &acknowledged);
    lab.answered(caller.at, 200);
    assert!(matches!(lab.event(), Event::EarlyMedia { .. }));
    lab.order(Command::Answer { leg, local: local(20_000) });
    assert!(lab.answered(caller.at, 200).body.is_empty());
    assert!(matches!(lab.event(), Event::Answered { .. }));

    let (mut lab, mut caller, invite, leg) = called(Some(HeaderName::Require), None);
    lab.order(Command::Progress { leg, local: local(20_000) });
    let progress = lab.answered(caller.at, 183);
    let without = prack(&mut caller, &invite, &progress);
    caller.say(&mut lab, &without);
    lab.answered(caller.at, 400);
    lab.answered(caller.at, 488);
    assert!(matches!(lab.event(), Event::Ended { leg: ended, cause: EndCause::MediaNotAcceptable, .. } if ended == leg));
}

#[test]
fn a_caller_without_an_offer_and_without_100rel_only_hears_that_it_rings() {
    let (mut lab, caller, _, leg) = called(None, None);
    lab.order(Command::Progress { leg, local: local(20_000) });
    lab.answered(caller.at, 180);
    lab.expect_no_event();
}

#[test]
fn an_early_update_changes_what_was_agreed_for_certain_and_nothing_else() {
    let (mut lab, mut caller, invite, leg) = called(Some(HeaderName::Supported), offered());
    lab.order(Command::Ring { leg });
    let ringing = lab.answered(caller.at, 180);
    caller.learn(&ringing);
    let update = |caller: &mut Phone, lab: &mut Lab| {
        let update = caller.request(Method::Update, "sip:192.0.2.1").with_body("application/sdp", sdp("192.0.2.80:4400", "sendonly"));
        caller.say(lab, &update);
        lab.response(caller.at)
    };
    let refusal = update(&mut caller, &mut lab);
    assert!(refusal.status == 500 && refusal.headers.has(&HeaderName::RetryAfter));
    lab.order(Command::Progress { leg, local: local(20_000) });
    let progress = lab.answered(caller.at, 183);
    let acknowledged = prack(&mut caller, &invite, &progress);
    caller.say(&mut lab, &acknowledged);
    lab.answered(caller.at, 200);
    lab.events();
    assert_eq!(update(&mut caller, &mut lab).status, 200);
    assert!(matches!(lab.event(), Event::EarlyMedia { media, .. } if media.remote.port() == 4400 && !media.send));
    lab.order(Command::Answer { leg, local: local(20_000) });
    assert!(lab.answered(caller.at, 200).body.is_empty(), "what the first answer said no longer holds");
    assert!(matches!(lab.event(), Event::Answered { media, .. } if media.remote.port() == 4400));
}

/// Our call to the trunk, and what it answers from one fork of it.
fn fork(lab: &mut Lab, gateway: &Phone, invite: &Request, status: u16, tag: &str, body: Option<&str>) {
    let one = Phone { tag: tag.to_owned(), ..gateway.clone() };
    let mut response = one.respond(invite, status);
    if let Some(at) = body {
        response = response.with_body("application/sdp", sdp(at, "sendrecv"));
    }
    gateway.reply(lab, &response);
}

#[test]
fn a_callee_that_sends_reliably_gets_each_prack_once_and_in_turn() {
    let mut lab = Lab::new();
    let gateway = Phone::trunk("+390699999");
    let leg = lab.dial(trunk("+390699999"));
    let invite = lab.asked(gateway.at, Method::Invite);
    assert!(invite.headers.text(&HeaderName::Supported).expect("Supported").contains("100rel"));
    let say = |lab: &mut Lab, rseq: u32, status: u16| {
        let response = gateway.respond(&invite, status).with(HeaderName::Require, "100rel").with(HeaderName::RSeq, rseq);
        gateway.reply(lab, &response.with_body("application/sdp", sdp(AT, "sendrecv")));
    };
    say(&mut lab, 700, 183);
    let first = lab.asked(gateway.at, Method::Prack);
    assert_eq!(first.headers.text(&HeaderName::RAck).as_deref(), Some("700 1 INVITE"));
    gateway.reply(&mut lab, &gateway.respond(&first, 200));
    say(&mut lab, 700, 183);
    say(&mut lab, 702, 180);
    lab.expect_silence(gateway.at);
    say(&mut lab, 701, 180);
    let second = lab.asked(gateway.at, Method::Prack);
    assert_eq!(second.headers.text(&HeaderName::RAck).as_deref(), Some("701 1 INVITE"));
    assert!(matches!(lab.events().as_slice(), [Event::Ringing { .. }, Event::EarlyMedia { leg: early, .. }] if *early == leg));
}

#[test]
fn of_forks_the_first_early_audio_is_heard_one_answer_wins_and_the_rest_are_hung_up() {
    let mut lab = Lab::new();
    let gateway = Phone::trunk("+390699999");
    let leg = lab.dial(trunk("+390699999"));
    let invite = lab.asked(gateway.at, Method::Invite);
    fork(&mut lab, &gateway, &invite, 183, "a", Some("192.0.2.80:4000"));
    fork(&mut lab, &gateway, &invite, 183, "b", Some("192.0.2.80:5000"));
    fork(&mut lab, &gateway, &invite, 180, "c", None);
    assert!(matches!(lab.event(), Event::Ringing { .. }));
    assert!(matches!(lab.event(), Event::EarlyMedia { media, .. } if media.remote.port() == 4000));
    lab.expect_no_event();
    // The second fork answers and leaves out what it said before.
    fork(&mut lab, &gateway, &invite, 200, "b", None);
    lab.asked(gateway.at, Method::Ack);
    assert!(matches!(lab.event(), Event::Answered { leg: up, media, .. } if up == leg && media.remote.port() == 5000));
    for tag in ["a", "c"] {
        fork(&mut lab, &gateway, &invite, 200, tag, Some("192.0.2.80:6000"));
        lab.asked(gateway.at, Method::Ack);
        let bye = lab.asked(gateway.at, Method::Bye);
        assert_eq!(bye.headers.to().expect("To").tag(), Some(tag));
        gateway.reply(&mut lab, &gateway.respond(&bye, 200));
    }
    lab.expect_no_event();
}

#[test]
fn a_ringing_callee_moves_its_early_audio_by_update() {
    let mut lab = Lab::new();
    let mut desk = lab.registered("1001", "192.0.2.10:5060");
    lab.dial(phone("1001"));
    let invite = lab.asked(desk.at, Method::Invite);
    let early = desk.respond(&invite, 183).with_body("application/sdp", sdp("192.0.2.10:4000", "sendrecv"));
    desk.reply(&mut lab, &early);
    lab.events();
    let update = desk.request_as_callee(&invite, Method::Update).with_body("application/sdp", sdp("192.0.2.10:4600", "sendrecv"));
    desk.say(&mut lab, &update);
    lab.answered(desk.at, 200);
    assert!(matches!(lab.event(), Event::EarlyMedia { media, .. } if media.remote.port() == 4600));
    desk.reply(&mut lab, &desk.respond(&invite, 200));
    lab.asked(desk.at, Method::Ack);
    assert!(matches!(lab.event(), Event::Answered { media, .. } if media.remote.port() == 4600));
}

#[test]
fn ringing_is_repeated_every_minute_for_proxies_on_the_way() {
    let (mut lab, caller, _, leg) = called(None, offered());
    lab.order(Command::Ring { leg });
    lab.answered(caller.at, 180);
    lab.wait(seconds(130));
    assert_eq!(lab.messages(caller.at).len(), 2);
}

#[test]
fn keys_go_by_info_to_a_peer_that_has_no_other_way() {
    let (mut lab, mut caller, invite, leg) = called(None, offered());
    lab.order(Command::Answer { leg, local: local(20_000) });
    let ok = lab.answered(caller.at, 200);
    caller.ack(&mut lab, &invite, &ok, None);
    lab.order(Command::SendDigit { leg, digit: '#', duration_ms: 160 });
    let info = lab.asked(caller.at, Method::Info);
    assert_eq!(
        (&info.body[..], info.headers.text(&HeaderName::ContentType).as_deref()),
        (&b"Signal=#\r\nDuration=160\r\n"[..], Some("application/dtmf-relay"))
    );
    caller.reply(&mut lab, &Response::to(&info, 200));
    lab.order(Command::SendDigit { leg, digit: '\n', duration_ms: 160 });
    lab.expect_silence(caller.at);
}
