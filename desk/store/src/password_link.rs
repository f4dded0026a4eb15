//! Links that set a forgotten password, one a user and once. The link's secret is nowhere in the database, only its SHA-256.

use carillon_model::UserId;
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, statements},
};

statements! { "password_link":
    DELETE_OF_USER = "DELETE FROM password_link WHERE user_id = $1";
    INSERT = "INSERT INTO password_link (user_id, token_sha256, expires_at) VALUES ($1, $2, $3)";
    OWNER = "SELECT user_id FROM password_link WHERE token_sha256 = $1 AND expires_at > $2";
    DELETE_EXPIRED = "DELETE FROM password_link WHERE expires_at <= $1";
}

/// Makes a link the only one of its user; those of everybody that have expired go. `token_sha256` in lower-case hex.
///
/// # Errors
/// [`Error::Linked`]: no such user.
#[instrument(name = "db.password_link.set", level = "debug", skip_all)]
pub async fn set(write: &mut Write, user: UserId, token_sha256: &str, now: Timestamp, expires_at: Timestamp) -> Result<(), Error> {
    Q::of(&DELETE_EXPIRED).bind(now).run(write).await?;
    Q::of(&DELETE_OF_USER).bind(user).run(write).await?;
    Q::of(&INSERT).bind(user).bind(token_sha256).bind(expires_at).run(write).await.map(|_| ())
}

/// Whose password a link sets, if it is good.
///
/// # Errors
/// As every read.
#[instrument(name = "db.password_link.owner", level = "debug", skip_all)]
pub async fn owner(from: impl Into<Reader<'_>>, token_sha256: &str, now: Timestamp) -> Result<Option<UserId>, Error> {
    Q::of(&OWNER).bind(token_sha256).bind(now).optional(from, |row| row.id("user_id")).await
}

/// Uses a user's link up; whether there was one. Of two who use it at once one is told so.
///
/// # Errors
/// As every write.
#[instrument(name = "db.password_link.take", level = "debug", skip_all)]
pub async fn take(write: &mut Write, user: UserId) -> Result<bool, Error> {
    Ok(Q::of(&DELETE_OF_USER).bind(user).run(write).await? == 1)
}
