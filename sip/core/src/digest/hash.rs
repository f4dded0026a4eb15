//! Hashes, hex, and comparing without telling where two texts differ.

use std::hint::black_box;

use md5::{Digest, Md5};
use sha2::Sha256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha256,
}

impl Algorithm {
    /// The token of RFC 7616 3.3.
    pub(super) fn token(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// `None` for `-sess` variants and what nobody here knows; MD5 where a header names none.
    pub(super) fn named(name: Option<&str>) -> Option<Self> {
        let Some(name) = name else { return Some(Self::Md5) };
        [Self::Md5, Self::Sha256].into_iter().find(|algorithm| algorithm.token().eq_ignore_ascii_case(name))
    }

    /// The hash in hex of the parts joined by colons.
    pub(super) fn hex_of(self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }
}

pub(super) fn md5(parts: &[&str]) -> [u8; 16] {
    Md5::digest(parts.join(":")).into()
}

pub(super) fn sha256(parts: &[&str]) -> [u8; 32] {
    Sha256::digest(parts.join(":")).into()
}

/// HMAC-SHA-256 with a key of 32 bytes (RFC 2104), cut to 128 bits.
pub(super) fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 16] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    let mut cut = [0; 16];
    cut.copy_from_slice(&outer[..16]);
    cut
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|&b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |b: u8| char::from(b).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(bytes)
}

/// Whether two texts are equal, in a time that depends on their lengths only.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && black_box(a.iter().zip(b).fold(0, |all, (x, y)| black_box(all | (x ^ y)))) == 0
}
