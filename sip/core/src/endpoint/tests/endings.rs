//! The ways a call ends, and the packets that cross while it does.

use std::time::Duration;

use super::pair::{CALLEE, CALLER, Pair, Side, Weather, address, packet};
use crate::endpoint::{EndpointEvent, RespondError, SendError};
use crate::message::{Method, Request, Response, SipUri};
use crate::transport::{FlowId, Hop, Transport};

#[test]
fn a_call_given_up_while_it_rings_is_cancelled() {
    let mut t = Pair::new(Transport::Udp);
    let call = t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 180);
    t.settle();
    let now = t.now;
    t.at(Side::Caller).cancel(now, call, Some("SIP;cause=200;text=\"Call completed elsewhere\""));
    t.settle();
    let events = t.take(Side::Callee);
    let [EndpointEvent::Cancelled { tx: cancelled, request }] = events.as_slice() else { panic!("wanted one cancel: {events:?}") };
    assert_eq!(*cancelled, tx);
    assert_eq!(
        request.headers.text(&crate::message::HeaderName::Reason).as_deref(),
        Some("SIP;cause=200;text=\"Call completed elsewhere\"")
    );
    let now = t.now;
    assert_eq!(t.at(Side::Callee).respond(now, tx, Response::new(200)), Err(RespondError::Over));
    t.settle();
    assert_eq!(t.answered(Side::Caller).0, [180, 487]);
    assert_eq!(t.ladder, ["caller INVITE", "callee 180 INVITE", "caller CANCEL", "callee 200 CANCEL", "callee 487 INVITE", "caller ACK"]);
    t.run_for(Duration::from_secs(40));
    t.expect_empty();
}

#[test]
fn a_cancel_waits_for_the_first_sign_of_life() {
    let mut t = Pair::new(Transport::Udp);
    let call = t.invite();
    let now = t.now;
    t.at(Side::Caller).cancel(now, call, None);
    t.drain();
    assert_eq!(t.ladder, ["caller INVITE"]);
    t.run_for(Duration::from_millis(300));
    assert_eq!(t.ladder[1..], ["callee 100 INVITE", "caller CANCEL", "callee 200 CANCEL", "callee 487 INVITE", "caller ACK"]);
}

#[test]
fn an_answer_that_crosses_the_cancel_wins_and_is_hung_up() {
    let mut t = Pair::new(Transport::Udp);
    let call = t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 180);
    t.settle();
    let now = t.now;
    t.respond(tx, 200);
    t.at(Side::Caller).cancel(now, call, None);
    t.settle();
    assert!(t.take(Side::Callee).is_empty(), "a CANCEL after the 200 cancels nothing");
    let (statuses, dialog) = t.answered(Side::Caller);
    assert_eq!(statuses, [180, 200]);
    let dialog = dialog.expect("a 200 makes a dialog");
    t.ack(dialog);
    t.bye(Side::Caller, dialog);
    t.settle();
    let events = t.take(Side::Callee);
    assert!(matches!(events.as_slice(), [EndpointEvent::Acked { .. }, EndpointEvent::Request { .. }]), "{events:?}");
}

#[test]
fn a_cancelled_call_that_never_ends_is_given_up_after_64_t1() {
    let mut t = Pair::new(Transport::Udp);
    let call = t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 180);
    t.settle();
    t.answered(Side::Caller);
    t.weather = Weather { loss: 100, ..Weather::default() };
    let now = t.now;
    t.at(Side::Caller).cancel(now, call, None);
    t.run_for(Duration::from_secs(33));
    assert!(matches!(t.take(Side::Caller).as_slice(), [EndpointEvent::TimedOut { tx }] if *tx == call));
    assert_eq!(t.at(Side::Caller).occupancy(), (0, 0, 0));
}

#[test]
fn nobody_there_means_seven_tries_and_a_timeout() {
    let mut t = Pair::in_weather(Transport::Udp, 1, Weather { loss: 100, ..Weather::default() });
    let call = t.invite();
    let uri = SipUri::at(address(CALLEE));
    let ping = t.send(Side::Caller, Request::new(Method::Options, uri));
    t.run_for(Duration::from_secs(33));
    assert_eq!((t.count("caller INVITE"), t.count("caller OPTIONS")), (7, 11));
    let events = t.take(Side::Caller);
    assert!(
        matches!(events.as_slice(), [EndpointEvent::TimedOut { tx: a }, EndpointEvent::TimedOut { tx: b }] if [*a, *b] == [call, ping])
    );
    t.expect_empty();
}

#[test]
fn a_200_is_repeated_until_its_ack_and_then_no_more() {
    let mut t = Pair::new(Transport::Tcp);
    t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 200);
    t.run_for(Duration::from_millis(1700));
    assert_eq!(t.count("callee 200 INVITE"), 3, "at 0, 0.5 and 1.5 s, over a stream too");
    let (statuses, dialog) = t.answered(Side::Caller);
    assert_eq!(statuses, [200], "copies are absorbed");
    t.ack(dialog.expect("a 200 makes a dialog"));
    t.run_for(Duration::from_secs(20));
    assert_eq!(t.count("callee 200 INVITE"), 3);
    assert!(matches!(t.take(Side::Callee).as_slice(), [EndpointEvent::Acked { .. }]));
}

#[test]
fn a_200_without_ack_is_reported_after_64_t1_and_can_be_hung_up() {
    let mut t = Pair::new(Transport::Udp);
    t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    let dialog = t.respond(tx, 200).expect("a 200 makes a dialog");
    t.run_for(Duration::from_secs(33));
    assert_eq!(t.count("callee 200 INVITE"), 11);
    assert!(
        matches!(t.take(Side::Callee).as_slice(), [EndpointEvent::AckMissing { dialog: missing, tx: of }] if (*missing, *of) == (dialog, tx))
    );
    t.bye(Side::Callee, dialog);
    t.settle();
    assert_eq!(t.count("callee BYE"), 1);
}

#[test]
fn a_lost_ack_is_sent_again_for_each_copy_of_the_200() {
    let mut t = Pair::new(Transport::Udp);
    t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 200);
    t.settle();
    let (_, dialog) = t.answered(Side::Caller);
    t.weather = Weather { loss: 100, ..Weather::default() };
    t.ack(dialog.expect("a 200 makes a dialog"));
    t.weather = Weather::default();
    t.run_for(Duration::from_secs(2));
    assert_eq!(t.ladder[2..], ["caller ACK", "callee 200 INVITE", "caller ACK"]);
    assert!(t.take(Side::Caller).is_empty());
    assert!(matches!(t.take(Side::Callee).as_slice(), [EndpointEvent::Acked { .. }]));
}

#[test]
fn a_bye_of_the_callee_waits_for_the_ack() {
    let mut t = Pair::new(Transport::Udp);
    t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    let dialog = t.respond(tx, 200).expect("a 200 makes a dialog");
    t.bye(Side::Callee, dialog);
    t.settle();
    assert_eq!(t.count("callee BYE"), 0);
    let (_, caller) = t.answered(Side::Caller);
    t.ack(caller.expect("a 200 makes a dialog"));
    t.settle();
    assert_eq!(t.count("callee BYE"), 1);
    assert!(t.take(Side::Callee).is_empty(), "the dialog is over for its user");
}

#[test]
fn two_byes_that_cross_are_both_answered_200() {
    let mut t = Pair::new(Transport::Udp);
    let (caller, callee) = t.talk();
    t.bye(Side::Caller, caller);
    t.bye(Side::Callee, callee);
    t.settle();
    assert_eq!((t.count("callee 200 BYE"), t.count("caller 200 BYE")), (1, 1));
    assert!(t.take(Side::Caller).is_empty() && t.take(Side::Callee).is_empty());
    t.run_for(Duration::from_secs(40));
    t.expect_empty();
}

#[test]
fn a_callee_cannot_say_bye_before_it_answers() {
    let mut t = Pair::new(Transport::Udp);
    t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    let dialog = t.respond(tx, 180).expect("a 180 makes a dialog");
    let now = t.now;
    assert_eq!(t.at(Side::Callee).bye(now, dialog, None), Err(SendError::NotAnswered));
}

#[test]
fn a_bye_during_a_re_invite_ends_both() {
    let mut t = Pair::new(Transport::Udp);
    let (caller, callee) = t.talk();
    let now = t.now;
    let request = t.at(Side::Caller).request_in_dialog(caller, Method::Invite).expect("the dialog stands");
    t.at(Side::Caller).send_in_dialog(now, caller, request).expect("no other INVITE");
    t.drain();
    t.settle();
    let (tx, _, dialog) = t.requested(Side::Callee);
    assert_eq!(dialog, Some(callee));
    t.bye(Side::Caller, caller);
    t.settle();
    let (bye, _, _) = t.requested(Side::Callee);
    t.respond(bye, 200);
    t.settle();
    let now = t.now;
    assert_eq!(t.at(Side::Callee).respond(now, tx, Response::new(200)), Err(RespondError::Over));
    assert_eq!(t.answered(Side::Caller).0, [487]);
    t.run_for(Duration::from_secs(40));
    t.expect_empty();
}

#[test]
fn re_invites_that_cross_are_refused_with_491() {
    let mut t = Pair::new(Transport::Udp);
    let (caller, callee) = t.talk();
    for (side, dialog) in [(Side::Caller, caller), (Side::Callee, callee)] {
        let now = t.now;
        let request = t.at(side).request_in_dialog(dialog, Method::Invite).expect("the dialog stands");
        t.at(side).send_in_dialog(now, dialog, request).expect("no other INVITE yet");
        let again = t.at(side).request_in_dialog(dialog, Method::Invite).expect("the dialog stands");
        assert_eq!(t.at(side).send_in_dialog(now, dialog, again), Err(SendError::InvitePending));
    }
    t.drain();
    t.settle();
    assert_eq!((t.answered(Side::Caller).0, t.answered(Side::Callee).0), (vec![491], vec![491]));
    let now = t.now;
    let request = t.at(Side::Caller).request_in_dialog(caller, Method::Invite).expect("the dialog stands");
    t.at(Side::Caller).send_in_dialog(now, caller, request).expect("both have ended");
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 200);
    t.settle();
    t.ack(caller);
    t.settle();
    assert!(matches!(t.take(Side::Callee).as_slice(), [EndpointEvent::Acked { dialog, .. }] if *dialog == callee));
}

#[test]
fn a_re_invite_moves_the_target_and_nothing_moves_the_hop() {
    let mut t = Pair::new(Transport::Udp);
    let (caller, callee) = t.talk();
    let now = t.now;
    let mut request = t.at(Side::Caller).request_in_dialog(caller, Method::Invite).expect("the dialog stands");
    request.headers.push(crate::message::HeaderName::Contact, "<sip:new@203.0.113.99:7000>");
    t.at(Side::Caller).send_in_dialog(now, caller, request).expect("no other INVITE");
    t.drain();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 200);
    t.settle();
    t.ack(caller);
    t.settle();
    t.take(Side::Callee);
    let now = t.now;
    let request = t.at(Side::Callee).request_in_dialog(callee, Method::Info).expect("the dialog stands");
    assert_eq!(request.uri.to_string(), "sip:new@203.0.113.99:7000");
    t.at(Side::Callee).send_in_dialog(now, callee, request).expect("room");
    let transmit = t.at(Side::Callee).poll_transmit().expect("an INFO");
    assert_eq!(transmit.hop.remote, address(CALLER));
}

#[test]
fn a_stream_that_closes_fails_what_waits_on_it() {
    let mut t = Pair::new(Transport::Tcp);
    let call = t.invite();
    t.settle();
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 180);
    t.settle();
    t.answered(Side::Caller);
    let now = t.now;
    for side in [Side::Caller, Side::Callee] {
        t.at(side).handle_flow_closed(now, FlowId(1));
    }
    t.drain();
    assert!(matches!(t.take(Side::Caller).as_slice(), [EndpointEvent::TransportFailed { tx }] if *tx == call));
    assert!(matches!(t.take(Side::Callee).as_slice(), [EndpointEvent::CallerLost { tx: lost }] if *lost == tx));
    t.expect_empty();
}

#[test]
fn a_call_outlives_its_stream_when_the_caller_connects_again() {
    let mut t = Pair::new(Transport::Tcp);
    let (caller, callee) = t.talk();
    let now = t.now;
    t.at(Side::Callee).handle_flow_closed(now, FlowId(1));
    let mut bye = t.at(Side::Caller).request_in_dialog(caller, Method::Bye).expect("the dialog stands");
    bye.headers.push(crate::message::HeaderName::Via, "SIP/2.0/TCP 192.0.2.10;branch=z9hG4bKagain");
    let again = Hop { remote: address("192.0.2.10:33333"), flow: Some(FlowId(2)), ..t.hop(Side::Callee) };
    t.at(Side::Callee).handle_packet(now, again, bye.to_bytes());
    t.drain();
    assert_eq!(t.requested(Side::Callee).2, Some(callee));
}

#[test]
fn a_trunk_that_cannot_be_connected_fails_the_call_at_once() {
    let mut t = Pair::new(Transport::Tcp);
    let hop = Hop { flow: None, ..t.hop(Side::Caller) };
    let now = t.now;
    let request = Request::new(Method::Invite, SipUri::at(address(CALLEE)));
    let call = t.at(Side::Caller).send_request(now, request, hop).expect("room");
    t.at(Side::Caller).handle_unreachable(now, hop);
    t.drain();
    assert!(matches!(t.take(Side::Caller).as_slice(), [EndpointEvent::TransportFailed { tx }] if *tx == call));
    t.expect_empty();
}

#[test]
fn of_two_branches_of_a_fork_each_answer_has_its_own_dialog() {
    let mut t = Pair::new(Transport::Udp);
    let call = t.invite();
    t.settle();
    let (_, request, _) = t.requested(Side::Callee);
    let mut dialogs = Vec::new();
    for tag in ["first", "second", "first"] {
        let mut response = Response::to(&request, 200).with(crate::message::HeaderName::Contact, "<sip:1001@192.0.2.20>");
        response.headers.tag_to(tag);
        t.inject(Side::Caller, CALLEE, &response.to_bytes());
        for event in t.take(Side::Caller) {
            let EndpointEvent::Response { tx, dialog: Some(dialog), .. } = event else { panic!("wanted an answer with a dialog") };
            assert_eq!(tx, call);
            dialogs.push(dialog);
        }
    }
    let [first, second] = dialogs.as_slice() else { panic!("two dialogs, not {dialogs:?}") };
    t.ack(*first);
    t.ack(*second);
    t.bye(Side::Caller, *second);
    assert_eq!(t.ladder[1..], ["caller ACK", "caller ACK", "caller BYE"]);
    assert!(t.at(Side::Caller).dialog(*first).is_some() && t.at(Side::Caller).dialog(*second).is_none());
}

#[test]
fn a_peer_of_rfc_2543_calls_and_hangs_up_without_branches() {
    let mut t = Pair::new(Transport::Udp);
    let via = "SIP/2.0/UDP 192.0.2.10";
    let invite = packet("INVITE sip:1001@192.0.2.20 SIP/2.0", via, "From: <sip:old@example.net>\nContact: <sip:old@192.0.2.10>");
    t.inject(Side::Callee, CALLER, &invite);
    t.inject(Side::Callee, CALLER, &invite);
    let (tx, _, _) = t.requested(Side::Callee);
    let dialog = t.respond(tx, 200).expect("a 200 makes a dialog");
    let tag = String::from_utf8_lossy(t.at(Side::Callee).dialog(dialog).expect("stands").local_tag()).into_owned();
    let head = |seq, method| format!("From: <sip:old@example.net>\nTo: <sip:1001@example.net>;tag={tag}\nCSeq: {seq} {method}");
    t.inject(Side::Callee, CALLER, &packet("ACK sip:1001@192.0.2.20 SIP/2.0", via, &head(1, "ACK")));
    assert!(matches!(t.take(Side::Callee).as_slice(), [EndpointEvent::Acked { .. }]));
    t.inject(Side::Callee, CALLER, &packet("BYE sip:1001@192.0.2.20 SIP/2.0", via, &head(2, "BYE")));
    assert_eq!(t.requested(Side::Callee).2, Some(dialog));
}

#[test]
fn an_ack_that_repeats_the_branch_of_its_invite_still_acknowledges_a_200() {
    let mut t = Pair::new(Transport::Udp);
    let via = "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKsame";
    t.inject(Side::Callee, CALLER, &packet("INVITE sip:1001@192.0.2.20 SIP/2.0", via, ""));
    let (tx, _, _) = t.requested(Side::Callee);
    let dialog = t.respond(tx, 200).expect("a 200 makes a dialog");
    let tag = String::from_utf8_lossy(t.at(Side::Callee).dialog(dialog).expect("stands").local_tag()).into_owned();
    t.inject(Side::Callee, CALLER, &packet("ACK sip:1001@192.0.2.20 SIP/2.0", via, &format!("To: <sip:1001@example.net>;tag={tag}")));
    assert!(matches!(t.take(Side::Callee).as_slice(), [EndpointEvent::Acked { .. }]));
}

#[test]
fn a_bye_that_overtakes_its_200_ends_the_call_and_the_200_still_gets_its_ack() {
    let mut t = Pair::new(Transport::Udp);
    let call = t.invite();
    t.settle();
    let (_, invite, _) = t.requested(Side::Callee);
    let respond = |status| {
        let mut response = Response::to(&invite, status).with(crate::message::HeaderName::Contact, "<sip:1001@192.0.2.20>");
        response.headers.tag_to("fast");
        response.to_bytes()
    };
    t.inject(Side::Caller, CALLEE, &respond(180));
    let (_, dialog) = t.answered(Side::Caller);
    let text = |name| invite.headers.text(&name).expect("there").into_owned();
    let head = format!(
        "From: {};tag=fast\nTo: {}\nCall-ID: {}\nCSeq: 1 BYE",
        text(crate::message::HeaderName::To),
        text(crate::message::HeaderName::From),
        text(crate::message::HeaderName::CallId)
    );
    t.inject(Side::Caller, CALLEE, &packet("BYE sip:192.0.2.10 SIP/2.0", "SIP/2.0/UDP 192.0.2.20;branch=z9hG4bKfast", &head));
    assert_eq!(t.requested(Side::Caller).2, dialog);
    t.inject(Side::Caller, CALLEE, &respond(200));
    t.inject(Side::Caller, CALLEE, &respond(200));
    assert_eq!(t.ladder[1..], ["caller ACK", "caller ACK"]);
    assert!(matches!(t.take(Side::Caller).as_slice(), [EndpointEvent::Response { tx, .. }] if *tx == call));
    assert_eq!(t.at(Side::Caller).ack(crate::testing::epoch(), dialog.expect("it was one"), None), Err(SendError::NoDialog));
}
