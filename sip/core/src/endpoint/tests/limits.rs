//! Floods: memory is bounded, live calls and trusted peers get through.

use std::time::Duration;

use super::pair::{CALLEE, Pair, Side, address, packet};
use crate::endpoint::{Endpoint, EndpointConfig, EndpointLimits};
use crate::message::{Method, Request, SipUri};
use crate::transport::Transport;

fn small(t: &mut Pair) {
    let limits = EndpointLimits {
        server_transactions: 100,
        reserved_server_transactions: 20,
        server_transactions_per_source: 30,
        dialogs: 50,
        ..EndpointLimits::default()
    };
    t.endpoints[1] = Endpoint::new(EndpointConfig { limits, ..EndpointConfig::new([7; 32]) });
}

fn flood(t: &mut Pair, source: impl Fn(u32) -> String, copies: u32) {
    for n in 0..copies {
        let via = format!("SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKflood{n}");
        t.inject(Side::Callee, &source(n), &packet("OPTIONS sip:192.0.2.20 SIP/2.0", &via, &format!("Call-ID: flood-{n}")));
    }
    t.take(Side::Callee);
}

#[test]
fn one_source_fills_its_own_share_only_and_then_gets_503_without_state() {
    let mut t = Pair::new(Transport::Udp);
    small(&mut t);
    flood(&mut t, |n| format!("198.51.100.1:{}", 1024 + n), 500);
    assert_eq!((t.at(Side::Callee).occupancy().0, t.count("callee 503 OPTIONS")), (30, 470));
    assert_eq!(t.at(Side::Callee).counters().overload, 470);
    t.invite();
    t.settle();
    assert_eq!(t.requested(Side::Callee).1.method, Method::Invite);
}

#[test]
fn a_flood_from_everywhere_leaves_room_for_live_calls_and_trusted_peers() {
    let mut t = Pair::new(Transport::Udp);
    small(&mut t);
    t.at(Side::Callee).trust(["192.0.2.50:5060", "192.0.2.52:0"].map(|trunk| (Transport::Udp, address(trunk))));
    let (caller, callee) = t.talk();
    flood(&mut t, |n| format!("198.51.{}.{}:5060", n / 200, n % 200), 500);
    assert_eq!(t.at(Side::Callee).occupancy().0, 80);

    let trunk = packet("INVITE sip:1001@192.0.2.20 SIP/2.0", "SIP/2.0/UDP 192.0.2.50;branch=z9hG4bKtrunk", "");
    t.inject(Side::Callee, "192.0.2.50:5060", &trunk);
    assert_eq!(t.requested(Side::Callee).1.method, Method::Invite);
    let any_port = packet("OPTIONS sip:192.0.2.20 SIP/2.0", "SIP/2.0/UDP 192.0.2.52;branch=z9hG4bKany", "Call-ID: any");
    t.inject(Side::Callee, "192.0.2.52:39999", &any_port);
    assert_eq!(t.requested(Side::Callee).1.method, Method::Options);
    let stranger = packet("INVITE sip:1001@192.0.2.20 SIP/2.0", "SIP/2.0/UDP 192.0.2.51;branch=z9hG4bKother", "Call-ID: other");
    t.inject(Side::Callee, "192.0.2.51:5060", &stranger);
    assert!(t.take(Side::Callee).is_empty());
    t.bye(Side::Caller, caller);
    t.settle();
    assert_eq!(t.requested(Side::Callee).2, Some(callee));

    t.run_for(Duration::from_secs(40));
    t.take(Side::Callee);
    flood(&mut t, |_| "198.51.100.1:5060".into(), 10);
    assert_eq!(t.at(Side::Callee).occupancy().0, 11, "the trunk's unanswered INVITE and the new ones");
}

#[test]
fn calls_beyond_the_bound_get_503_and_take_no_room() {
    let mut t = Pair::new(Transport::Udp);
    small(&mut t);
    t.at(Side::Callee).trust([(Transport::Udp, address("192.0.2.50:5060"))]);
    for n in 0..60 {
        let via = format!("SIP/2.0/UDP 192.0.2.50;branch=z9hG4bKcall{n}");
        t.inject(Side::Callee, "192.0.2.50:5060", &packet("INVITE sip:1001@192.0.2.20 SIP/2.0", &via, &format!("Call-ID: call-{n}")));
        for event in t.take(Side::Callee) {
            if let crate::EndpointEvent::Request { tx, .. } = event {
                t.respond(tx, 180);
            }
        }
    }
    assert_eq!((t.count("callee 180 INVITE"), t.count("callee 503 INVITE")), (50, 10));
    assert_eq!(t.at(Side::Callee).occupancy(), (50, 0, 50));
}

#[test]
fn our_own_requests_are_bounded_too() {
    let mut t = Pair::new(Transport::Udp);
    let limits = EndpointLimits { client_transactions: 3, ..EndpointLimits::default() };
    t.endpoints[0] = Endpoint::new(EndpointConfig { limits, ..EndpointConfig::new([7; 32]) });
    let (now, hop) = (t.now, t.hop(Side::Caller));
    let mut ask = || t.at(Side::Caller).send_request(now, Request::new(Method::Options, SipUri::at(address(CALLEE))), hop).is_ok();
    assert_eq!([ask(), ask(), ask(), ask()], [true, true, true, false]);
}

#[test]
fn bytes_are_counted_until_their_transaction_ends() {
    let mut t = Pair::new(Transport::Udp);
    let limits = EndpointLimits { server_transaction_bytes: 40_000, ..EndpointLimits::default() };
    t.endpoints[1] = Endpoint::new(EndpointConfig { limits, ..EndpointConfig::new([7; 32]) });
    for _ in 0..2 {
        t.ladder.clear();
        for n in 0..10 {
            let via = format!("SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKbig{n}");
            let more = format!("Call-ID: big-{n}\nSubject: {}", "x".repeat(5_000));
            t.inject(Side::Callee, "198.51.100.1:5060", &packet("OPTIONS sip:192.0.2.20 SIP/2.0", &via, &more));
        }
        assert_eq!((t.take(Side::Callee).len(), t.count("callee 503 OPTIONS")), (5, 5), "three quarters are for everybody");
        t.run_for(Duration::from_secs(40));
    }
}

#[test]
fn two_phones_with_one_private_address_and_one_branch_are_two() {
    let mut t = Pair::new(Transport::Udp);
    let via = "SIP/2.0/UDP 192.168.1.10:5060;branch=z9hG4bK1";
    for (source, call_id) in [("203.0.113.1:5060", "one"), ("203.0.113.2:5060", "two")] {
        t.inject(Side::Callee, source, &packet("OPTIONS sip:192.0.2.20 SIP/2.0", via, &format!("Call-ID: {call_id}")));
        t.requested(Side::Callee);
    }
}
