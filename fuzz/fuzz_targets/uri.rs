//! Any bytes as a URI, an address and a Replaces.
#![no_main]

#[path = "../../sip/core/tests/survival/uri.rs"]
mod uri;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| uri::any(bytes));
