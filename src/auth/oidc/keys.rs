//! The provider's public keys (JWK, RFC 7517), and signatures by them (RFC 7518 3.3, 3.4).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// Keys looked at; providers have two or three.
const MOST: usize = 64;

/// What the provider publishes. Of keys we cannot use nothing is kept but that they are there.
#[derive(Debug, Default, Deserialize)]
pub(super) struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// How a token is signed. No other way is taken: neither `none` nor one by a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Algorithm {
    RS256,
    ES256,
}

impl KeySet {
    /// Whether a key of this name is there.
    pub(super) fn has(&self, kid: Option<&str>) -> bool {
        kid.is_none() || self.keys.iter().take(MOST).any(|key| key.kid.as_deref() == kid)
    }

    /// Whether `signature` is one of `message` by a key of this name; without a name, by any.
    pub(super) fn signed(&self, algorithm: Algorithm, kid: Option<&str>, message: &[u8], signature: &[u8]) -> bool {
        let named = self.keys.iter().take(MOST).filter(|key| kid.is_none() || key.kid.as_deref() == kid);
        named.filter(|key| key.signs(algorithm)).any(|key| key.verify(algorithm, message, signature).is_some())
    }
}

impl Key {
    /// The key says what it is for: one for another algorithm or for encryption signs nothing.
    fn signs(&self, algorithm: Algorithm) -> bool {
        let (kty, alg) = match algorithm {
            Algorithm::RS256 => ("RSA", "RS256"),
            Algorithm::ES256 => ("EC", "ES256"),
        };
        self.kty == kty && self.usage.as_deref().is_none_or(|usage| usage == "sig") && self.alg.as_deref().is_none_or(|named| named == alg)
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<()> {
        let octets = |part: &Option<String>| URL_SAFE_NO_PAD.decode(part.as_deref()?).ok();
        match algorithm {
            Algorithm::RS256 => {
                let key = RsaPublicKeyComponents { n: octets(&self.n)?, e: octets(&self.e)? };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).ok()
            }
            Algorithm::ES256 => {
                let (x, y) = (octets(&self.x)?, octets(&self.y)?);
                if self.crv.as_deref() != Some("P-256") || x.len() != 32 || y.len() != 32 {
                    return None;
                }
                // An uncompressed point (SEC 1 2.3.3).
                let point = [&[4], x.as_slice(), &y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).ok()
            }
        }
    }
}
