//! `[accounts]`

use serde::Deserialize;

/// The passwords of people.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Whether passwords are of several kinds of characters, last 90 days and are changed at the first sign-in.
    pub security_suite: bool,
}
