//! `[limits]`

use serde::Deserialize;

/// How much is too much. Above it new work is refused; running work goes on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls at once; one more gets 503.
    pub calls: usize,
    /// Seconds that running calls get at shutdown before they are ended.
    pub drain_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls: 2_000, drain_s: 60 }
    }
}
