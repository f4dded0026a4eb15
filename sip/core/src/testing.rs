//! The one instant that tests in virtual time begin at.

use std::time::Instant;

/// Any instant will do: tests only ever add to it.
#[expect(clippy::disallowed_methods, reason = "an Instant cannot be made any other way")]
pub(crate) fn epoch() -> Instant {
    Instant::now()
}
