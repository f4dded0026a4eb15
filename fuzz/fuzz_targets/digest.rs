//! Any bytes as credentials and as a challenge.
#![no_main]

#[path = "../../sip/core/tests/survival/digest.rs"]
mod digest;

use std::time::Instant;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| digest::header(Instant::now(), bytes));
