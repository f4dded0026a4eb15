//! The second step of signing in (RFC 6238): a user's sealed secret, the step of the code used last, and the hashes of recovery codes.

use carillon_model::UserId;
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, Row, statements},
};

/// What a user's codes are checked against. Not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret, sealed.
    pub secret: String,
    /// Whether a code has shown that the user's telephone has it: from then on it is asked for.
    pub confirmed: bool,
    /// The step of the code that was used last; that and those before it are not taken.
    pub last_step: u64,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor").field("confirmed", &self.confirmed).finish_non_exhaustive()
    }
}

statements! { "second_factor":
    OF = "SELECT secret, confirmed, last_step FROM second_factor WHERE user_id = $1";
    ALL_ON = "SELECT user_id FROM second_factor WHERE confirmed = 1";
    DELETE = "DELETE FROM second_factor WHERE user_id = $1";
    INSERT = "INSERT INTO second_factor (user_id, secret, confirmed, last_step, created_at) VALUES ($1, $2, 0, 0, $3)";
    USE = "UPDATE second_factor SET last_step = $2 WHERE user_id = $1 AND last_step < $2";
    CONFIRM = "UPDATE second_factor SET confirmed = 1 WHERE user_id = $1";
    FORGET_CODES = "DELETE FROM recovery_code WHERE user_id = $1";
    ADD_CODE = "INSERT INTO recovery_code (user_id, code_sha256) VALUES ($1, $2)";
    TAKE_CODE = "DELETE FROM recovery_code WHERE user_id = $1 AND code_sha256 = $2";
    COUNT_CODES = "SELECT COUNT(*) AS codes FROM recovery_code WHERE user_id = $1";
}

/// A user's second factor, confirmed or begun.
///
/// # Errors
/// As every read.
#[instrument(name = "db.second_factor.of", level = "debug", skip_all)]
pub async fn of(from: impl Into<Reader<'_>>, user: UserId) -> Result<Option<SecondFactor>, Error> {
    let read =
        |row: &Row| Ok(SecondFactor { secret: row.text("secret")?, confirmed: row.flag("confirmed")?, last_step: row.int("last_step")? });
    Q::of(&OF).bind(user).optional(from, read).await
}

/// Everybody who is asked for a code.
///
/// # Errors
/// As every read.
#[instrument(name = "db.second_factor.all_on", level = "debug", skip_all)]
pub async fn all_on(from: impl Into<Reader<'_>>) -> Result<Vec<UserId>, Error> {
    Q::of(&ALL_ON).all(from, |row| row.id("user_id")).await
}

/// Begins a second factor, in place of one that was begun before. It is asked for once it is confirmed.
///
/// # Errors
/// [`Error::Linked`]: no such user.
#[instrument(name = "db.second_factor.begin", level = "debug", skip_all)]
pub async fn begin(write: &mut Write, user: UserId, secret: &str, now: Timestamp) -> Result<(), Error> {
    Q::of(&DELETE).bind(user).run(write).await?;
    Q::of(&INSERT).bind(user).bind(secret).bind(now).run(write).await.map(|_| ())
}

/// Uses the code of a step; whether it is newer than all that were used. Of two who use one at once one is told so.
///
/// # Errors
/// As every write.
#[instrument(name = "db.second_factor.use_step", level = "debug", skip_all)]
pub async fn use_step(write: &mut Write, user: UserId, step: u64) -> Result<bool, Error> {
    Ok(Q::of(&USE).bind(user).bind(step).run(write).await? == 1)
}

/// Turns a second factor on that was begun, with these recovery codes, SHA-256 in lower-case hex.
///
/// # Errors
/// As every write.
#[instrument(name = "db.second_factor.confirm", level = "debug", skip_all)]
pub async fn confirm(write: &mut Write, user: UserId, codes_sha256: &[String]) -> Result<(), Error> {
    Q::of(&CONFIRM).bind(user).run(write).await?;
    put_codes(write, user, codes_sha256).await?;
    note(write, user, None, Some(r#"{"second_factor":"on"}"#)).await
}

/// Puts other recovery codes in place of those there are.
///
/// # Errors
/// As every write.
#[instrument(name = "db.second_factor.replace_codes", level = "debug", skip_all)]
pub async fn replace_codes(write: &mut Write, user: UserId, codes_sha256: &[String]) -> Result<(), Error> {
    put_codes(write, user, codes_sha256).await?;
    note(write, user, Some(r#"{"recovery_codes":"old"}"#), Some(r#"{"recovery_codes":"new"}"#)).await
}

/// Uses a recovery code up; whether it was there.
///
/// # Errors
/// As every write.
#[instrument(name = "db.second_factor.take_code", level = "debug", skip_all)]
pub async fn take_code(write: &mut Write, user: UserId, code_sha256: &str) -> Result<bool, Error> {
    let taken = Q::of(&TAKE_CODE).bind(user).bind(code_sha256).run(write).await? == 1;
    if taken {
        note(write, user, Some(r#"{"recovery_code":"there"}"#), Some(r#"{"recovery_code":"used"}"#)).await?;
    }
    Ok(taken)
}

/// How many recovery codes a user has left.
///
/// # Errors
/// As every read.
#[instrument(name = "db.second_factor.codes_left", level = "debug", skip_all)]
pub async fn codes_left(from: impl Into<Reader<'_>>, user: UserId) -> Result<u32, Error> {
    Ok(Q::of(&COUNT_CODES).bind(user).optional(from, |row| row.int("codes")).await?.unwrap_or(0))
}

/// Takes a user's second factor off; whether it was asked for.
///
/// # Errors
/// As every write.
#[instrument(name = "db.second_factor.remove", level = "debug", skip_all)]
pub async fn remove(write: &mut Write, user: UserId) -> Result<bool, Error> {
    let was_on = of(&mut *write, user).await?.is_some_and(|factor| factor.confirmed);
    Q::of(&DELETE).bind(user).run(write).await?;
    if was_on {
        note(write, user, Some(r#"{"second_factor":"on"}"#), None).await?;
    }
    Ok(was_on)
}

async fn put_codes(write: &mut Write, user: UserId, codes_sha256: &[String]) -> Result<(), Error> {
    Q::of(&FORGET_CODES).bind(user).run(write).await?;
    for code in codes_sha256 {
        Q::of(&ADD_CODE).bind(user).bind(code.as_str()).run(write).await?;
    }
    Ok(())
}

async fn note(write: &mut Write, user: UserId, before: Option<&str>, after: Option<&str>) -> Result<(), Error> {
    write.note("second_factor", user.to_string(), before.map(str::to_owned), after.map(str::to_owned)).await
}
