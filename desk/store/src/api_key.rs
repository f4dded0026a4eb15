//! Keys of other software. The secret is nowhere in the database, only its SHA-256.

use std::collections::BTreeSet;

use carillon_model::{ApiKeyId, Scope, UserId};
use jiff::Timestamp;
use serde::Serialize;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    audit::body,
    query::{Q, Row, statements},
};

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    /// Its public name.
    pub id: ApiKeyId,
    /// What a person calls it.
    pub name: String,
    /// How its text begins, to know it by.
    pub hint: String,
    /// As whom it acts.
    pub user: UserId,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT id, name, hint, user_id, scopes, created_at, last_used_at, revoked_at FROM api_key ", $tail)
    };
}

statements! { "api_key":
    ALL = select!("ORDER BY created_at, id");
    GET = select!("WHERE id = $1");
    BY_SECRET = select!("WHERE secret_sha256 = $1 AND revoked_at IS NULL");
    INSERT = "INSERT INTO api_key (id, name, hint, secret_sha256, user_id, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TOUCH = "UPDATE api_key SET last_used_at = $2 WHERE id = $1";
    REVOKE = "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
}

/// All keys, revoked ones too, oldest first.
///
/// # Errors
/// As every read.
#[instrument(name = "db.api_key.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<ApiKey>, Error> {
    Q::of(&ALL).all(from, read).await
}

/// One key.
///
/// # Errors
/// As every read.
#[instrument(name = "db.api_key.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: ApiKeyId) -> Result<Option<ApiKey>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// The key of a secret, unless it was revoked. `secret_sha256` in lower-case hex.
///
/// # Errors
/// As every read.
#[instrument(name = "db.api_key.by_secret", level = "debug", skip_all)]
pub async fn by_secret(from: impl Into<Reader<'_>>, secret_sha256: &str) -> Result<Option<ApiKey>, Error> {
    Q::of(&BY_SECRET).bind(secret_sha256).optional(from, read).await
}

/// Adds a key.
///
/// # Errors
/// [`Error::Linked`]: no such user.
#[instrument(name = "db.api_key.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, key: &ApiKey, secret_sha256: &str) -> Result<(), Error> {
    let q = Q::of(&INSERT).bind(key.id).bind(key.name.as_str()).bind(key.hint.as_str()).bind(secret_sha256).bind(key.user);
    q.bind(scopes(&key.scopes)).bind(key.created_at).run(write).await?;
    write.note("api_key", key.id.to_string(), None, body(key)).await
}

/// Notes that a key was used; whether it is there.
///
/// # Errors
/// As every write.
#[instrument(name = "db.api_key.touch", level = "debug", skip_all)]
pub async fn touch(write: &mut Write, id: ApiKeyId, now: Timestamp) -> Result<bool, Error> {
    Ok(Q::of(&TOUCH).bind(id).bind(now).run(write).await? == 1)
}

/// Takes a key back for good; whether it was there and stood.
///
/// # Errors
/// As every write.
#[instrument(name = "db.api_key.revoke", level = "debug", skip_all)]
pub async fn revoke(write: &mut Write, id: ApiKeyId, now: Timestamp) -> Result<bool, Error> {
    let before = get(&mut *write, id).await?;
    let revoked = Q::of(&REVOKE).bind(id).bind(now).run(write).await? == 1;
    if revoked {
        let after = before.clone().map(|key| ApiKey { revoked_at: Some(now), ..key });
        write.note("api_key", id.to_string(), before.as_ref().and_then(body), after.as_ref().and_then(body)).await?;
    }
    Ok(revoked)
}

/// A JSON list, in order.
fn scopes(scopes: &BTreeSet<Scope>) -> String {
    let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
    format!("[{}]", names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(","))
}

fn read(row: &Row) -> Result<ApiKey, Error> {
    Ok(ApiKey {
        id: row.id("id")?,
        name: row.text("name")?,
        hint: row.text("hint")?,
        user: row.id("user_id")?,
        scopes: row.json("scopes")?,
        created_at: row.at("created_at")?,
        last_used_at: row.opt_at("last_used_at")?,
        revoked_at: row.opt_at("revoked_at")?,
    })
}
