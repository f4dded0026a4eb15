//! What must hold for an endpoint that any bytes reach.

use std::time::{Duration, Instant};

use bytes::Bytes;
use carillon_sip_core::message::{Framed, StreamFramer};
use carillon_sip_core::{Endpoint, EndpointConfig, FlowId, Hop};

/// Gives the bytes to one endpoint as a datagram and as a stream, and lets a minute pass.
pub(crate) fn both(now: Instant, bytes: &[u8]) {
    let local = ([192, 0, 2, 20], 5060).into();
    let remote = ([192, 0, 2, 10], 5060).into();
    let mut endpoint = Endpoint::new(EndpointConfig::new([3; 32]));
    endpoint.handle_packet(now, Hop::udp(local, remote), Bytes::copy_from_slice(bytes));
    let answered: usize = drain(&mut endpoint);
    assert!(answered <= bytes.len() + 1024, "{answered} bytes for {}", bytes.len());

    let mut framer = StreamFramer::new();
    framer.feed(bytes);
    while let Some(Ok(framed)) = framer.next() {
        if let Framed::Message(message) = framed {
            endpoint.handle_packet(now, Hop::tcp(local, remote, Some(FlowId(1))), message);
        }
    }
    let end = now + Duration::from_secs(60);
    while let Some(due) = endpoint.poll_timeout().filter(|due| *due < end) {
        endpoint.handle_timeout(due);
        drain(&mut endpoint);
    }
}

/// Takes everything out; the bytes to be sent are counted.
fn drain(endpoint: &mut Endpoint) -> usize {
    while endpoint.poll_event().is_some() {}
    std::iter::from_fn(|| endpoint.poll_transmit()).map(|transmit| transmit.bytes.len()).sum()
}
