//! Any bytes as a datagram, as a stream in pieces, and as traffic of an endpoint.
#![no_main]

#[path = "../../sip/core/tests/survival/endpoint.rs"]
mod endpoint;
#[path = "../../sip/core/tests/survival/message.rs"]
mod message;

use std::time::Instant;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    message::datagram(bytes);
    message::stream(bytes, &[bytes.len() % 97 + 1]);
    endpoint::both(Instant::now(), bytes);
});
