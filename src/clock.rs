//! The one place that reads clocks; everything that decides is handed the result.

use std::time::Instant;

use carillon_model::Now;
use jiff::Timestamp;

/// Both clocks, now.
pub fn now() -> Now {
    Now { mono: Instant::now(), wall: Timestamp::now() }
}
