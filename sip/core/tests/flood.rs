//! What a flood costs in memory. Alone in its process, so that nothing else allocates.

use std::net::SocketAddr;
use std::time::Instant;

use carillon_sip_core::message::Response;
use carillon_sip_core::{Endpoint, EndpointConfig, EndpointEvent, EndpointLimits, Hop};

const STRANGERS: u32 = 8_000;

/// Threat 16: with full tables of the default size the process may grow by 64 MiB.
#[test]
#[expect(clippy::disallowed_methods, reason = "an Instant cannot be made any other way")]
fn each_refused_stranger_costs_its_share_of_64_mib_and_no_more() {
    let now = Instant::now();
    let local = SocketAddr::from(([192, 0, 2, 20], 5060));
    let mut endpoint = Endpoint::new(EndpointConfig::new([1; 32]));
    let before = resident_bytes();
    for n in 0..STRANGERS {
        let packet = format!(
            "REGISTER sip:192.0.2.20 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK-524287-1---flood{n};rport\r\n\
             From: <sip:{n}@example.net>;tag=flood{n}\r\nTo: <sip:{n}@example.net>\r\nCall-ID: flood-{n}@198.51.100.1\r\nCSeq: 1 REGISTER\r\n\
             Max-Forwards: 70\r\nUser-Agent: {}\r\nContent-Length: 0\r\n\r\n",
            "x".repeat(500)
        );
        endpoint.handle_packet(now, Hop::udp(local, SocketAddr::from((n.to_be_bytes(), 5060))), packet.into());
        if let Some(EndpointEvent::Request { tx, .. }) = endpoint.poll_event() {
            endpoint.respond(now, tx, Response::new(403)).expect("it waits");
        }
        while endpoint.poll_transmit().is_some() {}
    }
    assert_eq!(endpoint.occupancy().0, STRANGERS as usize);
    let grown = resident_bytes().saturating_sub(before);
    let limits = EndpointLimits::default();
    let strangers_at_most = limits.server_transactions - limits.reserved_server_transactions;
    let share = (64 << 20) / strangers_at_most;
    assert!(grown / (STRANGERS as usize) < share, "{} bytes each, of {share}", grown / STRANGERS as usize);
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("this is Linux");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("resident pages") * 4096
}
