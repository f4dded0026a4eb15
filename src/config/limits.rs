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
    /// Seconds after which an open live stream asks again whether its session or key stands. An end that this server makes closes it at once.
    pub stream_check_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls: 2_000, drain_s: 60, stream_check_s: 60 }
    }
}
