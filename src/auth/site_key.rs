//! What secrets that must be read again are sealed with in the database: AES-256-GCM with a key that is in a file and nowhere else.

use std::{fmt, fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::Context;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The file, beside the spool.
const FILE: &str = "second-factor.key";
const KEY: usize = 32;

/// The site's key.
pub struct SiteKey(RandomizedNonceKey);

impl SiteKey {
    /// Reads the key in a folder; the first start makes it, readable by its owner alone.
    ///
    /// # Errors
    /// The file cannot be read or made, or is no key.
    pub fn in_folder(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE);
        let told = || format!("the key of second factors {}", file.display());
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(folder, &file).with_context(told)?,
            Err(error) => return Err(error).with_context(told),
        };
        anyhow::ensure!(bytes.len() == KEY, "{} has {} octets instead of {KEY}: put the one back that was there", told(), bytes.len());
        RandomizedNonceKey::new(&AES_256_GCM, &bytes).map(Self).map_err(|_| anyhow::anyhow!("{} cannot be used", told()))
    }

    /// Seals a secret of somebody: nobody else's opens by it.
    pub fn seal(&self, secret: &[u8], whose: &str) -> Option<String> {
        let mut sealed = secret.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(whose.as_bytes()), &mut sealed).ok()?;
        Some(STANDARD.encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for somebody; `None`: with another key, for somebody else, or it was changed.
    pub fn open(&self, sealed: &str, whose: &str) -> Option<Vec<u8>> {
        let mut bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, secret) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        self.0.open_in_place(nonce, Aad::from(whose.as_bytes()), secret).ok().map(|secret| secret.to_vec())
    }
}

/// Not printed.
impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteKey")
    }
}

fn make(folder: &Path, file: &Path) -> std::io::Result<Vec<u8>> {
    let key: [u8; KEY] = rand::random();
    fs::create_dir_all(folder)?;
    let mut written = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    written.write_all(&key)?;
    written.sync_all()?;
    Ok(key.to_vec())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_opens_for_its_owner_with_the_key_it_was_sealed_by() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = SiteKey::in_folder(folder.path()).expect("a new key");
        let sealed = key.seal(b"a secret", "anna").expect("room");
        assert!(!sealed.contains("secret") && sealed != key.seal(b"a secret", "anna").expect("room"));
        let again = SiteKey::in_folder(folder.path()).expect("the same key");
        assert_eq!(again.open(&sealed, "anna").as_deref(), Some(b"a secret".as_slice()));
        assert_eq!(again.open(&sealed, "bruno"), None);
        assert_eq!(again.open(&sealed[4..], "anna"), None);
        assert_eq!(again.open("", "anna"), None);
        let other = SiteKey::in_folder(&folder.path().join("other")).expect("another key");
        assert_eq!(other.open(&sealed, "anna"), None);
        let mode = fs::metadata(folder.path().join(FILE)).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(folder.path().join(FILE), "short").expect("a file");
        assert!(SiteKey::in_folder(folder.path()).is_err_and(|error| error.to_string().contains("5 octets")));
    }
}
