//! Where requests in a dialog are addressed and sent (RFC 3261 12.1, 12.2.1.1).

use super::pair::{CALLEE, CALLER, Pair, Side, address, packet};
use crate::DialogId;
use crate::message::{HeaderName, Message, Method, Request, Response};
use crate::transport::{Hop, Transport};

fn sent(t: &mut Pair, side: Side, dialog: DialogId) -> (Request, Hop) {
    let now = t.now;
    let request = t.at(side).request_in_dialog(dialog, Method::Info).expect("the dialog stands");
    t.at(side).send_in_dialog(now, dialog, request).expect("room");
    let transmit = t.at(side).poll_transmit().expect("an INFO");
    match Message::parse_datagram(transmit.bytes) {
        Ok(Message::Request(request)) => (request, transmit.hop),
        other => panic!("{other:?}"),
    }
}

fn routes(request: &Request) -> Vec<String> {
    request.headers.routes().expect("routes").into_iter().map(|route| route.uri.to_string()).collect()
}

#[test]
fn a_callee_follows_the_route_of_the_invite_and_sends_to_where_it_came_from() {
    let mut t = Pair::new(Transport::Udp);
    let more = "Record-Route: <sip:near.example.net;lr>, <sip:far.example.net;lr>\nContact: <sip:anna@10.0.0.5:5070>";
    t.inject(Side::Callee, CALLER, &packet("INVITE sip:1001@192.0.2.20 SIP/2.0", "SIP/2.0/UDP 10.0.0.5;branch=z9hG4bKr", more));
    let (tx, _, _) = t.requested(Side::Callee);
    let dialog = t.respond(tx, 180).expect("a 180 makes a dialog");
    let (info, hop) = sent(&mut t, Side::Callee, dialog);
    assert_eq!(info.uri.to_string(), "sip:anna@10.0.0.5:5070");
    assert_eq!(routes(&info), ["sip:near.example.net;lr", "sip:far.example.net;lr"]);
    assert_eq!(hop.remote, address(CALLER));
}

#[test]
fn a_caller_follows_the_route_of_the_answer_backwards_and_obeys_a_strict_router() {
    for (near, uri, expected) in [
        ("sip:near.example.net;lr", "sip:1001@10.0.0.9", ["sip:near.example.net;lr", "sip:far.example.net;lr"]),
        ("sip:near.example.net", "sip:near.example.net", ["sip:far.example.net;lr", "sip:1001@10.0.0.9"]),
    ] {
        let mut t = Pair::new(Transport::Udp);
        t.invite();
        t.settle();
        let (_, request, _) = t.requested(Side::Callee);
        let mut response = Response::to(&request, 200)
            .with(HeaderName::RecordRoute, format!("<sip:far.example.net;lr>, <{near}>"))
            .with(HeaderName::Contact, "<sip:1001@10.0.0.9?subject=x>");
        response.headers.tag_to("callee");
        t.inject(Side::Caller, CALLEE, &response.to_bytes());
        let dialog = t.answered(Side::Caller).1.expect("a 200 makes a dialog");
        let (info, hop) = sent(&mut t, Side::Caller, dialog);
        assert_eq!((info.uri.to_string().as_str(), routes(&info)), (uri, expected.map(str::to_owned).to_vec()));
        assert_eq!(hop.remote, address(CALLEE));
        assert_eq!(info.headers.cseq().expect("CSeq").seq, 2);
        t.ack(dialog);
        assert_eq!(t.ladder.last().map(String::as_str), Some("caller ACK"));
    }
}

#[test]
fn a_phone_that_moves_is_followed_once_it_has_proved_itself() {
    let mut t = Pair::new(Transport::Udp);
    let (_, callee) = t.talk();
    let moved = Hop { remote: address("203.0.113.4:41234"), ..t.hop(Side::Callee) };
    t.at(Side::Callee).move_dialog(callee, moved);
    assert_eq!(sent(&mut t, Side::Callee, callee).1, moved);
}

#[test]
fn via_and_contact_name_the_configured_address_and_the_transport() {
    for (transport, via, contact) in [
        (Transport::Udp, "SIP/2.0/UDP 198.51.100.7:5060", "<sip:198.51.100.7:5060>"),
        (Transport::Tcp, "SIP/2.0/TCP 198.51.100.7:5070", "<sip:198.51.100.7:5070;transport=tcp>"),
    ] {
        let mut t = Pair::new(transport);
        t.endpoints[0] = crate::Endpoint::new(crate::EndpointConfig {
            reach: crate::Reach::new()
                .listening(Transport::Tcp, address("10.0.0.1:5070"))
                .behind(["198.51.100.7".parse().expect("address")], ["10.0.0.0/8".parse().expect("network")]),
            ..crate::EndpointConfig::new([4; 32])
        });
        t.invite();
        t.settle();
        let (_, request, _) = t.requested(Side::Callee);
        assert_eq!(request.headers.text(&HeaderName::Contact).as_deref(), Some(contact));
        assert!(request.headers.text(&HeaderName::Via).is_some_and(|value| value.starts_with(via)));
    }
}
