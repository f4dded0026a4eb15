//! Keys of other software: `ck_` and eight characters to know them by, a dot, 256 random bits. Their hash is in the database.

use carillon_model::{ApiKeyId, Scope, User};
use carillon_store::{self as store, Db, api_key};
use jiff::Timestamp;
use std::{collections::BTreeSet, time::Duration};

use super::session::Token;

/// How a key begins, and no session's token.
const BEGINS: &str = "ck_";
/// Uses closer together than this are noted once.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// A key's user, and what the key may do.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The key.
    pub id: ApiKeyId,
    /// As whom it acts.
    pub user: User,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
}

/// A new key, and how it begins.
pub fn random() -> (Token, String) {
    let hint = format!("{BEGINS}{}", &Token::random().reveal()[..8]);
    (Token::presented(&format!("{hint}.{}", Token::random().reveal())), hint)
}

/// Whether a text looks like a key.
pub fn is_key(text: &str) -> bool {
    text.starts_with(BEGINS)
}

/// Whom a key acts as, if it stands.
///
/// # Errors
/// The database refuses.
pub async fn find(db: &Db, text: &str, now: Timestamp) -> Result<Option<Presented>, store::Error> {
    let Some(key) = api_key::by_secret(db, &Token::presented(text).sha256()).await? else { return Ok(None) };
    let Some(user) = store::user::get(db, key.user).await?.filter(|user| !user.entity.disabled) else { return Ok(None) };
    let is_news = key.last_used_at.is_none_or(|last| now.duration_since(last).unsigned_abs() > TOUCH_EVERY);
    // A database that reads and does not write for the moment keeps nobody out.
    if is_news && let Err(error) = touch(db, key.id, now).await {
        tracing::debug!(%error, "the use of a key is not noted");
    }
    Ok(Some(Presented { id: key.id, user: user.entity, scopes: key.scopes }))
}

/// Whether a key still opens anything: it was not taken back, and its user is not kept out.
///
/// # Errors
/// The database refuses.
pub async fn stands(db: &Db, id: ApiKeyId) -> Result<bool, store::Error> {
    let Some(key) = api_key::get(db, id).await?.filter(|key| key.revoked_at.is_none()) else { return Ok(false) };
    Ok(store::user::get(db, key.user).await?.is_some_and(|user| !user.entity.disabled))
}

async fn touch(db: &Db, id: ApiKeyId, now: Timestamp) -> Result<(), store::Error> {
    let mut write = db.write().await?;
    api_key::touch(&mut write, id, now).await?;
    write.commit().await
}
