//! What is repeated, how often, and what stops it (RFC 3261 17, table 4).

use std::time::Duration;

use super::pair::{CALLEE, CALLER, Pair, Side, Weather, address, packet};
use crate::endpoint::EndpointEvent;
use crate::message::{Method, Request, SipUri};
use crate::transport::{Hop, Transport};

const INVITE: &str = "INVITE sip:1001@192.0.2.20 SIP/2.0";
const VIA: &str = "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKrep";

fn deaf() -> Weather {
    Weather { loss: 100, ..Weather::default() }
}

#[test]
fn an_invite_nobody_has_answered_gets_100_after_200_ms_and_no_other_request_does() {
    let mut t = Pair::new(Transport::Udp);
    t.inject(Side::Callee, CALLER, &packet(INVITE, VIA, ""));
    t.inject(Side::Callee, CALLER, &packet("OPTIONS sip:192.0.2.20 SIP/2.0", VIA, "Call-ID: another"));
    t.run_for(Duration::from_millis(199));
    assert!(t.ladder.is_empty());
    t.run_for(Duration::from_millis(1));
    assert_eq!(t.ladder, ["callee 100 INVITE"]);
    t.inject(Side::Callee, CALLER, &packet(INVITE, VIA, ""));
    assert_eq!(t.ladder[1..], ["callee 100 INVITE"], "a repeated INVITE gets the last answer");
}

#[test]
fn a_refusal_after_ringing_is_repeated_until_its_ack() {
    let mut t = Pair::new(Transport::Udp);
    t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 180);
    t.settle();
    t.weather = deaf();
    t.respond(tx, 486);
    t.run_for(Duration::from_secs(8));
    assert_eq!(t.count("callee 486 INVITE"), 5, "at 0, 0.5, 1.5, 3.5 and 7.5 s");
    t.weather = Weather::default();
    t.run_for(Duration::from_secs(40));
    assert_eq!((t.count("callee 486 INVITE"), t.count("caller ACK")), (6, 1));
    assert_eq!(t.answered(Side::Caller).0, [180, 486]);
    t.expect_empty();
}

#[test]
fn a_refusal_that_is_lost_is_given_again_for_each_copy_of_its_request() {
    let mut t = Pair::new(Transport::Udp);
    t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.weather = deaf();
    t.respond(tx, 403);
    t.weather = Weather::default();
    t.run_for(Duration::from_secs(1));
    assert_eq!(t.ladder, ["caller INVITE", "callee 403 INVITE", "caller INVITE", "callee 403 INVITE", "caller ACK"]);
    assert!(t.take(Side::Callee).is_empty(), "heard once");
}

#[test]
fn a_challenge_is_forgotten_sooner_than_a_refusal() {
    let mut t = Pair::new(Transport::Udp);
    for (branch, status) in [("a", 401), ("b", 403)] {
        let via = format!("SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK{branch}");
        t.inject(Side::Callee, CALLER, &packet("REGISTER sip:192.0.2.20 SIP/2.0", &via, &format!("Call-ID: {branch}")));
        let (tx, _, _) = t.requested(Side::Callee);
        t.respond(tx, status);
    }
    t.run_for(Duration::from_secs(6));
    assert_eq!(t.at(Side::Callee).occupancy().0, 1);
    t.run_for(Duration::from_secs(30));
    t.expect_empty();
}

#[test]
fn a_provisional_answer_slows_a_request_down_and_the_final_one_stops_it() {
    let mut t = Pair::new(Transport::Udp);
    t.send(Side::Caller, Request::new(Method::Options, SipUri::at(address(CALLEE))));
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 182);
    t.run_for(Duration::from_secs(9));
    assert_eq!(t.count("caller OPTIONS"), 4, "at 0, 0.5, 4.5 and 8.5 s");
    t.respond(tx, 200);
    t.run_for(Duration::from_secs(40));
    assert_eq!(t.count("caller OPTIONS"), 4);
    t.expect_empty();
}

#[test]
fn over_a_stream_nothing_is_repeated_but_a_200() {
    let mut t = Pair::new(Transport::Tcp);
    t.invite();
    t.send(Side::Caller, Request::new(Method::Options, SipUri::at(address(CALLEE))));
    t.run_for(Duration::from_secs(20));
    assert_eq!((t.count("caller INVITE"), t.count("caller OPTIONS")), (1, 1));
}

#[test]
fn an_unreachable_peer_fails_what_it_never_answered_and_no_ringing_call() {
    let mut t = Pair::new(Transport::Udp);
    t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 180);
    t.settle();
    t.answered(Side::Caller);
    t.weather = deaf();
    let ping = t.send(Side::Caller, Request::new(Method::Options, SipUri::at(address(CALLEE))));
    let (now, hop) = (t.now, t.hop(Side::Caller));
    t.at(Side::Caller).handle_unreachable(now, Hop { flow: None, ..hop });
    t.drain();
    assert!(matches!(t.take(Side::Caller).as_slice(), [EndpointEvent::TransportFailed { tx }] if *tx == ping));
}
