//! Queues.

use carillon_model::{Number, Queue, QueueId, RecordingPolicy};
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
        concat!(
            "SELECT id, name, label, strategy, offer_ms, wrapup_ms, misses_pause, max_wait_ms, max_waiting, music, record, consent, caller_id, keep_recordings_days, version, created_at, updated_at FROM queue ",
            $tail
        )
    };
}

statements! { "queue":
    ALL = select!("ORDER BY name");
    GET = select!("WHERE id = $1");
    BY_NAME = select!("WHERE name = $1");
    INSERT = "INSERT INTO queue (id, name, label, strategy, offer_ms, wrapup_ms, misses_pause, max_wait_ms, max_waiting, music, record, consent,
        caller_id, keep_recordings_days, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, 1)";
    UPDATE = "UPDATE queue SET name = $3, label = $4, strategy = $5, offer_ms = $6, wrapup_ms = $7, misses_pause = $8, max_wait_ms = $9,
        max_waiting = $10, music = $11, record = $12, consent = $13, caller_id = $14, keep_recordings_days = $15, updated_at = $16, version = version + 1 WHERE id = $1 AND version = $2";
    DELETE = "DELETE FROM queue WHERE id = $1";
}

/// All queues, by name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.queue.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Stored<Queue>>, Error> {
    Q::of(&ALL).all(from, read).await
}

/// One queue.
///
/// # Errors
/// As every read.
#[instrument(name = "db.queue.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: QueueId) -> Result<Option<Stored<Queue>>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// The queue of a name.
///
/// # Errors
/// As every read.
#[instrument(name = "db.queue.by_name", level = "debug", skip_all)]
pub async fn by_name(from: impl Into<Reader<'_>>, name: &str) -> Result<Option<Stored<Queue>>, Error> {
    Q::of(&BY_NAME).bind(name).optional(from, read).await
}

/// Adds a queue.
///
/// # Errors
/// [`Error::Taken`]: the name is another's. [`Error::Invalid`].
#[instrument(name = "db.queue.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, queue: &Queue, now: Timestamp) -> Result<(), Error> {
    bind(Q::of(&INSERT).bind(queue.id), queue).bind(now).run(write).await?;
    write.note("queue", queue.id.to_string(), None, body(queue)).await
}

/// Changes a queue. The new version, or `None`: no such queue.
///
/// # Errors
/// [`Error::Taken`]; [`Error::Stale`]; [`Error::Invalid`].
#[instrument(name = "db.queue.update", level = "debug", skip_all)]
pub async fn update(write: &mut Write, queue: &Queue, version: i64, now: Timestamp) -> Result<Option<i64>, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, queue.id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let q = bind(Q::of(&UPDATE).bind(queue.id).bind(version), queue).bind(now);
    let updated = stored::update(write, q, &GET, queue.id.to_string(), version).await?;
    if updated.is_some() {
        write.note("queue", queue.id.to_string(), before, body(queue)).await?;
    }
    Ok(updated)
}

/// Removes a queue with its memberships; whether there was one. Call records keep the id.
///
/// # Errors
/// As every write.
#[instrument(name = "db.queue.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: QueueId) -> Result<bool, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let deleted = Q::of(&DELETE).bind(id).run(write).await? == 1;
    if deleted {
        write.note("queue", id.to_string(), before, None).await?;
    }
    Ok(deleted)
}

fn bind(q: Q, queue: &Queue) -> Q {
    q.bind(queue.name.as_str())
        .bind(queue.label.as_str())
        .bind(word(&queue.strategy))
        .bind(queue.offer_ms)
        .bind(queue.wrapup_ms)
        .bind(queue.misses_pause)
        .bind(queue.max_wait_ms)
        .bind(queue.max_waiting)
        .bind(queue.music.as_str())
        .bind(queue.recording.record)
        .bind(queue.recording.consent.as_deref())
        .bind(queue.caller_id.as_ref())
        .bind(queue.keep_recordings_days)
}

fn read(row: &Row) -> Result<Stored<Queue>, Error> {
    let queue = Queue {
        id: row.id("id")?,
        name: row.text("name")?,
        label: row.text("label")?,
        strategy: row.word("strategy")?,
        offer_ms: row.int("offer_ms")?,
        wrapup_ms: row.int("wrapup_ms")?,
        misses_pause: row.int("misses_pause")?,
        max_wait_ms: row.opt_int("max_wait_ms")?,
        max_waiting: row.int("max_waiting")?,
        music: row.text("music")?,
        recording: RecordingPolicy { record: row.flag("record")?, consent: row.opt_text("consent")? },
        caller_id: row.opt_text("caller_id")?.map(Number::new),
        keep_recordings_days: row.opt_int("keep_recordings_days")?,
    };
    Stored::read(row, queue)
}
