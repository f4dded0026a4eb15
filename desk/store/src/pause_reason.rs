//! Reasons an agent may give for a pause. At most one is the default: making one so unmakes the other.

use carillon_model::{PauseId, PauseReason};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    audit::body,
    query::{Q, Row, statements},
    stored::{self, Stored},
};

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT id, name, label, is_default, paid, version, created_at, updated_at FROM pause_reason ", $tail)
    };
}

statements! { "pause_reason":
    ALL = select!("ORDER BY name");
    GET = select!("WHERE id = $1");
    BY_NAME = select!("WHERE name = $1");
    CLEAR_DEFAULT = "UPDATE pause_reason SET is_default = 0, updated_at = $2, version = version + 1 WHERE is_default = 1 AND id <> $1";
    INSERT = "INSERT INTO pause_reason (id, name, label, is_default, paid, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $6, 1)";
    UPDATE = "UPDATE pause_reason SET name = $3, label = $4, is_default = $5, paid = $6, updated_at = $7, version = version + 1
        WHERE id = $1 AND version = $2";
    DELETE = "DELETE FROM pause_reason WHERE id = $1";
}

/// All pause reasons, by name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.pause_reason.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Stored<PauseReason>>, Error> {
    Q::of(&ALL).all(from, read).await
}

/// One pause reason.
///
/// # Errors
/// As every read.
#[instrument(name = "db.pause_reason.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: PauseId) -> Result<Option<Stored<PauseReason>>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// The pause reason of a name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.pause_reason.by_name", level = "debug", skip_all)]
pub async fn by_name(from: impl Into<Reader<'_>>, name: &str) -> Result<Option<Stored<PauseReason>>, Error> {
    Q::of(&BY_NAME).bind(name).optional(from, read).await
}

/// Adds a pause reason.
///
/// # Errors
/// [`Error::Taken`]: the name is another's.
#[instrument(name = "db.pause_reason.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, pause: &PauseReason, now: Timestamp) -> Result<(), Error> {
    clear_default(write, pause, now).await?;
    bind(Q::of(&INSERT).bind(pause.id), pause).bind(now).run(write).await?;
    write.note("pause_reason", pause.id.to_string(), None, body(pause)).await
}

/// Changes a pause reason. The new version, or `None`: no such reason.
///
/// # Errors
/// [`Error::Taken`]; [`Error::Stale`].
#[instrument(name = "db.pause_reason.update", level = "debug", skip_all)]
pub async fn update(write: &mut Write, pause: &PauseReason, version: i64, now: Timestamp) -> Result<Option<i64>, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, pause.id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    clear_default(write, pause, now).await?;
    let q = bind(Q::of(&UPDATE).bind(pause.id).bind(version), pause).bind(now);
    let updated = stored::update(write, q, &GET, pause.id.to_string(), version).await?;
    if updated.is_some() {
        write.note("pause_reason", pause.id.to_string(), before, body(pause)).await?;
    }
    Ok(updated)
}

/// Removes a pause reason; whether there was one.
///
/// # Errors
/// As every write.
#[instrument(name = "db.pause_reason.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: PauseId) -> Result<bool, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let deleted = Q::of(&DELETE).bind(id).run(write).await? == 1;
    if deleted {
        write.note("pause_reason", id.to_string(), before, None).await?;
    }
    Ok(deleted)
}

async fn clear_default(write: &mut Write, pause: &PauseReason, now: Timestamp) -> Result<(), Error> {
    if pause.is_default {
        Q::of(&CLEAR_DEFAULT).bind(pause.id).bind(now).run(write).await?;
    }
    Ok(())
}

fn bind(q: Q, pause: &PauseReason) -> Q {
    q.bind(pause.name.as_str()).bind(pause.label.as_str()).bind(pause.is_default).bind(pause.paid)
}

fn read(row: &Row) -> Result<Stored<PauseReason>, Error> {
    let pause = PauseReason {
        id: row.id("id")?,
        name: row.text("name")?,
        label: row.text("label")?,
        is_default: row.flag("is_default")?,
        paid: row.flag("paid")?,
    };
    Stored::read(row, pause)
}
