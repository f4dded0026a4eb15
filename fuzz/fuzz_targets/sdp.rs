//! Any bytes as a session description.
#![no_main]

#[path = "../../media/sdp/tests/survival/sdp.rs"]
mod sdp;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sdp::any(bytes));
