use crate::support::{Lab, Phone, TRUNK, address, local, phone, seconds, trunk};
use carillon_sip_core::{Engine, Hop, Transport, message::Method};
use carillon_sip_leg::{Command, End, EndCause, Event, LegId, Target, TrunkPeer};

fn ended(by: End, status: Option<u16>, cause: EndCause) -> Event {
    Event::Ended { leg: LegId(100), by, status, cause }
}

#[test]
fn a_status_from_the_callee_is_told_with_its_meaning() {
    let meanings = [
        (486, EndCause::Busy),
        (600, EndCause::Busy),
        (480, EndCause::NoAnswer),
        (408, EndCause::NoAnswer),
        (603, EndCause::Rejected),
        (302, EndCause::Redirected),
        (488, EndCause::MediaNotAcceptable),
        (606, EndCause::MediaNotAcceptable),
        (401, EndCause::Forbidden),
        (403, EndCause::Forbidden),
        (407, EndCause::Forbidden),
        (404, EndCause::NumberUnknown),
        (484, EndCause::NumberUnknown),
        (604, EndCause::NumberUnknown),
        (500, EndCause::Unreachable),
        (503, EndCause::Unreachable),
    ];
    for (status, cause) in meanings {
        let mut lab = Lab::new();
        let peer = Phone::trunk("+390699999");
        lab.dial(trunk("+390699999"));
        let invite = lab.asked(peer.at, Method::Invite);
        peer.reply(&mut lab, &peer.respond(&invite, status));
        lab.asked(peer.at, Method::Ack);
        assert_eq!(lab.event(), ended(End::Remote, Some(status), cause));
        lab.wait(seconds(100));
        lab.expect_no_event();
    }
}

#[test]
fn a_peer_that_says_nothing_is_unreachable_after_three_seconds() {
    let mut lab = Lab::new();
    lab.dial(trunk("+390699999"));
    lab.wait(seconds(2));
    lab.expect_no_event();
    lab.wait(seconds(2));
    assert_eq!(lab.event(), ended(End::Network, None, EndCause::Unreachable));
}

#[test]
fn a_peer_that_has_said_100_is_given_its_time() {
    let mut lab = Lab::new();
    let peer = Phone::trunk("+390699999");
    lab.dial(trunk("+390699999"));
    let invite = lab.asked(peer.at, Method::Invite);
    peer.reply(&mut lab, &peer.respond(&invite, 100));
    lab.wait(seconds(60));
    lab.expect_no_event();
    peer.reply(&mut lab, &peer.respond(&invite, 486));
    assert_eq!(lab.event(), ended(End::Remote, Some(486), EndCause::Busy));
}

#[test]
fn an_answer_that_comes_after_all_from_a_peer_given_up_is_acknowledged_and_ended() {
    let mut lab = Lab::new();
    let peer = Phone::trunk("+390699999");
    lab.dial(trunk("+390699999"));
    let invite = lab.asked(peer.at, Method::Invite);
    lab.wait(seconds(6));
    assert_eq!(lab.event(), ended(End::Network, None, EndCause::Unreachable));
    lab.messages(peer.at);
    peer.reply(&mut lab, &peer.respond(&invite, 200));
    lab.asked(peer.at, Method::Ack);
    lab.asked(peer.at, Method::Bye);
    lab.expect_no_event();
}

#[test]
fn a_peer_the_network_cannot_reach_is_unreachable_at_once() {
    let mut lab = Lab::new();
    lab.dial(trunk("+390699999"));
    lab.ua.handle_unreachable(lab.now, Hop::udp(lab.us, address(TRUNK)));
    lab.drain();
    assert_eq!(lab.event(), ended(End::Network, None, EndCause::Unreachable));
}

#[test]
fn what_rings_for_three_minutes_is_given_up() {
    let mut lab = Lab::new();
    let peer = Phone::trunk("+390699999");
    lab.dial(trunk("+390699999"));
    let invite = lab.asked(peer.at, Method::Invite);
    peer.reply(&mut lab, &peer.respond(&invite, 180));
    assert_eq!(lab.event(), Event::Ringing { leg: LegId(100) });
    lab.wait(seconds(179));
    lab.expect_no_event();
    lab.wait(seconds(2));
    assert_eq!(lab.event(), ended(End::Network, None, EndCause::NoAnswer));
    lab.asked(peer.at, Method::Cancel);
}

#[test]
fn nobody_registered_no_such_trunk_and_no_number_cannot_be_called() {
    let targets = [phone("1001"), phone("nobody"), Target::Trunk { name: "none".to_owned(), number: "1".to_owned() }, trunk("?&%")];
    for target in targets {
        let mut lab = Lab::new();
        lab.dial(target);
        assert_eq!(lab.event(), ended(End::Network, None, EndCause::Unreachable));
        lab.expect_silence(address(TRUNK));
    }
}

#[test]
fn credentials_are_never_sent_to_who_asks_for_them() {
    let mut lab = Lab::new();
    let peer = Phone::trunk("+390699999");
    lab.dial(trunk("+390699999"));
    let invite = lab.asked(peer.at, Method::Invite);
    let challenge = peer
        .respond(&invite, 401)
        .with(carillon_sip_core::message::HeaderName::WwwAuthenticate, r#"Digest realm="carillon", nonce="n", qop="auth""#);
    peer.reply(&mut lab, &challenge);
    lab.asked(peer.at, Method::Ack);
    lab.wait(seconds(5));
    lab.expect_silence(peer.at);
}

#[test]
fn an_id_in_use_is_not_dialled_again() {
    let mut lab = Lab::new();
    lab.dial(trunk("+390699999"));
    lab.asked(address(TRUNK), Method::Invite);
    lab.dial(trunk("+390699998"));
    lab.expect_silence(address(TRUNK));
    lab.order(Command::Answer { leg: LegId(100), local: local(20_000) });
    lab.order(Command::Ring { leg: LegId(100) });
    lab.order(Command::Refuse { leg: LegId(100), status: 486, reason: None });
    lab.expect_no_event();
}

#[test]
fn a_trunk_over_tcp_that_takes_no_connection_is_unreachable_at_once() {
    let mut lab = Lab::new();
    let at = address("192.0.2.81:5060");
    let peer = TrunkPeer::new("wired", at, Transport::Tcp);
    lab.order(Command::SetTrunks(vec![peer]));
    lab.dial(Target::Trunk { name: "wired".to_owned(), number: "300".to_owned() });
    let invite = lab.asked(at, Method::Invite);
    assert_eq!(invite.uri.to_string(), "sip:300@192.0.2.81:5060;transport=tcp");
    lab.ua.handle_unreachable(lab.now, Hop::tcp(lab.us, at, None));
    lab.drain();
    assert_eq!(lab.event(), ended(End::Network, None, EndCause::Unreachable));
}
