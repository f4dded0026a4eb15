//! People who can sign in, agents among them.

use std::fmt;

use carillon_model::{Agent, AgentId, DialRights, Number, User, UserId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write, abandoned_call,
    audit::{SECRET, body},
    query::{Q, Row, rights, statements, word},
    stored::{self, Stored, fold},
};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            r#"SELECT id, login, name, role, email, agent_number, agent_typology, agent_wrapup_ms, agent_dials, agent_caller_id, agent_remote_control, agent_alias, agent_parts, agent_logs_in_paused, password_hash, pin_hash, disabled, version, created_at, updated_at FROM "user" "#,
            $tail
        )
    };
}

statements! { "user":
    ALL = select!("ORDER BY login_fold");
    AGENTS = select!("WHERE agent_number IS NOT NULL ORDER BY login_fold");
    GET = select!("WHERE id = $1");
    BY_LOGIN = select!("WHERE login_fold = $1");
    BY_EMAIL = select!("WHERE email_fold = $1");
    BY_AGENT_NUMBER = select!("WHERE agent_number = $1");
    COUNT = r#"SELECT COUNT(*) AS users FROM "user""#;
    INSERT = r#"INSERT INTO "user" (id, login, login_fold, name, role, password_hash, agent_number, agent_typology, agent_wrapup_ms,
        agent_dials, agent_caller_id, agent_remote_control, agent_alias, agent_parts, agent_logs_in_paused, email, email_fold, disabled, password_set_at,
        created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19, $19, 1)"#;
    UPDATE = r#"UPDATE "user" SET login = $3, login_fold = $4, name = $5, role = $6, agent_number = $7, agent_typology = $8, agent_wrapup_ms = $9,
        agent_dials = $10, agent_caller_id = $11, agent_remote_control = $12, agent_alias = $13,
        agent_parts = $14, agent_logs_in_paused = $15, email = $16, email_fold = $17, disabled = $18, updated_at = $19,
        version = version + 1 WHERE id = $1 AND version = $2"#;
    SET_PIN = r#"UPDATE "user" SET pin_hash = $2, updated_at = $3, version = version + 1 WHERE id = $1"#;
    DELETE = r#"DELETE FROM "user" WHERE id = $1"#;
}

/// A user with what proves it: argon2's PHC text. Not printed.
#[derive(Clone)]
pub struct Credentials {
    /// Who.
    pub user: User,
    /// The password's hash, PHC text.
    pub password_hash: String,
    /// The PIN's, if there is one.
    pub pin_hash: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// All users, by login.
///
/// # Errors
/// As every read: [`Error::Unavailable`], [`Error::Impossible`].
#[instrument(name = "db.user.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Stored<User>>, Error> {
    Q::of(&ALL).all(from, read).await
}

/// The users who are agents, by login.
///
/// # Errors
/// As every read.
#[instrument(name = "db.user.agents", level = "debug", skip_all)]
pub async fn agents(from: impl Into<Reader<'_>>) -> Result<Vec<(AgentId, Agent)>, Error> {
    let users = Q::of(&AGENTS).all(from, read).await?;
    Ok(users.into_iter().filter_map(|stored| Some((stored.entity.id.into(), stored.entity.agent?))).collect())
}

/// One user.
///
/// # Errors
/// As every read.
#[instrument(name = "db.user.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: UserId) -> Result<Option<Stored<User>>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// The user of a login name, whatever its case.
///
/// # Errors
/// As every read.
#[instrument(name = "db.user.by_login", level = "debug", skip_all)]
pub async fn by_login(from: impl Into<Reader<'_>>, login: &str) -> Result<Option<Stored<User>>, Error> {
    Q::of(&BY_LOGIN).bind(fold(login)).optional(from, read).await
}

/// The user of an e-mail address, whatever its case.
///
/// # Errors
/// As every read.
#[instrument(name = "db.user.by_email", level = "debug", skip_all)]
pub async fn by_email(from: impl Into<Reader<'_>>, email: &str) -> Result<Option<Stored<User>>, Error> {
    Q::of(&BY_EMAIL).bind(fold(email)).optional(from, read).await
}

/// The agent of an internal number.
///
/// # Errors
/// As every read.
#[instrument(name = "db.user.by_agent_number", level = "debug", skip_all)]
pub async fn by_agent_number(from: impl Into<Reader<'_>>, number: &Number) -> Result<Option<Stored<User>>, Error> {
    Q::of(&BY_AGENT_NUMBER).bind(number).optional(from, read).await
}

/// What a login name's password is checked against.
///
/// # Errors
/// As every read.
#[instrument(name = "db.user.credentials", level = "debug", skip_all)]
pub async fn credentials(from: impl Into<Reader<'_>>, login: &str) -> Result<Option<Credentials>, Error> {
    Q::of(&BY_LOGIN).bind(fold(login)).optional(from, proof).await
}

/// What an agent number's PIN is checked against.
///
/// # Errors
/// As every read.
#[instrument(name = "db.user.credentials_of_agent", level = "debug", skip_all)]
pub async fn credentials_of_agent(from: impl Into<Reader<'_>>, number: &Number) -> Result<Option<Credentials>, Error> {
    Q::of(&BY_AGENT_NUMBER).bind(number).optional(from, proof).await
}

fn proof(row: &Row) -> Result<Credentials, Error> {
    Ok(Credentials { user: read(row)?.entity, password_hash: row.text("password_hash")?, pin_hash: row.opt_text("pin_hash")? })
}

/// How many users there are; none on a first start.
///
/// # Errors
/// As every read.
#[instrument(name = "db.user.count", level = "debug", skip_all)]
pub async fn count(from: impl Into<Reader<'_>>) -> Result<u64, Error> {
    Ok(Q::of(&COUNT).optional(from, |row| row.int("users")).await?.unwrap_or(0))
}

/// Adds a user with a password that somebody else chose.
///
/// # Errors
/// [`Error::Taken`]: the login, agent number or e-mail address is another's.
#[instrument(name = "db.user.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, user: &User, password_hash: &str, now: Timestamp) -> Result<(), Error> {
    let q = Q::of(&INSERT).bind(user.id).bind(user.login.as_str()).bind(fold(&user.login)).bind(user.name.as_str()).bind(word(&user.role));
    bind_agent(q.bind(password_hash), user).bind(now).run(write).await?;
    write.note("user", user.id.to_string(), None, body(user)).await
}

/// Changes a user, but not the password: that is [`crate::password::set`]. Who is no agent any more has no abandoned call reserved. The new version, or `None`: no such user.
///
/// # Errors
/// [`Error::Taken`]; [`Error::Stale`].
#[instrument(name = "db.user.update", level = "debug", skip_all)]
pub async fn update(write: &mut Write, user: &User, version: i64, now: Timestamp) -> Result<Option<i64>, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, user.id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let q = Q::of(&UPDATE).bind(user.id).bind(version).bind(user.login.as_str()).bind(fold(&user.login));
    let q = bind_agent(q.bind(user.name.as_str()).bind(word(&user.role)), user).bind(now);
    let updated = stored::update(write, q, &GET, user.id.to_string(), version).await?;
    if updated.is_some() {
        if user.agent.is_none() {
            abandoned_call::release_of(write, user.id.into()).await?;
        }
        write.note("user", user.id.to_string(), before, body(user)).await?;
    }
    Ok(updated)
}

/// Sets or takes away the hash of a user's PIN; whether there is such a user.
///
/// # Errors
/// As every write.
#[instrument(name = "db.user.set_pin", level = "debug", skip_all)]
pub async fn set_pin(write: &mut Write, id: UserId, pin_hash: Option<&str>, now: Timestamp) -> Result<bool, Error> {
    let changed = Q::of(&SET_PIN).bind(id).bind(pin_hash).bind(now).run(write).await? == 1;
    if changed {
        write.note("user", id.to_string(), None, Some(SECRET.to_owned())).await?;
    }
    Ok(changed)
}

/// Removes a user with sessions, memberships and reservations of abandoned calls; whether there was one. Call records keep the id.
///
/// # Errors
/// As every write.
#[instrument(name = "db.user.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: UserId) -> Result<bool, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let deleted = Q::of(&DELETE).bind(id).run(write).await? == 1;
    if deleted {
        abandoned_call::release_of(write, id.into()).await?;
        write.note("user", id.to_string(), before, None).await?;
    }
    Ok(deleted)
}

fn bind_agent(q: Q, user: &User) -> Q {
    let agent = user.agent.as_ref();
    let q = q
        .bind(agent.map(|agent| &agent.number))
        .bind(agent.map(|agent| word(&agent.typology)))
        .bind(agent.and_then(|agent| agent.wrapup_ms));
    let dials = agent.map_or_else(|| rights(&DialRights::usual()), |agent| rights(&agent.dials));
    let remote_control = agent.is_none_or(|agent| agent.remote_control);
    let q = q.bind(dials).bind(agent.and_then(|agent| agent.caller_id.as_ref())).bind(remote_control);
    let parts = agent.and_then(|agent| agent.parts.list()).map(|parts| parts.iter().map(word).collect::<Vec<_>>());
    let parts = parts.map_or_else(
        || "null".to_owned(),
        |parts| format!("[{}]", parts.iter().map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(",")),
    );
    let q = q.bind(agent.and_then(|agent| agent.alias.as_deref())).bind(parts);
    let q = q.bind(agent.is_some_and(|agent| agent.logs_in_paused));
    q.bind(user.email.as_deref()).bind(user.email.as_deref().map(fold)).bind(user.disabled)
}

fn read(row: &Row) -> Result<Stored<User>, Error> {
    let agent = match row.opt_text("agent_number")? {
        None => None,
        Some(number) => Some(Agent {
            number: Number::new(number),
            typology: row.word("agent_typology")?,
            wrapup_ms: row.opt_int("agent_wrapup_ms")?,
            dials: row.json("agent_dials")?,
            caller_id: row.opt_text("agent_caller_id")?.map(Number::new),
            remote_control: row.flag("agent_remote_control")?,
            alias: row.opt_text("agent_alias")?,
            parts: row.json("agent_parts")?,
            logs_in_paused: row.flag("agent_logs_in_paused")?,
        }),
    };
    let user = User {
        id: row.id("id")?,
        login: row.text("login")?,
        name: row.text("name")?,
        role: row.word("role")?,
        email: row.opt_text("email")?,
        disabled: row.flag("disabled")?,
        agent,
    };
    Stored::read(row, user)
}
