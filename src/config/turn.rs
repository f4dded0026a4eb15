//! `[turn]`

use std::path::PathBuf;

use serde::Deserialize;

/// A TURN server for pages that cannot reach this server's media ports. It shares a secret with this server and knows nobody's password.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Turn {
    /// Its addresses, for example `turn:turn.example:3478?transport=udp`. Empty: there is none.
    pub urls: Vec<String>,
    /// A file with the secret that it checks credentials by (coturn: `use-auth-secret`, `static-auth-secret`).
    pub turn_secret_file: PathBuf,
    /// Seconds that credentials hold.
    pub credentials_s: u32,
}

impl Default for Turn {
    fn default() -> Self {
        Self { urls: Vec::new(), turn_secret_file: PathBuf::new(), credentials_s: 12 * 3600 }
    }
}
