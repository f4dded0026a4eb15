//! The time as deciding code sees it: handed in, never read.

use std::time::Instant;

use jiff::Timestamp;

/// One moment on both clocks. Durations and deadlines use `mono`; what people and the database see uses `wall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Monotonic clock: never jumps.
    pub mono: Instant,
    /// Wall clock: may jump when the machine's clock is set.
    pub wall: Timestamp,
}
