use std::fmt;

use super::hash::{Algorithm, hex, md5, sha256, unhex};

/// What is kept instead of a password: `H(user:realm:password)` for both algorithms. As good as the password for its realm, so it prints redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct Ha1 {
    /// The MD5 hash.
    pub md5: [u8; 16],
    /// The SHA-256 hash.
    pub sha256: [u8; 32],
}

impl Ha1 {
    /// Hashes a password.
    pub fn from_password(user: &str, realm: &str, password: &str) -> Self {
        let parts = [user, realm, password];
        Self { md5: md5(&parts), sha256: sha256(&parts) }
    }

    /// Reads both hashes as they are stored; `None` when one is no hex of its length.
    pub fn from_hex(md5: &str, sha256: &str) -> Option<Self> {
        Some(Self { md5: unhex(md5)?, sha256: unhex(sha256)? })
    }

    /// The MD5 hash in lower-case hex.
    pub fn md5_hex(&self) -> String {
        hex(&self.md5)
    }

    /// The SHA-256 hash in lower-case hex.
    pub fn sha256_hex(&self) -> String {
        hex(&self.sha256)
    }

    pub(super) fn hex(&self, algorithm: Algorithm) -> String {
        match algorithm {
            Algorithm::Md5 => self.md5_hex(),
            Algorithm::Sha256 => self.sha256_hex(),
        }
    }
}

impl fmt::Debug for Ha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ha1(redacted)")
    }
}
