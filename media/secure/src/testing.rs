//! What the tests of this crate share.

use std::time::Instant;

/// An instant to begin with; from there on time is counted.
#[expect(clippy::disallowed_methods, reason = "an Instant cannot be made any other way")]
pub(crate) fn start() -> Instant {
    Instant::now()
}
