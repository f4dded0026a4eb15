//! The second step of signing in: a code of the telephone, or one of those for whoever lost it.

use carillon_model::{IdSource, Role, User};
use carillon_store::{self as store, Db, Write, audit::Actor, second_factor as stored};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{password, session::Token, site_key::SiteKey, totp};
use crate::config::{Accounts, AskedOf};

/// How many recovery codes somebody gets.
const CODES: usize = 10;

/// How somebody's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SecondFactor {
    /// Whether a code is asked for at sign-in.
    pub on: bool,
    /// Whether the site asks it of this person.
    pub required: bool,
    /// Recovery codes that are left.
    pub recovery_codes: u32,
}

/// What came of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// No second factor is on: there is nothing to ask.
    NotAsked,
    /// It is the right one, and used up.
    Right,
    /// It is not, or was used already.
    Wrong,
}

impl Accounts {
    /// Whether somebody must have a second factor.
    pub fn asks_second_factor_of(&self, user: &User) -> bool {
        match self.second_factor {
            AskedOf::Nobody => false,
            AskedOf::Administrators => user.role == Role::Admin,
            AskedOf::Everybody => true,
        }
    }
}

/// How a user's second factor stands.
///
/// # Errors
/// The database refuses.
pub async fn standing(db: &Db, accounts: &Accounts, user: &User) -> Result<SecondFactor, store::Error> {
    let on = is_on(db, user).await?;
    let recovery_codes = if on { stored::codes_left(db, user.id).await? } else { 0 };
    Ok(SecondFactor { on, required: accounts.asks_second_factor_of(user), recovery_codes })
}

/// Whether a user is asked for a code.
///
/// # Errors
/// The database refuses.
pub async fn is_on(db: &Db, user: &User) -> Result<bool, store::Error> {
    Ok(stored::of(db, user.id).await?.is_some_and(|factor| factor.confirmed))
}

/// Holds a code against a user's second factor and uses it up. A telephone's code works once, and so does a recovery code.
///
/// # Errors
/// The database refuses.
pub async fn check(db: &Db, key: &SiteKey, user: &User, typed: &str, now: Timestamp) -> Result<Checked, store::Error> {
    let Some(factor) = stored::of(db, user.id).await?.filter(|factor| factor.confirmed) else { return Ok(Checked::NotAsked) };
    let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let step = opened(key, user, &factor.secret).and_then(|secret| totp::step_of(&typed, &secret, now, factor.last_step));
    let actor = Actor { user: Some(user.id), name: user.login.clone(), at: now, ids: IdSource::new(rand::random()) };
    let mut write = db.write_by(actor).await?;
    let right = match step {
        Some(step) => stored::use_step(&mut write, user.id, step).await?,
        None => stored::take_code(&mut write, user.id, &hash(&typed)).await?,
    };
    write.commit().await?;
    Ok(if right { Checked::Right } else { Checked::Wrong })
}

/// Confirms what was begun by the telephone's first code: the recovery codes, or `None` for a wrong code.
///
/// # Errors
/// The database refuses.
pub async fn confirm(
    write: &mut Write,
    key: &SiteKey,
    user: &User,
    typed: &str,
    now: Timestamp,
) -> Result<Option<Vec<String>>, store::Error> {
    let Some(factor) = stored::of(&mut *write, user.id).await?.filter(|factor| !factor.confirmed) else { return Ok(None) };
    let step = opened(key, user, &factor.secret).and_then(|secret| totp::step_of(typed.trim(), &secret, now, factor.last_step));
    let Some(step) = step else { return Ok(None) };
    stored::use_step(write, user.id, step).await?;
    let codes = recovery_codes();
    stored::confirm(write, user.id, &hashes(&codes)).await?;
    Ok(Some(codes))
}

/// New recovery codes in place of those there are.
///
/// # Errors
/// The database refuses.
pub async fn new_codes(write: &mut Write, user: &User) -> Result<Vec<String>, store::Error> {
    let codes = recovery_codes();
    stored::replace_codes(write, user.id, &hashes(&codes)).await?;
    Ok(codes)
}

fn opened(key: &SiteKey, user: &User, sealed: &str) -> Option<Vec<u8>> {
    let secret = key.open(sealed, &user.id.to_string());
    if secret.is_none() {
        tracing::error!(login = user.login, "a second factor was sealed with another key than this site's: only recovery codes are taken");
    }
    secret
}

/// Each as hard to guess as a password that is made: a hundred random bits.
fn recovery_codes() -> Vec<String> {
    (0..CODES).map(|_| password::random()).collect()
}

fn hashes(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| hash(code)).collect()
}

fn hash(code: &str) -> String {
    Token::presented(&code.to_lowercase()).sha256()
}
