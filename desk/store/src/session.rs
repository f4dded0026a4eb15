//! Signed-in sessions. The token itself is nowhere in the database, only its SHA-256.

use carillon_model::{PhoneId, SessionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, Row, statements, word},
};

/// Who holds a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A desktop.
    Desktop,
    /// A telephone's own program, which works the telephone.
    Phonebar,
    /// The keys of a telephone. Nobody has the token: it stands for a log-in that outlives a restart.
    Keypad,
}

/// One session of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its public name. Not the token.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Who holds it.
    pub kind: Kind,
    /// The phone an agent works with, once chosen.
    pub phone: Option<PhoneId>,
    /// The address it was opened from, if from one.
    pub address: Option<String>,
    /// What opened it, as it names itself.
    pub program: Option<String>,
    /// Whether the site's provider signed the user in, and no password of ours.
    pub by_provider: bool,
    /// Since when its work goes on, where it took over another session's.
    pub works_since: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, user_id, kind, phone_id, address, program, by_provider, works_since, created_at, last_seen_at, expires_at FROM session ",
            $tail
        )
    };
}

statements! { "session":
    BY_TOKEN = select!("WHERE token_sha256 = $1 AND expires_at > $2");
    OF_USER = select!("WHERE user_id = $1 ORDER BY created_at, id");
    ALL = select!("WHERE expires_at > $1 ORDER BY created_at, id");
    EXPIRED = select!("WHERE expires_at <= $1 ORDER BY expires_at, id");
    INSERT = "INSERT INTO session (id, token_sha256, user_id, kind, phone_id, address, program, by_provider, created_at, last_seen_at, expires_at,
        works_since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    TOUCH = "UPDATE session SET last_seen_at = $2, expires_at = $3 WHERE id = $1";
    SET_PHONE = "UPDATE session SET phone_id = $2 WHERE id = $1";
    SET_WORKS_SINCE = "UPDATE session SET works_since = $2 WHERE id = $1";
    LEAVE_PHONE = "UPDATE session SET phone_id = NULL WHERE user_id = $1";
    DELETE_KEYPAD = "DELETE FROM session WHERE user_id = $1 AND kind = 'keypad'";
    DELETE = "DELETE FROM session WHERE id = $1 RETURNING phone_id";
    EXPIRE_OF_USER = "UPDATE session SET expires_at = $2 WHERE user_id = $1 AND expires_at > $2";
    DELETE_OF_USER = "DELETE FROM session WHERE user_id = $1";
    DELETE_OTHERS = "DELETE FROM session WHERE user_id = $1 AND id <> $2";
}

/// The session a token opens, if it has not expired. `token_sha256` in lower-case hex.
///
/// # Errors
/// As every read.
#[instrument(name = "db.session.by_token", level = "debug", skip_all)]
pub async fn by_token(from: impl Into<Reader<'_>>, token_sha256: &str, now: Timestamp) -> Result<Option<Session>, Error> {
    Q::of(&BY_TOKEN).bind(token_sha256).bind(now).optional(from, read).await
}

/// A user's sessions, oldest first, expired ones included.
///
/// # Errors
/// As every read.
#[instrument(name = "db.session.of_user", level = "debug", skip_all)]
pub async fn of_user(from: impl Into<Reader<'_>>, user: UserId) -> Result<Vec<Session>, Error> {
    Q::of(&OF_USER).bind(user).all(from, read).await
}

/// All sessions that have not expired, oldest first: what a start restores logins from.
///
/// # Errors
/// As every read.
#[instrument(name = "db.session.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>, now: Timestamp) -> Result<Vec<Session>, Error> {
    Q::of(&ALL).bind(now).all(from, read).await
}

/// The sessions that have expired and are still there, longest expired first.
///
/// # Errors
/// As every read.
#[instrument(name = "db.session.expired", level = "debug", skip_all)]
pub async fn expired(from: impl Into<Reader<'_>>, now: Timestamp) -> Result<Vec<Session>, Error> {
    Q::of(&EXPIRED).bind(now).all(from, read).await
}

/// Adds a session.
///
/// # Errors
/// [`Error::Linked`]: no such user or phone.
#[instrument(name = "db.session.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, session: &Session, token_sha256: &str) -> Result<(), Error> {
    let q = Q::of(&INSERT).bind(session.id).bind(token_sha256).bind(session.user).bind(word(&session.kind)).bind(session.phone);
    let q = q.bind(session.address.as_deref()).bind(session.program.as_deref()).bind(session.by_provider);
    q.bind(session.created_at).bind(session.last_seen_at).bind(session.expires_at).bind(session.works_since).run(write).await.map(|_| ())
}

/// Notes that a session was used; whether it is there.
///
/// # Errors
/// As every write.
#[instrument(name = "db.session.touch", level = "debug", skip_all)]
pub async fn touch(write: &mut Write, id: SessionId, now: Timestamp, expires_at: Timestamp) -> Result<bool, Error> {
    Ok(Q::of(&TOUCH).bind(id).bind(now).bind(expires_at).run(write).await? == 1)
}

/// Sets or clears the phone an agent works with; whether the session is there.
///
/// # Errors
/// [`Error::Linked`]: no such phone.
#[instrument(name = "db.session.set_phone", level = "debug", skip_all)]
pub async fn set_phone(write: &mut Write, id: SessionId, phone: Option<PhoneId>) -> Result<bool, Error> {
    Ok(Q::of(&SET_PHONE).bind(id).bind(phone).run(write).await? == 1)
}

/// Notes since when the work goes on that a session took over; whether the session is there.
///
/// # Errors
/// As every write.
#[instrument(name = "db.session.set_works_since", level = "debug", skip_all)]
pub async fn set_works_since(write: &mut Write, id: SessionId, since: Timestamp) -> Result<bool, Error> {
    Ok(Q::of(&SET_WORKS_SINCE).bind(id).bind(since).run(write).await? == 1)
}

/// None of a user's sessions works with a phone any more, and those of keypads end.
///
/// # Errors
/// As every write.
#[instrument(name = "db.session.leave_phone", level = "debug", skip_all)]
pub async fn leave_phone(write: &mut Write, user: UserId) -> Result<(), Error> {
    Q::of(&DELETE_KEYPAD).bind(user).run(write).await?;
    Q::of(&LEAVE_PHONE).bind(user).run(write).await.map(|_| ())
}

/// Ends a session, if it is there. The phone it worked with.
///
/// # Errors
/// As every write.
#[instrument(name = "db.session.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: SessionId) -> Result<Option<PhoneId>, Error> {
    Ok(Q::of(&DELETE).bind(id).optional(write, |row| row.opt_id("phone_id")).await?.flatten())
}

/// Lets all of a user's sessions expire now: they open nothing any more, and the running server ends what hangs on them. How many.
///
/// # Errors
/// As every write.
#[instrument(name = "db.session.expire_of_user", level = "debug", skip_all)]
pub async fn expire_of_user(write: &mut Write, user: UserId, now: Timestamp) -> Result<u64, Error> {
    Q::of(&EXPIRE_OF_USER).bind(user).bind(now).run(write).await
}

/// Ends all of a user's sessions; how many there were.
///
/// # Errors
/// As every write.
#[instrument(name = "db.session.delete_of_user", level = "debug", skip_all)]
pub async fn delete_of_user(write: &mut Write, user: UserId) -> Result<u64, Error> {
    Q::of(&DELETE_OF_USER).bind(user).run(write).await
}

/// Ends all of a user's sessions but one; how many there were.
///
/// # Errors
/// As every write.
#[instrument(name = "db.session.delete_others", level = "debug", skip_all)]
pub async fn delete_others(write: &mut Write, user: UserId, stays: SessionId) -> Result<u64, Error> {
    Q::of(&DELETE_OTHERS).bind(user).bind(stays).run(write).await
}

fn read(row: &Row) -> Result<Session, Error> {
    Ok(Session {
        id: row.id("id")?,
        user: row.id("user_id")?,
        kind: row.word("kind")?,
        phone: row.opt_id("phone_id")?,
        address: row.opt_text("address")?,
        program: row.opt_text("program")?,
        by_provider: row.flag("by_provider")?,
        works_since: row.opt_at("works_since")?,
        created_at: row.at("created_at")?,
        last_seen_at: row.at("last_seen_at")?,
        expires_at: row.at("expires_at")?,
    })
}
