//! Calls to a trunk: its challenge is answered for its realm alone (threat 6), and when its first address cannot be reached the next is tried.

use crate::support::{Lab, Phone, address, local, milliseconds, sdp, seconds};
use carillon_media_sdp::Direction;
use carillon_sip_core::{
    Engine, Hop, Transport,
    digest::{Challenger, Ha1, Policy},
    message::{HeaderName, Message, Method, Request, Response},
};
use carillon_sip_leg::{Command, Credentials, End, EndCause, Event, HangUpCause, Held, LegId, Target, TrunkPeer};

const FIRST: &str = "192.0.2.80:5060";
const SECOND: &str = "192.0.2.81:5060";

fn trunk(addresses: &[&str], transport: Transport) -> Lab {
    let mut lab = Lab::new();
    let peer = |at: &&str| TrunkPeer {
        name: "carrier".to_owned(),
        address: address(at),
        transport,
        domain: Some("carrier.example".parse().expect("a host")),
        credentials: Some(Credentials::new("300", "carrier", "a secret")),
        large_by_tcp: false,
        ask: false,
    };
    lab.order(Command::SetTrunks(addresses.iter().map(peer).collect()));
    lab.dial(Target::Trunk { name: "carrier".to_owned(), number: "+390699999".to_owned() });
    lab
}

fn challenge(lab: &mut Lab, challenger: &mut Challenger, request: &Request, status: u16) {
    let name = if status == 401 { HeaderName::WwwAuthenticate } else { HeaderName::ProxyAuthenticate };
    let values = challenger.challenge(lab.now, false);
    let response = values.into_iter().fold(Response::to(request, status), |response, value| response.with(name.clone(), value));
    lab.send(address(FIRST), response.to_bytes());
}

#[test]
fn a_challenge_of_the_trunk_s_realm_is_answered_once() {
    let mut lab = trunk(&[FIRST], Transport::Udp);
    let mut carrier = Challenger::new("carrier", [3; 32], Policy::Both);
    let first = lab.asked(address(FIRST), Method::Invite);
    assert!(!first.headers.has(&HeaderName::Authorization));
    challenge(&mut lab, &mut carrier, &first, 401);
    lab.asked(address(FIRST), Method::Ack);
    let second = lab.asked(address(FIRST), Method::Invite);
    let proven = carrier.verify(lab.now, &second, |_| Some(Ha1::from_password("300", "carrier", "a secret")));
    assert_eq!(proven.expect("a proof").name, "300");
    for name in [HeaderName::CallId, HeaderName::From] {
        assert_eq!(first.headers.get(&name), second.headers.get(&name), "{name}");
    }
    assert_eq!(second.headers.cseq().expect("a CSeq").seq, first.headers.cseq().expect("a CSeq").seq + 1);
    challenge(&mut lab, &mut carrier, &second, 401);
    lab.asked(address(FIRST), Method::Ack);
    lab.expect_silence(address(FIRST));
    assert_eq!(lab.event(), Event::Ended { leg: LegId(100), by: End::Remote, status: Some(401), cause: EndCause::Forbidden });
}

#[test]
fn a_hold_that_is_challenged_is_proven_too_and_a_stranger_s_realm_in_mid_call_is_not() {
    for (realm, is_proven) in [("carrier", true), ("elsewhere", false)] {
        let mut lab = trunk(&[FIRST], Transport::Udp);
        let invite = lab.asked(address(FIRST), Method::Invite);
        let answer = Response::to(&invite, 200).with(HeaderName::Contact, "<sip:192.0.2.80:5060>");
        let mut answer = answer.with_body("application/sdp", sdp("192.0.2.80:4000", "sendrecv"));
        answer.headers.tag_to("callee");
        lab.send(address(FIRST), answer.to_bytes());
        lab.asked(address(FIRST), Method::Ack);
        lab.events();
        lab.order(Command::SetDirection { leg: LegId(100), direction: Direction::SendOnly });
        let mut carrier = Challenger::new(realm, [3; 32], Policy::Both);
        let first = lab.asked(address(FIRST), Method::Invite);
        challenge(&mut lab, &mut carrier, &first, 407);
        lab.asked(address(FIRST), Method::Ack);
        if !is_proven {
            assert_eq!(lab.event(), Event::MediaChangeRefused { leg: LegId(100), status: Some(407) });
            lab.expect_silence(address(FIRST));
            continue;
        }
        let mut second = lab.asked(address(FIRST), Method::Invite);
        let proof = second.headers.get(&HeaderName::ProxyAuthorization).expect("a proof").to_vec();
        second.headers.set(HeaderName::Authorization, String::from_utf8(proof).expect("text"));
        let proven = carrier.verify(lab.now, &second, |_| Some(Ha1::from_password("300", "carrier", "a secret")));
        assert_eq!(proven.expect("the right proof").name, "300");
        challenge(&mut lab, &mut carrier, &second, 407);
        lab.asked(address(FIRST), Method::Ack);
        assert_eq!(lab.event(), Event::MediaChangeRefused { leg: LegId(100), status: Some(407) }, "once is enough");
    }
}

/// Whether a request carries the right proof, however it is called.
fn is_proven(lab: &Lab, carrier: &mut Challenger, mut request: Request) -> bool {
    if let Some(proof) = request.headers.get(&HeaderName::ProxyAuthorization).map(<[u8]>::to_vec) {
        request.headers.set(HeaderName::Authorization, String::from_utf8(proof).expect("text"));
    }
    carrier.verify(lab.now, &request, |_| Some(Ha1::from_password("300", "carrier", "a secret"))).is_ok()
}

/// A call that came from the carrier and is up, as leg 1.
fn called_by_the_carrier(offers: bool) -> (Lab, Phone) {
    let mut lab = trunk(&[FIRST], Transport::Udp);
    lab.order(Command::HangUp { leg: LegId(100), cause: HangUpCause::Normal });
    lab.messages(address(FIRST));
    lab.events();
    let mut caller = Phone::trunk("0212345");
    if offers {
        caller.call_in_and_answer(&mut lab);
    } else {
        let invite = caller.invite("200", None);
        caller.say(&mut lab, &invite);
        lab.events();
        lab.order(Command::Answer { leg: LegId(1), local: local(20_000) });
        let ok = lab.answered(caller.at, 200);
        caller.ack(&mut lab, &invite, &ok, Some(sdp("192.0.2.80:4000", "sendrecv")));
    }
    lab.events();
    (lab, caller)
}

#[test]
fn a_hold_of_a_call_from_the_trunk_is_proven_too() {
    for offers in [true, false] {
        let (mut lab, _) = called_by_the_carrier(offers);
        let mut carrier = Challenger::new("carrier", [3; 32], Policy::Both);
        lab.order(Command::SetDirection { leg: LegId(1), direction: Direction::SendOnly });
        let first = lab.asked(address(FIRST), Method::Invite);
        challenge(&mut lab, &mut carrier, &first, 401);
        lab.asked(address(FIRST), Method::Ack);
        let second = lab.asked(address(FIRST), Method::Invite);
        assert!(is_proven(&lab, &mut carrier, second));
    }
}

#[test]
fn a_bye_is_proven_once_whoever_called_and_to_no_stranger() {
    for (realm, calls_us, proven) in [("carrier", true, true), ("carrier", false, true), ("elsewhere", true, false)] {
        let (mut lab, leg) = match calls_us {
            true => (called_by_the_carrier(true).0, LegId(1)),
            false => {
                let mut lab = trunk(&[FIRST], Transport::Udp);
                let invite = lab.asked(address(FIRST), Method::Invite);
                let answer = Response::to(&invite, 200).with(HeaderName::Contact, "<sip:192.0.2.80:5060>");
                let mut answer = answer.with_body("application/sdp", sdp("192.0.2.80:4000", "sendrecv"));
                answer.headers.tag_to("callee");
                lab.send(address(FIRST), answer.to_bytes());
                lab.asked(address(FIRST), Method::Ack);
                (lab, LegId(100))
            }
        };
        let mut carrier = Challenger::new(realm, [3; 32], Policy::Both);
        lab.order(Command::HangUp { leg, cause: HangUpCause::Normal });
        let first = lab.asked(address(FIRST), Method::Bye);
        challenge(&mut lab, &mut carrier, &first, 407);
        if proven {
            let second = lab.asked(address(FIRST), Method::Bye);
            assert_eq!(second.headers.cseq().expect("a CSeq").seq, first.headers.cseq().expect("a CSeq").seq + 1);
            for name in [HeaderName::CallId, HeaderName::From, HeaderName::To, HeaderName::Reason] {
                assert_eq!(first.headers.get(&name), second.headers.get(&name), "{name}");
            }
            assert!(is_proven(&lab, &mut carrier, second.clone()));
            challenge(&mut lab, &mut carrier, &second, 407);
        }
        lab.expect_silence(address(FIRST));
        lab.wait(seconds(64));
        assert_eq!(lab.ua.held(), Held { legs: 0, server_transactions: 0, client_transactions: 0, dialogs: 0 }, "{realm} {calls_us}");
    }
}

#[test]
fn of_two_accounts_with_one_provider_the_call_s_own_proves_its_bye() {
    let mut lab = Lab::new();
    let peer = |name: &str, user: &str| TrunkPeer {
        credentials: Some(Credentials::new(user, "carrier", "a secret")),
        ..TrunkPeer::new(name, address(FIRST), Transport::Udp)
    };
    lab.order(Command::SetTrunks(vec![peer("first", "300"), peer("second", "301")]));
    lab.dial(Target::Trunk { name: "second".to_owned(), number: "+390699999".to_owned() });
    let invite = lab.asked(address(FIRST), Method::Invite);
    let answer = Response::to(&invite, 200).with(HeaderName::Contact, "<sip:192.0.2.80:5060>");
    let mut answer = answer.with_body("application/sdp", sdp("192.0.2.80:4000", "sendrecv"));
    answer.headers.tag_to("callee");
    lab.send(address(FIRST), answer.to_bytes());
    lab.asked(address(FIRST), Method::Ack);
    lab.order(Command::HangUp { leg: LegId(100), cause: HangUpCause::Normal });
    let bye = lab.asked(address(FIRST), Method::Bye);
    let mut carrier = Challenger::new("carrier", [3; 32], Policy::Both);
    challenge(&mut lab, &mut carrier, &bye, 401);
    let proven = lab.asked(address(FIRST), Method::Bye);
    let account = carrier.verify(lab.now, &proven, |user| Some(Ha1::from_password(user, "carrier", "a secret")));
    assert_eq!(account.expect("a proof").name, "301");
}

#[test]
fn a_challenge_of_another_realm_gets_no_proof() {
    let mut lab = trunk(&[FIRST], Transport::Udp);
    let mut stranger = Challenger::new("elsewhere", [3; 32], Policy::Md5);
    let first = lab.asked(address(FIRST), Method::Invite);
    challenge(&mut lab, &mut stranger, &first, 407);
    lab.asked(address(FIRST), Method::Ack);
    lab.expect_silence(address(FIRST));
    assert_eq!(lab.event(), Event::Ended { leg: LegId(100), by: End::Remote, status: Some(407), cause: EndCause::Forbidden });
}

#[test]
fn a_place_of_the_trunk_that_fails_hands_on_to_the_next_and_is_called_last_for_a_while() {
    let mut lab = trunk(&[FIRST, SECOND], Transport::Tcp);
    let invite = lab.asked(address(FIRST), Method::Invite);
    assert_eq!(invite.uri.to_string(), "sip:+390699999@carrier.example;transport=tcp");
    assert_eq!(invite.headers.from().expect("From").uri.sip().map(|uri| uri.host.to_string()).as_deref(), Some("carrier.example"));
    lab.expect_silence(address(SECOND));
    lab.ua.handle_unreachable(lab.now, Hop::tcp(lab.us, address(FIRST), None));
    lab.drain();
    lab.asked(address(SECOND), Method::Invite);
    lab.ua.handle_unreachable(lab.now, Hop::tcp(lab.us, address(SECOND), None));
    lab.drain();
    assert_eq!(lab.event(), Event::Ended { leg: LegId(100), by: End::Network, status: None, cause: EndCause::Unreachable });
}

#[test]
fn places_that_say_nothing_share_three_seconds() {
    let mut silent = trunk(&[FIRST, SECOND], Transport::Udp);
    silent.messages(address(FIRST));
    silent.wait(milliseconds(1400));
    silent.expect_silence(address(SECOND));
    silent.wait(milliseconds(200));
    let invite = silent.asked(address(SECOND), Method::Invite);
    silent.expect_no_event();
    silent.send(address(SECOND), Response::to(&invite, 486).to_bytes());
    silent.event();
    silent.messages(address(FIRST));
    silent.messages(address(SECOND));

    // The one that answered comes first now, until the other has had time to come back.
    silent.dial_as(LegId(101), Target::Trunk { name: "carrier".to_owned(), number: "1".to_owned() });
    silent.asked(address(SECOND), Method::Invite);
    silent.wait(seconds(31));
    silent.messages(address(FIRST));
    silent.messages(address(SECOND));
    silent.dial_as(LegId(102), Target::Trunk { name: "carrier".to_owned(), number: "1".to_owned() });
    silent.asked(address(FIRST), Method::Invite);
}

#[test]
fn only_a_place_without_room_hands_on() {
    for (status, is_tried) in [(503, true), (500, false), (486, false), (404, false)] {
        let mut lab = trunk(&[FIRST, SECOND], Transport::Udp);
        let invite = lab.asked(address(FIRST), Method::Invite);
        lab.send(address(FIRST), Response::to(&invite, status).to_bytes());
        assert_eq!(!lab.messages(address(SECOND)).is_empty(), is_tried, "{status}");
    }
}

#[test]
fn an_invite_too_large_for_a_datagram_goes_by_tcp_where_that_is_set_and_by_udp_where_it_fails() {
    for (large_by_tcp, length, by_tcp) in [(false, 1500, false), (true, 10, false), (true, 1500, true)] {
        let mut lab = Lab::new();
        let peer = TrunkPeer { large_by_tcp, ..TrunkPeer::new("carrier", address(FIRST), Transport::Udp) };
        lab.order(Command::SetTrunks(vec![peer]));
        lab.order(Command::Dial {
            leg: LegId(100),
            to: Target::Trunk { name: "carrier".to_owned(), number: "1".to_owned() },
            from_user: "2".to_owned(),
            from_name: None,
            sdp_offer: local(20_100),
            headers: vec![("Subject".to_owned(), "x".repeat(length))],
        });
        let via = |invite: &Request| invite.headers.top_via().expect("a Via").transport.to_string();
        let invite = lab.asked(address(FIRST), Method::Invite);
        assert_eq!(via(&invite), if by_tcp { "TCP" } else { "UDP" }, "{large_by_tcp} {length}");
        if by_tcp {
            lab.ua.handle_unreachable(lab.now, Hop::tcp(lab.us, address(FIRST), None));
            lab.drain();
            assert_eq!(via(&lab.asked(address(FIRST), Method::Invite)), "UDP");
        }
    }
}

#[test]
fn a_trunk_that_is_asked_tells_whether_it_answers() {
    let mut lab = Lab::new();
    let asked = |at| TrunkPeer { ask: true, ..TrunkPeer::new("carrier", address(at), Transport::Udp) };
    lab.order(Command::SetTrunks(vec![asked(FIRST)]));
    lab.wait(milliseconds(1));
    let question = lab.asked(address(FIRST), Method::Options);
    lab.send(address(FIRST), Response::to(&question, 405).to_bytes());
    assert_eq!(lab.event(), Event::TrunkAnswers { trunk: "carrier".to_owned(), answers: true });
    lab.wait(seconds(59));
    lab.expect_no_event();
    lab.wait(seconds(32));
    assert_eq!(lab.event(), Event::TrunkAnswers { trunk: "carrier".to_owned(), answers: false });
    let question = lab.messages(address(FIRST)).pop();
    let Some(Message::Request(question)) = question else { panic!("a question was expected: {question:?}") };
    lab.send(address(FIRST), Response::to(&question, 200).to_bytes());
    assert_eq!(lab.event(), Event::TrunkAnswers { trunk: "carrier".to_owned(), answers: true });
    lab.order(Command::SetTrunks(vec![]));
    // Copies of questions that were not answered come until their time is over.
    lab.wait(seconds(32));
    lab.messages(address(FIRST));
    lab.wait(seconds(60));
    lab.expect_silence(address(FIRST));
}

#[test]
fn a_trunk_that_takes_no_connection_is_known_to_be_gone_that_moment() {
    let mut lab = Lab::new();
    lab.order(Command::SetTrunks(vec![TrunkPeer { ask: true, ..TrunkPeer::new("carrier", address(FIRST), Transport::Tcp) }]));
    lab.wait(milliseconds(1));
    lab.asked(address(FIRST), Method::Options);
    lab.ua.handle_unreachable(lab.now, Hop::tcp(lab.us, address(FIRST), None));
    lab.drain();
    assert_eq!(lab.event(), Event::TrunkAnswers { trunk: "carrier".to_owned(), answers: false });
    lab.wait(seconds(30));
    let question = lab.asked(address(FIRST), Method::Options);
    lab.send(address(FIRST), Response::to(&question, 200).to_bytes());
    assert_eq!(lab.event(), Event::TrunkAnswers { trunk: "carrier".to_owned(), answers: true });
}

#[test]
fn a_trunk_that_knows_us_by_name_is_asked_in_to_whom_its_caller_wants() {
    let mut lab = trunk(&[FIRST], Transport::Udp);
    lab.messages(address(FIRST));
    let offer = sdp("192.0.2.80:4000", "sendrecv");
    let invite = |to: &str, more: &str| {
        format!(
            "INVITE sip:300@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.80;branch=z9hG4bK{to}{}\r\nMax-Forwards: 70\r\n\
             From: <sip:0212345@192.0.2.80>;tag=a{}\r\nTo: <sip:{to}@192.0.2.80>\r\nCall-ID: in-{to}-{}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:192.0.2.80>\r\n{more}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{offer}",
            more.len(),
            more.len(),
            more.len(),
            offer.len()
        )
    };
    for (to, more, expected) in
        [("5001", "", "5001"), ("300", "", "300"), ("300", "P-Called-Party-ID: <sip:5002@carrier.example>\r\n", "5002")]
    {
        lab.send(address(FIRST), invite(to, more));
        match lab.call_event() {
            Event::Invited { called, .. } => assert_eq!(called, expected),
            other => panic!("a call was expected: {other:?}"),
        }
    }
}
