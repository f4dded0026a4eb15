//! What is kept of a SIP password.

use std::fmt;

/// Both digest hashes of a SIP password (RFC 8760), lower-case hex: `H(name:realm:password)`. As good as the password itself
/// for signing in, so not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestSecret {
    /// With MD5.
    pub ha1_md5: String,
    /// With SHA-256.
    pub ha1_sha256: String,
}

impl fmt::Debug for DigestSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestSecret")
    }
}
