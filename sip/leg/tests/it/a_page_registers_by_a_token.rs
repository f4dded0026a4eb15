//! A token in place of a password (RFC 8898): for a page's phone, where nobody reads along, once, and for as long as its connection.

use crate::support::{Lab, address, sdp, seconds};
use carillon_sip_core::{Engine, FlowId, Hop, Transport, message::Message};
use carillon_sip_leg::{Command, Event, Peer};

const PAGE: &str = "198.51.100.7:40000";

fn hop(transport: Transport, flow: u64, at: &str) -> Hop {
    Hop { transport, local: address("192.0.2.1:443"), remote: address(at), flow: Some(FlowId(flow)) }
}

fn allow(lab: &mut Lab, token: &str) {
    lab.order(Command::AllowToken { phone: "1001".to_owned(), token: token.to_owned(), lifetime: seconds(60) });
}

fn text(method: &str, user: &str, seq: u32, more: &str, body: &str) -> String {
    let to = if method == "REGISTER" { user } else { "1002" };
    format!(
        "{method} sip:{to}@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK{method}{seq}{user}\r\nMax-Forwards: 70\r\n\
         From: <sip:{user}@192.0.2.1>;tag=page\r\nTo: <sip:{to}@192.0.2.1>\r\nCall-ID: page-{method}-{seq}\r\nCSeq: {seq} {method}\r\n\
         Contact: <sip:{user}@df7jal23ls0d.invalid;transport=ws>\r\n{more}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn status(lab: &mut Lab, hop: Hop, request: String) -> u16 {
    lab.ua.handle_packet(lab.now, hop, request.into());
    lab.drain();
    match lab.message(hop.remote) {
        Some(Message::Response(response)) => response.status,
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn register(lab: &mut Lab, hop: Hop, user: &str, seq: u32, token: Option<&str>) -> u16 {
    let proof = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    status(lab, hop, text("REGISTER", user, seq, &format!("Expires: 600\r\n{proof}"), ""))
}

#[test]
fn a_token_registers_once_and_its_connection_speaks_for_the_phone() {
    let mut lab = Lab::new();
    let page = hop(Transport::Wss, 1, PAGE);
    allow(&mut lab, "t0ken");
    assert_eq!(register(&mut lab, page, "1001", 1, None), 401);
    assert_eq!(register(&mut lab, page, "1001", 2, Some("t0ken")), 200);
    assert_eq!(register(&mut lab, page, "1001", 3, None), 200, "a refresh over the same connection");
    let offer = sdp("198.51.100.7:4000", "sendrecv");
    let invite = text("INVITE", "1001", 4, "Content-Type: application/sdp\r\n", &offer);
    lab.events();
    lab.ua.handle_packet(lab.now, page, invite.into());
    lab.drain();
    assert!(matches!(lab.call_event(), Event::Invited { from: Peer::Phone(name), .. } if name == "1001"));

    let other = hop(Transport::Wss, 2, "198.51.100.66:40000");
    assert_eq!(register(&mut lab, other, "1001", 5, Some("t0ken")), 401, "used up");
    lab.close(1);
    assert_eq!(register(&mut lab, hop(Transport::Wss, 3, PAGE), "1001", 6, None), 401, "another connection proves itself anew");
}

#[test]
fn a_token_is_good_for_its_phone_and_time_and_where_nobody_reads_along() {
    let mut lab = Lab::new();
    allow(&mut lab, "for-1001");
    assert_eq!(register(&mut lab, hop(Transport::Wss, 1, PAGE), "1002", 1, Some("for-1001")), 403, "not theirs");
    for (flow, transport, at, expected) in [
        (2, Transport::Ws, PAGE, 401),
        (3, Transport::Tcp, PAGE, 401),
        (4, Transport::Tls, PAGE, 401),
        (5, Transport::Ws, "127.0.0.1:40000", 200),
    ] {
        allow(&mut lab, "again");
        assert_eq!(register(&mut lab, hop(transport, flow, at), "1001", 1, Some("again")), expected, "{transport} {at}");
    }
    allow(&mut lab, "late");
    lab.wait(seconds(61));
    lab.messages(address(PAGE));
    assert_eq!(register(&mut lab, hop(Transport::Wss, 6, PAGE), "1001", 9, Some("late")), 401);
}

#[test]
fn a_phone_that_is_no_more_is_not_spoken_for() {
    let mut lab = Lab::new();
    let page = hop(Transport::Wss, 1, PAGE);
    allow(&mut lab, "t0ken");
    assert_eq!(register(&mut lab, page, "1001", 1, Some("t0ken")), 200);
    lab.order(Command::SetAccounts(vec![]));
    lab.messages(page.remote);
    let challenged = register(&mut lab, page, "1001", 2, None);
    assert_eq!(challenged, 401);
}
