//! Any bytes as STUN on the SIP port and on a port of media.
#![no_main]

#[path = "../../media/secure/tests/survival/stun.rs"]
mod media;
#[path = "../../sip/core/tests/survival/stun.rs"]
mod sip;

use std::time::Instant;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    sip::any(bytes);
    media::any(Instant::now(), bytes);
});
