//! Telephones that may register, and what their passwords are checked against.

use carillon_model::{AgentId, AutoAnswer, DialRights, MediaSecurity, Phone, PhoneId, UserId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    DigestSecret, Error, Reader, Write,
    audit::{SECRET, body},
    query::{Q, Row, rights, statements, word},
    stored::{self, Stored},
};

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT id, name, label, ha1_md5, ha1_sha256, any_media_source, auto_answer, dials, media_security, version, created_at, updated_at FROM phone ", $tail)
    };
}

statements! { "phone":
    ALL = select!("ORDER BY name");
    GET = select!("WHERE id = $1");
    BY_NAME = select!("WHERE name = $1");
    INSERT = "INSERT INTO phone (id, name, label, ha1_md5, ha1_sha256, any_media_source, auto_answer, dials, media_security, created_at,
        updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 1)";
    UPDATE = "UPDATE phone SET name = $3, label = $4, any_media_source = $5, auto_answer = $6, dials = $7,
        media_security = $8, updated_at = $9, version = version + 1 WHERE id = $1 AND version = $2";
    SET_SECRET = "UPDATE phone SET ha1_md5 = $2, ha1_sha256 = $3, updated_at = $4, version = version + 1 WHERE id = $1";
    DELETE = "DELETE FROM phone WHERE id = $1";
    OF_PAGES = "SELECT id, page_of FROM phone WHERE page_of IS NOT NULL";
    PAGES_WITHOUT = r#"SELECT id, name, agent_number FROM "user" WHERE agent_typology = 'webrtc'
        AND NOT EXISTS (SELECT 1 FROM phone WHERE page_of = "user".id OR phone.name = agent_number) ORDER BY id"#;
    DELETE_PAGES = r#"DELETE FROM phone WHERE page_of IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM "user" WHERE "user".id = page_of AND agent_typology = 'webrtc' AND agent_number = phone.name)"#;
    SET_PAGE = "UPDATE phone SET page_of = $2 WHERE id = $1";
}

/// All phones, by name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.phone.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Stored<Phone>>, Error> {
    Q::of(&ALL).all(from, read).await
}

/// All phones with their secrets, by name: what the registrar is set up from.
///
/// # Errors
/// As every read.
#[instrument(name = "db.phone.all_with_secrets", level = "debug", skip_all)]
pub async fn all_with_secrets(from: impl Into<Reader<'_>>) -> Result<Vec<(Phone, DigestSecret)>, Error> {
    Q::of(&ALL).all(from, |row| Ok((read(row)?.entity, read_secret(row)?))).await
}

/// One phone.
///
/// # Errors
/// As every read.
#[instrument(name = "db.phone.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: PhoneId) -> Result<Option<Stored<Phone>>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// The phone of a name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.phone.by_name", level = "debug", skip_all)]
pub async fn by_name(from: impl Into<Reader<'_>>, name: &str) -> Result<Option<Stored<Phone>>, Error> {
    Q::of(&BY_NAME).bind(name).optional(from, read).await
}

/// The secret of a phone, by name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.phone.secret", level = "debug", skip_all)]
pub async fn secret(from: impl Into<Reader<'_>>, name: &str) -> Result<Option<DigestSecret>, Error> {
    Q::of(&BY_NAME).bind(name).optional(from, read_secret).await
}

/// Adds a phone.
///
/// # Errors
/// [`Error::Taken`]: the name is another's.
#[instrument(name = "db.phone.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, phone: &Phone, secret: &DigestSecret, now: Timestamp) -> Result<(), Error> {
    let q = Q::of(&INSERT).bind(phone.id).bind(phone.name.as_str()).bind(phone.label.as_str());
    let q = q.bind(secret.ha1_md5.as_str()).bind(secret.ha1_sha256.as_str());
    bind_settings(q, phone).bind(now).run(write).await?;
    write.note("phone", phone.id.to_string(), None, body(phone)).await
}

/// Changes a phone, but not its secret, which a new name makes useless: set both. The new version, or `None`: no such phone.
///
/// # Errors
/// [`Error::Taken`]; [`Error::Stale`].
#[instrument(name = "db.phone.update", level = "debug", skip_all)]
pub async fn update(write: &mut Write, phone: &Phone, version: i64, now: Timestamp) -> Result<Option<i64>, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, phone.id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let q = Q::of(&UPDATE).bind(phone.id).bind(version).bind(phone.name.as_str()).bind(phone.label.as_str());
    let q = bind_settings(q, phone).bind(now);
    let updated = stored::update(write, q, &GET, phone.id.to_string(), version).await?;
    if updated.is_some() {
        write.note("phone", phone.id.to_string(), before, body(phone)).await?;
    }
    Ok(updated)
}

/// Sets a phone's secret; whether there is such a phone.
///
/// # Errors
/// As every write.
#[instrument(name = "db.phone.set_secret", level = "debug", skip_all)]
pub async fn set_secret(write: &mut Write, id: PhoneId, secret: &DigestSecret, now: Timestamp) -> Result<bool, Error> {
    let q = Q::of(&SET_SECRET).bind(id).bind(secret.ha1_md5.as_str()).bind(secret.ha1_sha256.as_str());
    let changed = q.bind(now).run(write).await? == 1;
    if changed {
        write.note("phone", id.to_string(), None, Some(SECRET.to_owned())).await?;
    }
    Ok(changed)
}

/// Removes a phone with its bindings; whether there was one.
///
/// # Errors
/// As every write.
#[instrument(name = "db.phone.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: PhoneId) -> Result<bool, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let deleted = Q::of(&DELETE).bind(id).run(write).await? == 1;
    if deleted {
        write.note("phone", id.to_string(), before, None).await?;
    }
    Ok(deleted)
}

/// The phones that are pages, by the agent.
///
/// # Errors
/// As every read.
#[instrument(name = "db.phone.of_pages", level = "debug", skip_all)]
pub async fn of_pages(from: impl Into<Reader<'_>>) -> Result<Vec<(AgentId, PhoneId)>, Error> {
    Q::of(&OF_PAGES).all(from, |row| Ok((row.id::<UserId>("page_of")?.into(), row.id("id")?))).await
}

/// Gives each WebRTC agent's page a phone of the agent's number, and takes away those of who is none any more or has another number.
/// `fresh` makes an id and a secret that nobody knows. An agent whose number is the name of another phone gets none.
///
/// # Errors
/// As every write.
#[instrument(name = "db.phone.keep_pages", level = "debug", skip_all)]
pub async fn keep_pages(write: &mut Write, mut fresh: impl FnMut() -> (PhoneId, DigestSecret), now: Timestamp) -> Result<(), Error> {
    Q::of(&DELETE_PAGES).run(&mut *write).await?;
    let read = |row: &Row| Ok((row.id::<UserId>("id")?, row.text("name")?, row.text("agent_number")?));
    for (user, label, name) in Q::of(&PAGES_WITHOUT).all(&mut *write, read).await? {
        let (id, secret) = fresh();
        let (auto_answer, media_security, dials) = (AutoAnswer::AnswerMode, MediaSecurity::RequiredDtls, DialRights::inside());
        let phone = Phone { id, name, label, any_media_source: false, auto_answer, dials, media_security };
        insert(write, &phone, &secret, now).await?;
        Q::of(&SET_PAGE).bind(id).bind(user).run(&mut *write).await?;
    }
    Ok(())
}

fn bind_settings(q: Q, phone: &Phone) -> Q {
    q.bind(phone.any_media_source).bind(word(&phone.auto_answer)).bind(rights(&phone.dials)).bind(word(&phone.media_security))
}

fn read(row: &Row) -> Result<Stored<Phone>, Error> {
    let phone = Phone {
        id: row.id("id")?,
        name: row.text("name")?,
        label: row.text("label")?,
        any_media_source: row.flag("any_media_source")?,
        auto_answer: row.word("auto_answer")?,
        dials: row.json("dials")?,
        media_security: row.word("media_security")?,
    };
    Stored::read(row, phone)
}

fn read_secret(row: &Row) -> Result<DigestSecret, Error> {
    Ok(DigestSecret { ha1_md5: row.text("ha1_md5")?, ha1_sha256: row.text("ha1_sha256")? })
}
