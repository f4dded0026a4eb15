//! Recordings at rest, readable only with a key: AES-256-GCM in chunks, so that any part is read without the rest.
//!
//! A sealed file is a head of 40 bytes (magic, name of the key, salt, length of what is sealed) and chunks of 64 KiB, each with a tag of 16 bytes. Its key is
//! derived from the site's and the salt (HKDF, RFC 5869); a chunk's number is its nonce, the head is authenticated with each. So no chunk can be
//! changed, left out, moved, or taken from another file.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"CARSEAL1";
const HEAD: usize = 8 + 8 + 16 + 8;
const TAG: usize = 16;
/// Bytes of a chunk before it is sealed.
pub(crate) const CHUNK: usize = 64 * 1024;

/// A key of the site, and its name: the first eight bytes of its SHA-256.
#[derive(Clone)]
pub(crate) struct SiteKey {
    bytes: [u8; 32],
    name: [u8; 8],
}

/// Why a sealed file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Not a sealed file.
    #[error("this is no sealed recording")]
    NotSealed,
    /// The site has not the key that it is sealed with.
    #[error("the key {0} is not among this site's")]
    NoKey(String),
    /// It was changed, or cut off.
    #[error("the sealed recording was changed or cut off")]
    Changed,
}

impl SiteKey {
    /// A key from its 64 hexadecimal digits; `None` when that is not what the text is.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.trim();
        let pairs = digits.as_bytes().chunks_exact(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        let bytes: [u8; 32] = pairs.collect::<Option<Vec<u8>>>()?.try_into().ok().filter(|_| digits.len() == 64)?;
        let mut name = [0; 8];
        name.copy_from_slice(&Sha256::digest(bytes)[..8]);
        Some(Self { bytes, name })
    }

    /// Its name, in hexadecimal digits.
    pub(crate) fn name(&self) -> String {
        hex(&self.name)
    }

    fn of_file(&self, salt: &[u8]) -> Result<LessSafeKey, SealError> {
        let derived = Salt::new(HKDF_SHA256, salt).extract(&self.bytes);
        let key =
            derived.expand(&[b"carillon recording".as_slice()], &AES_256_GCM).map(UnboundKey::from).map_err(|_| SealError::Changed)?;
        Ok(LessSafeKey::new(key))
    }
}

/// Keys are not printed.
impl std::fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SiteKey({})", self.name())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seals a file into another, which is whole on disk afterwards.
pub(crate) fn seal(from: &Path, to: &Path, key: &SiteKey, salt: [u8; 16]) -> Result<(), SealError> {
    let mut plain = File::open(from)?;
    let length = plain.metadata()?.len();
    let mut head = [0; HEAD];
    head[..8].copy_from_slice(MAGIC);
    head[8..16].copy_from_slice(&key.name);
    head[16..32].copy_from_slice(&salt);
    head[32..].copy_from_slice(&length.to_be_bytes());
    let (key, mut sealed) = (key.of_file(&salt)?, File::create(to)?);
    sealed.write_all(&head)?;
    let mut left = length;
    for number in 0.. {
        let mut chunk = vec![0; left.min(CHUNK as u64) as usize];
        plain.read_exact(&mut chunk)?;
        left -= chunk.len() as u64;
        key.seal_in_place_append_tag(nonce(number), Aad::from(head), &mut chunk).map_err(|_| SealError::Changed)?;
        sealed.write_all(&chunk)?;
        if left == 0 {
            break;
        }
    }
    sealed.sync_all()?;
    Ok(())
}

/// A sealed file that can be read.
pub(crate) struct Sealed {
    file: File,
    head: [u8; HEAD],
    key: LessSafeKey,
    length: u64,
}

impl Sealed {
    pub(crate) fn open(path: &Path, keys: &[SiteKey]) -> Result<Self, SealError> {
        let mut file = File::open(path)?;
        let mut head = [0; HEAD];
        file.read_exact(&mut head).map_err(|_| SealError::NotSealed)?;
        if &head[..8] != MAGIC {
            return Err(SealError::NotSealed);
        }
        let name = &head[8..16];
        let key = keys.iter().find(|key| key.name == name).ok_or_else(|| SealError::NoKey(hex(name)))?.of_file(&head[16..32])?;
        let mut length = [0; 8];
        length.copy_from_slice(&head[32..]);
        Ok(Self { file, head, key, length: u64::from_be_bytes(length) })
    }

    /// Name of the key it is sealed with.
    pub(crate) fn key_name(&self) -> String {
        hex(&self.head[8..16])
    }

    /// Bytes of what is sealed.
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// The chunk of this number; the last may be short.
    pub(crate) fn chunk(&mut self, number: u64) -> Result<Vec<u8>, SealError> {
        let begins = number * CHUNK as u64;
        let plain = self.length.saturating_sub(begins).min(CHUNK as u64) as usize;
        let mut chunk = vec![0; plain + TAG];
        self.file.seek(SeekFrom::Start(HEAD as u64 + number * (CHUNK + TAG) as u64))?;
        self.file.read_exact(&mut chunk).map_err(|_| SealError::Changed)?;
        self.key.open_in_place(nonce(number), Aad::from(self.head), &mut chunk).map_err(|_| SealError::Changed)?;
        chunk.truncate(plain);
        Ok(chunk)
    }

    /// Gives all of it, piece by piece.
    pub(crate) fn each(&mut self, mut take: impl FnMut(&[u8])) -> Result<(), SealError> {
        for number in 0..self.length.div_ceil(CHUNK as u64).max(1) {
            take(&self.chunk(number)?);
        }
        Ok(())
    }
}

fn nonce(number: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[NONCE_LEN - 8..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(digit: &str) -> SiteKey {
        SiteKey::parse(&digit.repeat(64)).expect("a key")
    }

    fn sealed(folder: &Path, length: usize) -> (std::path::PathBuf, Vec<u8>) {
        let (plain, to) = (folder.join("a.wav"), folder.join("a.sealed"));
        let bytes: Vec<u8> = (0..length).map(|n| (n * 31 % 251) as u8).collect();
        std::fs::write(&plain, &bytes).expect("written");
        seal(&plain, &to, &key("a"), [7; 16]).expect("sealed");
        (to, bytes)
    }

    #[test]
    fn what_is_sealed_is_read_with_its_key_alone_whole_or_in_part() {
        let folder = tempfile::tempdir().expect("a folder");
        for length in [0, 1, 44, CHUNK, CHUNK + 1, 3 * CHUNK + 17] {
            let (path, bytes) = sealed(folder.path(), length);
            let raw = std::fs::read(&path).expect("read");
            assert!(length < 44 || !raw.windows(40).any(|window| window == &bytes[..40]), "nothing of it is in clear");
            let mut opened = Sealed::open(&path, &[key("b"), key("a")]).expect("the key is there");
            let mut read = Vec::new();
            opened.each(|piece| read.extend_from_slice(piece)).expect("whole");
            assert!(read == bytes && opened.len() == length as u64, "{length}");
            if length > CHUNK {
                assert_eq!(opened.chunk(1).expect("a part"), bytes[CHUNK..length.min(2 * CHUNK)]);
            }
            assert!(matches!(Sealed::open(&path, &[key("b")]), Err(SealError::NoKey(_))));
        }
    }

    #[test]
    fn a_change_a_cut_or_a_swap_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, _) = sealed(folder.path(), 3 * CHUNK);
        let good = std::fs::read(&path).expect("read");
        let second = HEAD + CHUNK + TAG;
        let mut changes: Vec<Vec<u8>> = [20, 39, HEAD + 5, good.len() - 1]
            .map(|at| {
                let mut bad = good.clone();
                bad[at] ^= 1;
                bad
            })
            .into();
        changes.push(good[..good.len() - 100].to_vec());
        let mut swapped = good.clone();
        swapped[HEAD..second].copy_from_slice(&good[second..second + CHUNK + TAG]);
        changes.push(swapped);
        for bad in changes {
            std::fs::write(&path, bad).expect("written");
            let read = Sealed::open(&path, &[key("a")]).and_then(|mut opened| opened.each(|_| {}));
            assert!(matches!(read, Err(SealError::Changed)));
        }
        assert!(SiteKey::parse("abc").is_none() && SiteKey::parse(&"g".repeat(64)).is_none());
    }
}
