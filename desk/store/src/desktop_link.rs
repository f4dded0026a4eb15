//! Links that open a desktop signed in, once. The link's secret is nowhere in the database, only its SHA-256.

use carillon_model::UserId;
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Write,
    query::{Q, statements},
};

statements! { "desktop_link":
    INSERT = "INSERT INTO desktop_link (token_sha256, user_id, expires_at) VALUES ($1, $2, $3)";
    TAKE = "DELETE FROM desktop_link WHERE token_sha256 = $1 AND expires_at > $2 RETURNING user_id";
    DELETE_EXPIRED = "DELETE FROM desktop_link WHERE expires_at <= $1";
}

/// Adds a link; those that have expired go. `token_sha256` in lower-case hex.
///
/// # Errors
/// [`Error::Linked`]: no such user.
#[instrument(name = "db.desktop_link.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, token_sha256: &str, user: UserId, now: Timestamp, expires_at: Timestamp) -> Result<(), Error> {
    Q::of(&DELETE_EXPIRED).bind(now).run(write).await?;
    Q::of(&INSERT).bind(token_sha256).bind(user).bind(expires_at).run(write).await.map(|_| ())
}

/// Uses a link up: whom it signs in, if it is good.
///
/// # Errors
/// As every write.
#[instrument(name = "db.desktop_link.take", level = "debug", skip_all)]
pub async fn take(write: &mut Write, token_sha256: &str, now: Timestamp) -> Result<Option<UserId>, Error> {
    Q::of(&TAKE).bind(token_sha256).bind(now).optional(write, |row| row.id("user_id")).await
}
