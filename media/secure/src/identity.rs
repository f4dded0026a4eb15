//! The certificate of this process, and the fingerprint by which the SDP vouches for a peer's.

use std::sync::Arc;

use aws_lc_rs::digest;
use rtc_crypto::{RTCCryptoProvider, default_provider};
use rtc_dtls::crypto::Certificate;

/// A certificate could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no DTLS certificate could be made: {0}")]
pub struct IdentityError(String);

/// One self-signed certificate (ECDSA P-256) and the cryptography to use it with. One is enough for a process: what
/// vouches for it is the SDP, not an authority.
#[derive(Clone)]
pub struct Identity {
    pub(crate) certificate: Certificate,
    pub(crate) provider: Arc<dyn RTCCryptoProvider>,
    fingerprint: Fingerprint,
}

impl Identity {
    /// Makes one.
    ///
    /// # Errors
    /// When the cryptography refuses.
    pub fn generate() -> Result<Self, IdentityError> {
        let provider = default_provider().map_err(|error| IdentityError(error.to_string()))?;
        let certificate = Certificate::generate_self_signed(vec!["carillon".to_owned()], provider.crypto())
            .map_err(|error| IdentityError(error.to_string()))?;
        let first = certificate.certificate.first().ok_or_else(|| IdentityError("it has no bytes".to_owned()))?;
        let fingerprint = Fingerprint::of(first);
        Ok(Self { certificate, provider, fingerprint })
    }

    /// What our SDP says of it.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.fingerprint)
    }
}

/// The SHA-256 of a certificate (RFC 8122 section 5). Other hashes are not taken: every browser and phone offers this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of these DER bytes.
    pub fn of(certificate: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, certificate).as_ref());
        Self(bytes)
    }

    /// Reads what stands behind `a=fingerprint:`, such as `sha-256 AB:CD:…`. `None` for another hash or another length.
    pub fn parse(text: &str) -> Option<Self> {
        let (hash, value) = text.trim().split_once(' ')?;
        if !hash.eq_ignore_ascii_case("sha-256") {
            return None;
        }
        let mut bytes = [0; 32];
        let mut parts = value.trim().split(':');
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            *byte = u8::from_str_radix(part, 16).ok()?;
        }
        parts.next().is_none().then_some(Self(bytes))
    }
}

/// As SDP writes it.
impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sha-256 ")?;
        for (at, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if at == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_as_it_is_written() {
        let written = Fingerprint::of(b"a certificate").to_string();
        assert_eq!(Fingerprint::parse(&written), Some(Fingerprint::of(b"a certificate")));
        assert_eq!(Fingerprint::parse(&written.to_lowercase()), Some(Fingerprint::of(b"a certificate")));
        assert_eq!(Fingerprint::parse(&written[..written.len() - 3]), None);
        assert_eq!(Fingerprint::parse(&format!("{written}:00")), None);
        assert_eq!(Fingerprint::parse("sha-1 00:11"), None);
    }
}
