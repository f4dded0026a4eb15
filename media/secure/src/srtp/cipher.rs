//! Sealing and opening the bytes of one packet with session keys.

use aws_lc_rs::{
    aead::{Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    cipher::{EncryptingKey, EncryptionContext},
    constant_time, hmac,
};

use super::{
    MasterKey, Profile, SrtpError,
    derive::{Label, counter_key, derive},
};

/// Set in SRTCP's index when the packet is encrypted (RFC 3711 section 3.4).
const ENCRYPTED: u32 = 1 << 31;

/// The session keys of one direction.
pub(super) struct Cipher {
    profile: Profile,
    rtp: Keys,
    rtcp: Keys,
}

enum Keys {
    Counter(Box<Counter>),
    Gcm { key: LessSafeKey, salt: [u8; NONCE_LEN] },
}

/// Boxed, since such keys are large and the other kind is small.
struct Counter {
    key: EncryptingKey,
    salt: [u8; 14],
    auth: hmac::Key,
}

impl Cipher {
    pub(super) fn new(master: &MasterKey) -> Result<Self, SrtpError> {
        Ok(Self {
            profile: master.profile(),
            rtp: Keys::new(master, Label::RtpKey, Label::RtpAuth, Label::RtpSalt)?,
            rtcp: Keys::new(master, Label::RtcpKey, Label::RtcpAuth, Label::RtcpSalt)?,
        })
    }

    /// Seals the RTP packet in `buffer[..len]`; `buffer` has room for the tag behind it. Gives the sealed length.
    pub(super) fn seal_rtp(&self, buffer: &mut [u8], len: usize, header: usize, ssrc: u32, index: u64) -> Result<usize, SrtpError> {
        let sealed = len + self.profile.rtp_tag_len();
        if buffer.len() < sealed {
            return Err(SrtpError::NoRoom);
        }
        let (packet, tag) = buffer.split_at_mut(len);
        match &self.rtp {
            Keys::Counter(keys) => {
                let Counter { key, salt, auth } = &**keys;
                encrypt(key, &counter_iv(salt, ssrc, index), &mut packet[header..])?;
                tag[..self.profile.rtp_tag_len()].copy_from_slice(&tag_of(auth, packet, roc(index))[..self.profile.rtp_tag_len()]);
            }
            Keys::Gcm { key, salt } => {
                let (aad, body) = packet.split_at_mut(header);
                let sealed = key.seal_in_place_separate_tag(rtp_nonce(salt, ssrc, index), Aad::from(aad), body);
                tag[..16].copy_from_slice(sealed.map_err(|_| SrtpError::Malformed)?.as_ref());
            }
        }
        Ok(sealed)
    }

    /// Opens the sealed RTP packet in place. Gives the plain length.
    pub(super) fn open_rtp(&self, packet: &mut [u8], header: usize, ssrc: u32, index: u64) -> Result<usize, SrtpError> {
        let plain = packet.len().checked_sub(self.profile.rtp_tag_len()).filter(|plain| *plain >= header).ok_or(SrtpError::Malformed)?;
        match &self.rtp {
            Keys::Counter(keys) => {
                let Counter { key, salt, auth } = &**keys;
                let (body, tag) = packet.split_at_mut(plain);
                authentic(&tag_of(auth, body, roc(index))[..tag.len()], tag)?;
                encrypt(key, &counter_iv(salt, ssrc, index), &mut body[header..])?;
            }
            Keys::Gcm { key, salt } => {
                let (aad, body) = packet.split_at_mut(header);
                key.open_in_place(rtp_nonce(salt, ssrc, index), Aad::from(aad), body).map_err(|_| SrtpError::Forged)?;
            }
        }
        Ok(plain)
    }

    /// Seals the RTCP packet in `buffer[..len]` under this index of 31 bits.
    pub(super) fn seal_rtcp(&self, buffer: &mut [u8], len: usize, ssrc: u32, index: u32) -> Result<usize, SrtpError> {
        let tag_len = self.profile.rtcp_tag_len();
        let sealed = len + tag_len + 4;
        if len < 8 || buffer.len() < sealed {
            return Err(if len < 8 { SrtpError::Malformed } else { SrtpError::NoRoom });
        }
        let word = (index | ENCRYPTED).to_be_bytes();
        match &self.rtcp {
            Keys::Counter(keys) => {
                let Counter { key, salt, auth } = &**keys;
                encrypt(key, &counter_iv(salt, ssrc, u64::from(index)), &mut buffer[8..len])?;
                buffer[len..len + 4].copy_from_slice(&word);
                let tag = hmac::sign(auth, &buffer[..len + 4]);
                buffer[len + 4..sealed].copy_from_slice(&tag.as_ref()[..tag_len]);
            }
            Keys::Gcm { key, salt } => {
                let (aad, rest) = buffer.split_at_mut(8);
                let tag = key
                    .seal_in_place_separate_tag(rtcp_nonce(salt, ssrc, index), Aad::from(rtcp_aad(aad, word)), &mut rest[..len - 8])
                    .map_err(|_| SrtpError::Malformed)?;
                rest[len - 8..][..16].copy_from_slice(tag.as_ref());
                rest[len + 8..][..4].copy_from_slice(&word);
            }
        }
        Ok(sealed)
    }

    /// The index a sealed RTCP packet claims, not yet proved.
    pub(super) fn rtcp_index(&self, packet: &[u8]) -> Result<u32, SrtpError> {
        let behind = match self.rtcp {
            Keys::Counter(_) => self.profile.rtcp_tag_len() + 4,
            Keys::Gcm { .. } => 4,
        };
        let at = packet.len().checked_sub(behind).filter(|at| *at >= 8).ok_or(SrtpError::Malformed)?;
        let word = packet[at..].first_chunk().map(|bytes| u32::from_be_bytes(*bytes)).ok_or(SrtpError::Malformed)?;
        // Nobody we offer keys to may leave RTCP unencrypted.
        if word & ENCRYPTED == 0 { Err(SrtpError::Forged) } else { Ok(word & !ENCRYPTED) }
    }

    /// Opens the sealed RTCP packet in place. Gives the plain length.
    pub(super) fn open_rtcp(&self, packet: &mut [u8], ssrc: u32, index: u32) -> Result<usize, SrtpError> {
        let plain = packet.len().checked_sub(self.profile.rtcp_tag_len() + 4).filter(|plain| *plain >= 8).ok_or(SrtpError::Malformed)?;
        match &self.rtcp {
            Keys::Counter(keys) => {
                let Counter { key, salt, auth } = &**keys;
                let (body, tag) = packet.split_at_mut(plain + 4);
                authentic(&hmac::sign(auth, body).as_ref()[..tag.len()], tag)?;
                encrypt(key, &counter_iv(salt, ssrc, u64::from(index)), &mut body[8..plain])?;
            }
            Keys::Gcm { key, salt } => {
                let (aad, rest) = packet.split_at_mut(8);
                let word = (index | ENCRYPTED).to_be_bytes();
                let sealed = rest.len() - 4;
                key.open_in_place(rtcp_nonce(salt, ssrc, index), Aad::from(rtcp_aad(aad, word)), &mut rest[..sealed])
                    .map_err(|_| SrtpError::Forged)?;
            }
        }
        Ok(plain)
    }
}

impl Keys {
    fn new(master: &MasterKey, key: Label, auth: Label, salt: Label) -> Result<Self, SrtpError> {
        let mut key_bytes = [0; 32];
        let key_bytes = &mut key_bytes[..master.profile().key_len()];
        derive(master, key, key_bytes)?;
        if let Some(algorithm) = master.profile().aead() {
            let mut salt_bytes = [0; NONCE_LEN];
            derive(master, salt, &mut salt_bytes)?;
            let key = UnboundKey::new(algorithm, key_bytes).map_err(|_| SrtpError::KeyLength)?;
            return Ok(Self::Gcm { key: LessSafeKey::new(key), salt: salt_bytes });
        }
        let (mut salt_bytes, mut auth_bytes) = ([0; 14], [0; 20]);
        derive(master, salt, &mut salt_bytes)?;
        derive(master, auth, &mut auth_bytes)?;
        let auth = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &auth_bytes);
        Ok(Self::Counter(Box::new(Counter { key: counter_key(key_bytes)?, salt: salt_bytes, auth })))
    }
}

fn encrypt(key: &EncryptingKey, iv: &[u8; 16], data: &mut [u8]) -> Result<(), SrtpError> {
    if data.is_empty() {
        return Ok(());
    }
    key.less_safe_encrypt(data, EncryptionContext::Iv128((*iv).into())).map(|_| ()).map_err(|_| SrtpError::Malformed)
}

/// RFC 3711 section 4.1.1.
fn counter_iv(salt: &[u8; 14], ssrc: u32, index: u64) -> [u8; 16] {
    let mut iv = [0; 16];
    iv[..14].copy_from_slice(salt);
    xor(&mut iv[4..8], &ssrc.to_be_bytes());
    xor(&mut iv[8..14], &index.to_be_bytes()[2..]);
    iv
}

/// RFC 7714 section 8.1: SSRC, roll-over count and sequence number over the salt.
fn rtp_nonce(salt: &[u8; NONCE_LEN], ssrc: u32, index: u64) -> Nonce {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[6..12], &index.to_be_bytes()[2..]);
    Nonce::assume_unique_for_key(nonce)
}

/// RFC 7714 section 9.1.
fn rtcp_nonce(salt: &[u8; NONCE_LEN], ssrc: u32, index: u32) -> Nonce {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[8..12], &index.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

/// RFC 7714 section 9.2: the first two words of the packet and the word with the index.
fn rtcp_aad(head: &[u8], word: [u8; 4]) -> [u8; 12] {
    let mut aad = [0; 12];
    aad[..8].copy_from_slice(head);
    aad[8..].copy_from_slice(&word);
    aad
}

fn xor(left: &mut [u8], right: &[u8]) {
    for (left, right) in left.iter_mut().zip(right) {
        *left ^= right;
    }
}

fn roc(index: u64) -> u32 {
    u32::try_from(index >> 16).unwrap_or(u32::MAX)
}

/// RFC 3711 section 4.2: the tag covers the packet and the roll-over count behind it.
fn tag_of(auth: &hmac::Key, packet: &[u8], roc: u32) -> [u8; 20] {
    let mut context = hmac::Context::with_key(auth);
    context.update(packet);
    context.update(&roc.to_be_bytes());
    let mut tag = [0; 20];
    tag.copy_from_slice(context.sign().as_ref());
    tag
}

fn authentic(expected: &[u8], tag: &[u8]) -> Result<(), SrtpError> {
    constant_time::verify_slices_are_equal(expected, tag).map_err(|_| SrtpError::Forged)
}
