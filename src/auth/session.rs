//! Sessions: an opaque token in a cookie or a Bearer header, its hash in the database.

use std::{net::IpAddr, time::Duration};

use carillon_model::{IdSource, PhoneId, SessionId, User, UserId};
use carillon_store::{
    self as store, Db,
    password::Standing,
    session::{Kind, Session},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Name of the cookie.
pub const COOKIE: &str = "carillon_session";

/// The cookie that keeps a token in a browser. `secure`: it came by https, and leaves by nothing else.
pub fn cookie(token: &str, age: Duration, secure: bool) -> String {
    let only = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{only}", age.as_secs())
}

/// A session that nobody uses for this long is over: a working day.
pub const IDLE: Duration = Duration::from_secs(12 * 3600);

/// Uses closer together than this are noted once.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// A signed-in user.
#[derive(Debug, Clone)]
pub struct SignedInUser {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub user: User,
    /// How the user's password stands.
    pub password: Standing,
}

/// A token as its owner holds it. Not printed.
pub struct Token(String);

impl Token {
    /// 256 random bits, in hex.
    pub(crate) fn random() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(hex(&bytes))
    }

    /// A token somebody presented.
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text to hand to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn sha256(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }
}

/// Where a session is opened from, for the list its owner sees.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The address, if it is opened from one.
    pub address: Option<IpAddr>,
    /// What opens it, as it names itself.
    pub program: Option<String>,
    /// Whether the site's provider vouches for the user, and no password of ours.
    pub by_provider: bool,
}

/// Opens a session for a user who is proven.
///
/// # Errors
/// The database refuses.
pub async fn open(db: &Db, user: UserId, kind: Kind, seen: Seen, now: Timestamp) -> Result<(Session, Token), store::Error> {
    let token = Token::random();
    let id = SessionId::new(IdSource::new(rand::random()).next(now));
    let (address, program) = (seen.address.map(|address| address.to_string()), seen.program);
    let by_provider = seen.by_provider;
    let (phone, works_since, created_at, last_seen_at, expires_at) = (None, None, now, now, now + IDLE);
    let session = Session { id, user, kind, phone, address, program, by_provider, works_since, created_at, last_seen_at, expires_at };
    let mut write = db.write().await?;
    store::session::insert(&mut write, &session, &token.sha256()).await?;
    write.commit().await?;
    Ok((session, token))
}

/// The user a token belongs to, if it is good.
///
/// # Errors
/// The database refuses.
pub async fn find(db: &Db, token: &Token, now: Timestamp) -> Result<Option<SignedInUser>, store::Error> {
    let Some(session) = store::session::by_token(db, &token.sha256(), now).await? else { return Ok(None) };
    let Some(user) = store::user::get(db, session.user).await?.filter(|user| !user.entity.disabled) else { return Ok(None) };
    let Some(password) = store::password::standing(db, session.user).await? else { return Ok(None) };
    // A database that reads and does not write for the moment keeps nobody out; the next request notes the use.
    if now.duration_since(session.last_seen_at).unsigned_abs() > TOUCH_EVERY
        && let Err(error) = touch(db, session.id, now).await
    {
        tracing::debug!(%error, "the use of a session is not noted");
    }
    Ok(Some(SignedInUser { session, user: user.entity, password }))
}

async fn touch(db: &Db, session: SessionId, now: Timestamp) -> Result<(), store::Error> {
    let mut write = db.write().await?;
    store::session::touch(&mut write, session, now, now + IDLE).await?;
    write.commit().await
}

/// Whether a session is still open.
///
/// # Errors
/// The database refuses.
pub async fn stands(db: &Db, user: UserId, session: SessionId, now: Timestamp) -> Result<bool, store::Error> {
    let sessions = store::session::of_user(db, user).await?;
    Ok(sessions.iter().any(|known| known.id == session && known.expires_at > now))
}

/// Ends a session. The phone it worked with, if it did.
///
/// # Errors
/// The database refuses.
pub async fn close(db: &Db, session: SessionId) -> Result<Option<PhoneId>, store::Error> {
    let mut write = db.write().await?;
    let phone = store::session::delete(&mut write, session).await?;
    write.commit().await?;
    Ok(phone)
}

/// Ends a user's other sessions.
///
/// # Errors
/// The database refuses.
pub async fn close_others(db: &Db, user: UserId, stays: SessionId) -> Result<(), store::Error> {
    let mut write = db.write().await?;
    store::session::delete_others(&mut write, user, stays).await?;
    write.commit().await
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
