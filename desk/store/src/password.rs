//! Passwords of those who sign in: who set them and when, and the last ones before. Only hashes, argon2's PHC text.

use carillon_model::UserId;
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    audit::SECRET,
    query::{Q, Row, statements},
};

/// How many of a user's former passwords are remembered.
const REMEMBERED: i64 = 5;

/// Who set a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetBy {
    /// The user whose it is.
    Owner,
    /// An administrator, a command or a setup file.
    Other,
}

/// How a user's password stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// When it was set.
    pub set_at: Timestamp,
    /// Who set it.
    pub set_by: SetBy,
}

statements! { "user":
    STANDING = r#"SELECT password_set_at, password_given FROM "user" WHERE id = $1"#;
    NOW = r#"SELECT password_hash FROM "user" WHERE id = $1"#;
    USED = "SELECT password_hash FROM password_used WHERE user_id = $1 ORDER BY place DESC";
    KEEP = r#"INSERT INTO password_used (user_id, place, password_hash)
        SELECT id, (SELECT COALESCE(MAX(place), 0) + 1 FROM password_used WHERE user_id = $1), password_hash FROM "user" WHERE id = $1"#;
    FORGET = "DELETE FROM password_used WHERE user_id = $1 AND place <= (SELECT MAX(place) FROM password_used WHERE user_id = $1) - $2";
    SET = r#"UPDATE "user" SET password_hash = $2, password_set_at = $3, password_given = $4, updated_at = $3, version = version + 1
        WHERE id = $1"#;
}

/// How a user's password stands; `None`: no such user.
///
/// # Errors
/// As every read.
#[instrument(name = "db.password.standing", level = "debug", skip_all)]
pub async fn standing(from: impl Into<Reader<'_>>, user: UserId) -> Result<Option<Standing>, Error> {
    let read = |row: &Row| {
        let set_by = if row.flag("password_given")? { SetBy::Other } else { SetBy::Owner };
        Ok(Standing { set_at: row.at("password_set_at")?, set_by })
    };
    Q::of(&STANDING).bind(user).optional(from, read).await
}

/// The hash of a user's password, then of the last ones before, newest first.
///
/// # Errors
/// As every read.
#[instrument(name = "db.password.hashes", level = "debug", skip_all)]
pub async fn hashes(db: &crate::Db, user: UserId) -> Result<Vec<String>, Error> {
    let read = |row: &Row| row.text("password_hash");
    let mut hashes = Q::of(&NOW).bind(user).all(db, read).await?;
    hashes.extend(Q::of(&USED).bind(user).all(db, read).await?);
    Ok(hashes)
}

/// Sets a user's password and remembers the one before; whether there is such a user.
///
/// # Errors
/// As every write.
#[instrument(name = "db.password.set", level = "debug", skip_all)]
pub async fn set(write: &mut Write, user: UserId, hash: &str, set_by: SetBy, now: Timestamp) -> Result<bool, Error> {
    if Q::of(&KEEP).bind(user).run(write).await? == 0 {
        return Ok(false);
    }
    Q::of(&FORGET).bind(user).bind(REMEMBERED).run(write).await?;
    Q::of(&SET).bind(user).bind(hash).bind(now).bind(set_by == SetBy::Other).run(write).await?;
    write.note("user", user.to_string(), None, Some(SECRET.to_owned())).await?;
    Ok(true)
}
