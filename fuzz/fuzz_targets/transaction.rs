//! Any bytes as the dice of a history of two wild endpoints: transactions and dialogs alone.
#![no_main]

#[allow(dead_code, reason = "targets share it, and each needs a part")]
#[path = "../../sip/leg/tests/survival/history.rs"]
mod history;

use std::time::Instant;

use history::{Cast, Script, play};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let now = Instant::now();
    play(now, Cast::Wilds, &mut Script(bytes));
});
