//! Packets of somebody else than the peer of a dialog or call: the call goes on.

use std::time::Duration;

use super::pair::{CALLER, Pair, Side, packet};
use crate::DialogId;
use crate::endpoint::EndpointEvent;
use crate::transport::Transport;

/// What the caller would write in a request inside its dialog.
fn head(t: &mut Pair, caller: DialogId, seq: u32, method: &str) -> String {
    let dialog = t.at(Side::Caller).dialog(caller).expect("the dialog stands").clone();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "From: <sip:192.0.2.10:5060>;tag={}\nTo: <sip:1001@192.0.2.20:5060>;tag={}\nCall-ID: {}\nCSeq: {seq} {method}",
        text(dialog.local_tag()),
        text(dialog.remote_tag()),
        text(dialog.call_id())
    )
}

#[test]
fn a_bye_with_the_right_tags_from_another_source_is_refused_and_the_call_goes_on() {
    let mut t = Pair::new(Transport::Udp);
    let (caller, callee) = t.talk();
    let bye = packet("BYE sip:192.0.2.20 SIP/2.0", "SIP/2.0/UDP 192.0.2.66;branch=z9hG4bKspoof", &head(&mut t, caller, 9, "BYE"));
    for source in ["192.0.2.66:5060", "192.0.2.10:5061"] {
        t.inject(Side::Callee, source, &bye);
    }
    assert_eq!(t.ladder, ["callee 481 BYE", "callee 481 BYE"]);
    assert!(t.take(Side::Callee).is_empty());
    assert!(t.at(Side::Callee).dialog(callee).is_some());
    assert_eq!(t.at(Side::Callee).counters().forged, 2);
    t.bye(Side::Caller, caller);
    t.settle();
    assert_eq!(t.requested(Side::Callee).2, Some(callee));
}

#[test]
fn tags_must_match_to_the_last_letter() {
    let mut t = Pair::new(Transport::Udp);
    let (caller, callee) = t.talk();
    let right = head(&mut t, caller, 9, "BYE");
    for wrong in
        [right.replace("From: <sip:192.0.2.10:5060>;tag=", "From: <sip:192.0.2.10:5060>;tag=x"), right.replace("Call-ID: ", "Call-ID: x")]
    {
        t.inject(Side::Callee, CALLER, &packet("BYE sip:192.0.2.20 SIP/2.0", "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKw", &wrong));
    }
    assert_eq!(t.count("callee 481 BYE"), 2);
    assert!(t.at(Side::Callee).dialog(callee).is_some());
}

#[test]
fn a_lower_sequence_number_gets_500() {
    let mut t = Pair::new(Transport::Udp);
    let (caller, callee) = t.talk();
    let info = packet("INFO sip:192.0.2.20 SIP/2.0", "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKi1", &head(&mut t, caller, 7, "INFO"));
    t.inject(Side::Callee, CALLER, &info);
    assert_eq!(t.requested(Side::Callee).2, Some(callee));
    let late = packet("INFO sip:192.0.2.20 SIP/2.0", "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKi2", &head(&mut t, caller, 6, "INFO"));
    t.inject(Side::Callee, CALLER, &late);
    assert_eq!(t.ladder, ["callee 500 INFO"]);
}

#[test]
fn a_cancel_from_another_source_is_refused_and_the_phone_goes_on_ringing() {
    let mut t = Pair::new(Transport::Udp);
    let start = "INVITE sip:1001@192.0.2.20 SIP/2.0";
    let via = "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKring";
    t.inject(Side::Callee, CALLER, &packet(start, via, ""));
    let (tx, _, _) = t.requested(Side::Callee);
    t.respond(tx, 180);
    let cancel = packet("CANCEL sip:1001@192.0.2.20 SIP/2.0", via, "");
    t.inject(Side::Callee, "192.0.2.66:5060", &cancel);
    t.inject(Side::Callee, "192.0.2.10:9999", &cancel);
    assert_eq!(t.count("callee 481 CANCEL"), 2);
    assert!(t.take(Side::Callee).is_empty());
    t.inject(Side::Callee, CALLER, &cancel);
    assert!(matches!(t.take(Side::Callee).as_slice(), [EndpointEvent::Cancelled { tx: cancelled, .. }] if *cancelled == tx));
    assert_eq!(t.ladder[3..], ["callee 200 CANCEL", "callee 487 INVITE"]);
    t.run_for(Duration::from_secs(40));
    t.expect_empty();
}
