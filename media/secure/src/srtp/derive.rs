//! Session keys from a master key (RFC 3711 section 4.3, key derivation rate 0).

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};

use super::{MasterKey, SrtpError};

/// What a session key is for; the number is its label.
#[derive(Clone, Copy)]
pub(super) enum Label {
    RtpKey = 0,
    RtpAuth = 1,
    RtpSalt = 2,
    RtcpKey = 3,
    RtcpAuth = 4,
    RtcpSalt = 5,
}

/// Fills `out` with the session key of this label.
pub(super) fn derive(master: &MasterKey, label: Label, out: &mut [u8]) -> Result<(), SrtpError> {
    let mut iv = [0; 16];
    // A GCM salt has 12 bytes: the missing two are zeros on the right (RFC 7714 section 11).
    iv[..master.salt().len()].copy_from_slice(master.salt());
    iv[7] ^= label as u8;
    out.fill(0);
    keystream(master.key(), &iv, out)
}

/// XORs AES-CTR's stream, which starts at `iv`, over `data`.
fn keystream(key: &[u8], iv: &[u8; 16], data: &mut [u8]) -> Result<(), SrtpError> {
    counter_key(key)?.less_safe_encrypt(data, EncryptionContext::Iv128((*iv).into())).map(|_| ()).map_err(|_| SrtpError::KeyLength)
}

/// A key for AES in counter mode.
pub(super) fn counter_key(key: &[u8]) -> Result<EncryptingKey, SrtpError> {
    let algorithm = match key.len() {
        16 => &AES_128,
        32 => &AES_256,
        _ => return Err(SrtpError::KeyLength),
    };
    UnboundCipherKey::new(algorithm, key).and_then(EncryptingKey::ctr).map_err(|_| SrtpError::KeyLength)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    /// RFC 3711 appendix B.3.
    #[test]
    fn session_keys_are_those_of_the_rfc() {
        let master = [
            0xE1, 0xF9, 0x7A, 0x0D, 0x3E, 0x01, 0x8B, 0xE0, 0xD6, 0x4F, 0xA3, 0x2C, 0x06, 0xDE, 0x41, 0x39, 0x0E, 0xC6, 0x75, 0xAD, 0x49,
            0x8A, 0xFE, 0xEB, 0xB6, 0x96, 0x0B, 0x3A, 0xAB, 0xE6,
        ];
        let master = MasterKey::new(Profile::Aes128CmSha1_80, &master).expect("30 bytes");
        let mut key = [0; 16];
        derive(&master, Label::RtpKey, &mut key).expect("derived");
        assert_eq!(key, [0xC6, 0x1E, 0x7A, 0x93, 0x74, 0x4F, 0x39, 0xEE, 0x10, 0x73, 0x4A, 0xFE, 0x3F, 0xF7, 0xA0, 0x87]);
        let mut salt = [0; 14];
        derive(&master, Label::RtpSalt, &mut salt).expect("derived");
        assert_eq!(salt, [0x30, 0xCB, 0xBC, 0x08, 0x86, 0x3D, 0x8C, 0x85, 0xD4, 0x9D, 0xB3, 0x4A, 0x9A, 0xE1]);
        let mut auth = [0; 20];
        derive(&master, Label::RtpAuth, &mut auth).expect("derived");
        assert_eq!(auth[..8], [0xCE, 0xBE, 0x32, 0x1F, 0x6F, 0xF7, 0x71, 0x6B]);
    }
}
