//! Trunks.

use carillon_model::{Trunk, TrunkId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    audit::body,
    query::{Q, Row, statements, word},
    stored::{self, Stored},
};

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT id, name, host, port, transport, max_calls, max_calls_per_hour, media_security, version, created_at, updated_at FROM trunk ", $tail)
    };
}

statements! { "trunk":
    ALL = select!("ORDER BY name");
    GET = select!("WHERE id = $1");
    BY_NAME = select!("WHERE name = $1");
    INSERT = "INSERT INTO trunk (id, name, host, port, transport, max_calls, max_calls_per_hour, media_security, created_at,
        updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 1)";
    UPDATE = "UPDATE trunk SET name = $3, host = $4, port = $5, transport = $6, max_calls = $7, max_calls_per_hour = $8,
        media_security = $9, updated_at = $10, version = version + 1
        WHERE id = $1 AND version = $2";
    DELETE = "DELETE FROM trunk WHERE id = $1";
}

/// All trunks, by name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.trunk.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Stored<Trunk>>, Error> {
    Q::of(&ALL).all(from, read).await
}

/// One trunk.
///
/// # Errors
/// As every read.
#[instrument(name = "db.trunk.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: TrunkId) -> Result<Option<Stored<Trunk>>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// The trunk of a name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.trunk.by_name", level = "debug", skip_all)]
pub async fn by_name(from: impl Into<Reader<'_>>, name: &str) -> Result<Option<Stored<Trunk>>, Error> {
    Q::of(&BY_NAME).bind(name).optional(from, read).await
}

/// Adds a trunk.
///
/// # Errors
/// [`Error::Taken`]: the name or address is another's. [`Error::Invalid`].
#[instrument(name = "db.trunk.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, trunk: &Trunk, now: Timestamp) -> Result<(), Error> {
    bind(Q::of(&INSERT).bind(trunk.id), trunk).bind(now).run(write).await?;
    write.note("trunk", trunk.id.to_string(), None, body(trunk)).await
}

/// Changes a trunk. The new version, or `None`: no such trunk.
///
/// # Errors
/// [`Error::Taken`]; [`Error::Stale`]; [`Error::Invalid`].
#[instrument(name = "db.trunk.update", level = "debug", skip_all)]
pub async fn update(write: &mut Write, trunk: &Trunk, version: i64, now: Timestamp) -> Result<Option<i64>, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, trunk.id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let q = bind(Q::of(&UPDATE).bind(trunk.id).bind(version), trunk).bind(now);
    let updated = stored::update(write, q, &GET, trunk.id.to_string(), version).await?;
    if updated.is_some() {
        write.note("trunk", trunk.id.to_string(), before, body(trunk)).await?;
    }
    Ok(updated)
}

/// Removes a trunk; whether there was one.
///
/// # Errors
/// [`Error::Linked`]: an outbound route still goes to it.
#[instrument(name = "db.trunk.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: TrunkId) -> Result<bool, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let deleted = Q::of(&DELETE).bind(id).run(write).await? == 1;
    if deleted {
        write.note("trunk", id.to_string(), before, None).await?;
    }
    Ok(deleted)
}

fn bind(q: Q, trunk: &Trunk) -> Q {
    q.bind(trunk.name.as_str())
        .bind(trunk.host.as_str())
        .bind(trunk.port)
        .bind(trunk.transport.as_str())
        .bind(trunk.max_calls)
        .bind(trunk.max_calls_per_hour)
        .bind(word(&trunk.media_security))
}

fn read(row: &Row) -> Result<Stored<Trunk>, Error> {
    let trunk = Trunk {
        id: row.id("id")?,
        name: row.text("name")?,
        host: row.text("host")?,
        port: row.int("port")?,
        transport: row.text("transport")?,
        max_calls: row.int("max_calls")?,
        max_calls_per_hour: row.opt_int("max_calls_per_hour")?,
        media_security: row.word("media_security")?,
    };
    Stored::read(row, trunk)
}
