//! Passwords: argon2id, off the async threads, two at a time.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// Two hashes at a time: each takes a core and 19 MiB.
static HASHING: Semaphore = Semaphore::const_new(2);

/// What an unknown user's password is compared with, so that knowing a name costs the same as guessing one.
static NOBODY: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| hash_blocking("nobody"));

/// The PHC string of a password.
pub async fn hash(password: &str) -> String {
    let password = password.to_owned();
    in_turn(move || hash_blocking(&password)).await
}

/// Whether `password` is the one behind `stored`. Without `stored` (no such user) it takes as long and is false.
pub async fn verify(password: &str, stored: Option<String>) -> bool {
    let password = password.to_owned();
    in_turn(move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        is_blocking(&password, &stored) && known
    })
    .await
}

/// A random password that is easy to read aloud: four groups of five letters and digits, 100 bits.
pub fn random() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
    let bytes: [u8; 20] = rand::random();
    let text: Vec<u8> = bytes.iter().map(|byte| LETTERS[usize::from(byte % 32)]).collect();
    text.chunks(5).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

/// Whether `password` is the one behind `stored`, on the calling thread.
pub(crate) fn is_blocking(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The PHC string of a password, on the calling thread.
pub(crate) fn hash_blocking(password: &str) -> String {
    // The parameters are the crate's own defaults and the salt is made here: hashing cannot fail for any password.
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).unwrap_or_default()
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let _turn = HASHING.acquire().await;
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other_opens() {
        let stored = hash("carillon-demo").await;
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert!(verify("carillon-demo", Some(stored.clone())).await);
        assert!(!verify("carillon-demO", Some(stored)).await);
        assert!(!verify("nobody", None).await);
        assert_ne!(random(), random());
    }
}
