//! The phones that are pages: each WebRTC agent has one, of the agent's own number.

use carillon_model::{IdSource, PhoneId};
use carillon_store::{self as store, Db, DigestSecret};
use jiff::Timestamp;

/// Makes and takes away what agents' pages register as. Their passwords are known to nobody: a page registers with a token of its session.
///
/// # Errors
/// The database refuses.
pub async fn keep_pages(db: &Db) -> Result<(), store::Error> {
    let (now, mut ids) = (Timestamp::now(), IdSource::new(rand::random()));
    let mut write = db.write().await?;
    let fresh = || (PhoneId::new(ids.next(now)), unknown_secret());
    store::phone::keep_pages(&mut write, fresh, now).await?;
    write.commit().await
}

/// Hashes of a password that there is not.
fn unknown_secret() -> DigestSecret {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let (md5, sha256): ([u8; 16], [u8; 32]) = (rand::random(), rand::random());
    DigestSecret { ha1_md5: hex(&md5), ha1_sha256: hex(&sha256) }
}
