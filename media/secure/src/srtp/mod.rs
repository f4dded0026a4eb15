//! SRTP and SRTCP (RFC 3711; AES-GCM by RFC 7714): a sender and a receiver for one direction each, packets handled in place.

mod cipher;
mod derive;
mod receiver;
mod replay;
mod sender;

pub use receiver::SrtpReceiver;
pub use sender::SrtpSender;

use aws_lc_rs::aead;

/// What a sealed packet may be longer than its plain one, in bytes: the longest tag and SRTCP's index.
pub const TAG_ROOM: usize = 16 + 4;

/// How packets are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// AES-128 in counter mode with an 80-bit HMAC-SHA1 tag: what everybody has.
    Aes128CmSha1_80,
    /// The same with a 32-bit tag on RTP; RTCP keeps 80 bits (RFC 4568 section 6.2.2).
    Aes128CmSha1_32,
    /// AES-128 in GCM (RFC 7714): about half the cost of the others.
    AeadAes128Gcm,
    /// AES-256 in GCM.
    AeadAes256Gcm,
}

impl Profile {
    /// Every profile, the cheapest and strongest first: the order they are offered in.
    pub const ALL: [Self; 4] = [Self::AeadAes128Gcm, Self::AeadAes256Gcm, Self::Aes128CmSha1_80, Self::Aes128CmSha1_32];

    /// Bytes of a master key.
    pub const fn key_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            Self::Aes128CmSha1_80 | Self::Aes128CmSha1_32 | Self::AeadAes128Gcm => 16,
        }
    }

    /// Bytes of a master salt.
    pub const fn salt_len(self) -> usize {
        match self {
            Self::Aes128CmSha1_80 | Self::Aes128CmSha1_32 => 14,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 12,
        }
    }

    /// The name of the crypto suite in SDP (RFC 4568 section 6.2, RFC 7714 section 14.2).
    pub const fn sdes_name(self) -> &'static str {
        match self {
            Self::Aes128CmSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::Aes128CmSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    const fn aead(self) -> Option<&'static aead::Algorithm> {
        match self {
            Self::AeadAes128Gcm => Some(&aead::AES_128_GCM),
            Self::AeadAes256Gcm => Some(&aead::AES_256_GCM),
            Self::Aes128CmSha1_80 | Self::Aes128CmSha1_32 => None,
        }
    }

    const fn rtp_tag_len(self) -> usize {
        match self {
            Self::Aes128CmSha1_80 => 10,
            Self::Aes128CmSha1_32 => 4,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 16,
        }
    }

    const fn rtcp_tag_len(self) -> usize {
        match self {
            Self::Aes128CmSha1_80 | Self::Aes128CmSha1_32 => 10,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 16,
        }
    }
}

/// A master key and its salt for one direction.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    profile: Profile,
    bytes: Vec<u8>,
}

impl MasterKey {
    /// `bytes` is the key followed by the salt, as SDES writes them.
    ///
    /// # Errors
    /// [`SrtpError::KeyLength`] when the length is not the profile's.
    pub fn new(profile: Profile, bytes: &[u8]) -> Result<Self, SrtpError> {
        match bytes.len() == profile.key_len() + profile.salt_len() {
            true => Ok(Self { profile, bytes: bytes.to_vec() }),
            false => Err(SrtpError::KeyLength),
        }
    }

    /// A fresh key.
    pub fn random(profile: Profile, rng: &mut impl rand::Rng) -> Self {
        let mut bytes = vec![0; profile.key_len() + profile.salt_len()];
        rng.fill_bytes(&mut bytes);
        Self { profile, bytes }
    }

    /// What it is for.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Key and salt, one after the other: what stands behind `inline:` in an SDES line.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn key(&self) -> &[u8] {
        &self.bytes[..self.profile.key_len()]
    }

    fn salt(&self) -> &[u8] {
        &self.bytes[self.profile.key_len()..]
    }
}

/// Keys are not printed.
impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({:?})", self.profile)
    }
}

/// Why a packet was not sealed or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SrtpError {
    /// Not a packet of the kind it was taken for.
    #[error("too short or not RTP")]
    Malformed,
    /// The tag does not fit: somebody else sent it, or it was changed on its way.
    #[error("wrong authentication tag")]
    Forged,
    /// A packet that came before, or one too old to tell.
    #[error("a packet that was here before")]
    Replayed,
    /// A master key whose length is not its profile's.
    #[error("the key's length is not the profile's")]
    KeyLength,
    /// The buffer has no room for the tag.
    #[error("no room for the tag")]
    NoRoom,
    /// Every index of this key has been used (RFC 3711 section 9.2).
    #[error("this key has sealed all it may")]
    KeyExhausted,
}
