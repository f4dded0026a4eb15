//! Every message of RFC 4475 and RFC 5118, given to an endpoint: what it answers by itself, hands on, or drops.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use carillon_sip_core::message::Message;
use carillon_sip_core::{Endpoint, EndpointConfig, EndpointEvent, FlowId, Hop};

/// Case and outcome: the method its user hears of, the status of an answer, or nothing at all.
///
/// Content types and Accept (invut, sdp01) are for the user to judge; extensions of proxies (bext01) are not ours.
const OUTCOMES: &str = "
    wsinv INVITE
    intmeth 501
    esc01 INVITE
    escnull REGISTER
    esc02 501
    lwsdisp OPTIONS
    longreq INVITE
    dblreq REGISTER
    semiuri OPTIONS
    transports OPTIONS
    mpart01 405
    unreason nothing
    noreason nothing
    badinv01 400
    clerr 400
    ncl 400
    scalar02 400
    scalarlg nothing
    quotbal 400
    ltgtruri 400
    lwsruri 400
    lwsstart 400
    trws 400
    escruri 400
    baddate INVITE
    regbadct 400
    badaspec 400
    baddn 400
    badvers 505
    mismatch01 400
    mismatch02 400
    bigcode nothing
    badbranch 400
    insuf 400
    unkscm 416
    novelsc 416
    unksm2 400
    bext01 420
    invut INVITE
    regaut01 REGISTER
    multi01 400
    mcl01 400
    bcast nothing
    zeromf OPTIONS
    cparam01 REGISTER
    cparam02 REGISTER
    regescrt REGISTER
    sdp01 INVITE
    inv2543 INVITE
    ipv6-good REGISTER
    ipv6-bad 400
    port-ambiguous REGISTER
    port-unambiguous REGISTER
    via-received-param-with-delim 481
    via-received-param-no-delim OPTIONS
    ipv6-in-sdp INVITE
    mult-ip-in-header 481
    mult-ip-in-sdp INVITE
    ipv4-mapped-ipv6 INVITE
    ipv6-bug-abnf-3-colons 400
    ipv6-correct-abnf-2-colons OPTIONS
";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sip/torture")
}

/// The transport of each case, from the list beside the messages.
fn transports() -> BTreeMap<String, String> {
    let list = fs::read_to_string(folder().join("verdicts.txt")).expect("the list is there");
    let words = list.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.map(|words| (words[0].to_owned(), words[1].to_owned())).collect()
}

#[expect(clippy::disallowed_methods, reason = "an Instant cannot be made any other way")]
fn outcome(case: &str, over: &str) -> String {
    let local = "192.0.2.20:5060".parse().expect("address");
    let remote = "192.0.2.10:40404".parse().expect("address");
    let hop = match over {
        "udp" => Hop::udp(local, remote),
        _ => Hop::tcp(local, remote, Some(FlowId(1))),
    };
    let packet = fs::read(folder().join(format!("{case}.sip"))).unwrap_or_else(|error| panic!("{case}: {error}"));
    let size = packet.len();
    let mut endpoint = Endpoint::new(EndpointConfig::new([3; 32]));
    endpoint.handle_packet(Instant::now(), hop, packet.into());
    let mut outcome = Vec::new();
    while let Some(transmit) = endpoint.poll_transmit() {
        assert_eq!(transmit.hop, hop, "{case}: an answer went elsewhere");
        assert!(over == "tcp" || transmit.bytes.len() <= size + 1024, "{case}: an answer must not amplify");
        match Message::parse_datagram(transmit.bytes) {
            Ok(Message::Response(response)) => outcome.push(response.status.to_string()),
            other => panic!("{case}: sent {other:?}"),
        }
    }
    while let Some(event) = endpoint.poll_event() {
        match event {
            EndpointEvent::Request { request, .. } => outcome.push(request.method.to_string()),
            other => panic!("{case}: {other:?}"),
        }
    }
    if outcome.is_empty() { "nothing".to_owned() } else { outcome.join(" ") }
}

#[test]
fn every_message_fares_as_the_rfc_says() {
    let mut transports = transports();
    for line in OUTCOMES.lines().filter(|line| !line.trim().is_empty()) {
        let (case, expected) = line.trim().split_once(' ').expect("case and outcome");
        let over = transports.remove(case).unwrap_or_else(|| panic!("{case} is not among the messages"));
        assert_eq!(outcome(case, &over), expected, "{case}");
    }
    assert!(transports.is_empty(), "without outcome: {transports:?}");
}
