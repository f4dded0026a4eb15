//! What the endpoint refuses by itself, as somebody sees it who sends bytes.

use std::time::Duration;

use bytes::Bytes;

use super::pair::{CALLER, Pair, Side, address, packet};
use crate::message::{HeaderName, Message, Response};
use crate::transport::{Hop, Transport};

const VIA: &str = "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKeve";

/// The responses to one packet, and where they went.
pub(super) fn answers(t: &mut Pair, hop: Hop, bytes: &[u8]) -> Vec<(Hop, Response)> {
    let now = t.now;
    let endpoint = t.at(Side::Callee);
    endpoint.handle_packet(now, hop, Bytes::copy_from_slice(bytes));
    let mut answers = Vec::new();
    while let Some(transmit) = endpoint.poll_transmit() {
        match Message::parse_datagram(transmit.bytes).expect("endpoints send sound messages") {
            Message::Response(response) => answers.push((transmit.hop, response)),
            Message::Request(request) => panic!("sent a {}", request.method),
        }
    }
    answers
}

fn answer(bytes: &[u8]) -> Option<Response> {
    let mut t = Pair::new(Transport::Udp);
    let hop = t.hop(Side::Callee);
    let mut all = answers(&mut t, hop, bytes);
    assert!(all.len() <= 1);
    all.pop().map(|(_, response)| response)
}

fn text(response: &Response, name: HeaderName) -> String {
    response.headers.text(&name).map(|value| value.into_owned()).unwrap_or_default()
}

#[test]
fn each_rule_of_rfc_3261_8_2_has_its_status() {
    let cases: [(&str, &str, Option<u16>); 16] = [
        ("INVITE sip:1001@192.0.2.20 SIP/2.0", "", None),
        ("OPTIONS sip:1001@192.0.2.20 SIP/2.0", "Max-Forwards: 0", None),
        ("INVITE sip:1001@192.0.2.20 SIP/2.0", "Max-Forwards: 0", Some(483)),
        ("INVITE nonsense:1001 SIP/2.0", "", Some(416)),
        ("INVITE sip:1001@192.0.2.20 SIP/2.0", "Require: 100rel, teleport", Some(420)),
        ("INVITE sip:1001@192.0.2.20 SIP/2.0", "Proxy-Require: teleport", None),
        ("PUBLISH sip:1001@192.0.2.20 SIP/2.0", "", Some(405)),
        ("JUMP sip:1001@192.0.2.20 SIP/2.0", "", Some(501)),
        ("invite sip:1001@192.0.2.20 SIP/2.0", "", Some(501)),
        ("BYE sip:1001@192.0.2.20 SIP/2.0", "", Some(481)),
        ("BYE sip:1001@192.0.2.20 SIP/2.0", "To: <sip:1001@example.net>;tag=guess", Some(481)),
        ("INVITE sip:1001@192.0.2.20 SIP/2.0", "To: <sip:1001@example.net>;tag=guess", Some(481)),
        ("CANCEL sip:1001@192.0.2.20 SIP/2.0", "", Some(481)),
        ("INVITE sip:1001@192.0.2.20 SIP/7.0", "", Some(505)),
        ("INVITE sip:1001@192.0.2.20 SIP/2.0", "CSeq: 1 BYE", Some(400)),
        ("ACK sip:1001@192.0.2.20 SIP/2.0", "To: <sip:1001@example.net>;tag=guess", None),
    ];
    for (start, more, status) in cases {
        let response = answer(&packet(start, VIA, more));
        assert_eq!(response.as_ref().map(|response| response.status), status, "{start} {more}");
        let Some(response) = response else { continue };
        assert_eq!(text(&response, HeaderName::Server), "Carillon");
        assert_eq!(text(&response, HeaderName::CallId), "eve-1");
        assert!(response.headers.to().expect("To is echoed").tag().is_some(), "{status:?} without tag");
    }
    let bad_extension = answer(&packet("INVITE sip:1001@192.0.2.20 SIP/2.0", VIA, "Require: 100rel, teleport")).expect("420");
    assert_eq!(text(&bad_extension, HeaderName::Unsupported), "100rel, teleport");
    let bad_method = answer(&packet("PUBLISH sip:1001@192.0.2.20 SIP/2.0", VIA, "")).expect("405");
    assert_eq!(text(&bad_method, HeaderName::Allow), "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, INFO");
}

#[test]
fn an_answer_goes_to_the_source_of_the_packet_whatever_its_headers_say() {
    let mut t = Pair::new(Transport::Udp);
    let hop = Hop { remote: address("192.0.2.77:4444"), ..t.hop(Side::Callee) };
    let via = "SIP/2.0/UDP 198.51.100.9:5070;maddr=203.0.113.5;rport;branch=z9hG4bKmad, SIP/2.0/UDP 198.51.100.8;branch=z9hG4bKnext";
    let all = answers(&mut t, hop, &packet("JUMP sip:1001@192.0.2.20 SIP/2.0", via, "Contact: <sip:eve@203.0.113.9>"));
    let [(to, response)] = all.as_slice() else { panic!("one answer, not {all:?}") };
    assert_eq!(*to, hop);
    let via = response.headers.top_via().expect("Via is echoed");
    assert_eq!((via.rport(), via.received()), (Some(Some(4444)), Some(address("192.0.2.77:1").ip())));
    assert_eq!(response.headers.vias().expect("all of them").len(), 2);
}

#[test]
fn forty_copies_of_an_invite_get_one_to_tag_and_one_event() {
    let mut t = Pair::new(Transport::Udp);
    let hop = t.hop(Side::Callee);
    let bytes = packet("INVITE sip:1001@192.0.2.20 SIP/2.0", VIA, "");
    for _ in 0..20 {
        assert!(answers(&mut t, hop, &bytes).is_empty());
    }
    t.drain();
    let (tx, _, _) = t.requested(Side::Callee);
    let now = t.now;
    t.at(Side::Callee).respond(now, tx, Response::new(486)).expect("it waits");
    let mut tags = std::collections::BTreeSet::new();
    let mut count = 0;
    for _ in 0..20 {
        for (_, response) in answers(&mut t, hop, &bytes) {
            count += 1;
            tags.insert(response.headers.to().expect("To").tag().map(str::to_owned));
        }
    }
    assert_eq!((count, tags.len()), (21, 1));
    assert_eq!(t.at(Side::Callee).counters().repeated, 39);
}

#[test]
fn a_refusal_that_nobody_acknowledges_is_not_repeated_at_a_forged_source() {
    let mut t = Pair::new(Transport::Udp);
    t.inject(Side::Callee, "203.0.113.50:5060", &packet("INVITE sip:1001@192.0.2.20 SIP/2.0", VIA, ""));
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 401);
    t.run_for(Duration::from_secs(40));
    assert_eq!(t.ladder, ["callee 401 INVITE"]);
    t.expect_empty();
}

#[test]
fn an_answer_over_udp_is_never_much_larger_than_its_request() {
    let mut t = Pair::new(Transport::Udp);
    let hop = t.hop(Side::Callee);
    let more = format!("Require: {}", vec!["x"; 120].join(","));
    let bytes = packet("INVITE sip:1001@192.0.2.20 SIP/2.0", VIA, &more);
    for (_, response) in answers(&mut t, hop, &bytes) {
        assert!(response.to_bytes().len() <= bytes.len() + 1024);
    }
}

#[test]
fn one_request_by_two_ways_is_heard_once() {
    let mut t = Pair::new(Transport::Udp);
    let start = "INVITE sip:1001@192.0.2.20 SIP/2.0";
    t.inject(Side::Callee, CALLER, &packet(start, "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKone", ""));
    t.inject(Side::Callee, CALLER, &packet(start, "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKtwo", ""));
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 180);
    assert_eq!(t.ladder, ["callee 482 INVITE", "callee 180 INVITE"]);
}
