//! Dispositions: how calls may be classed, in up to three levels.

use carillon_model::{Disposition, DispositionId, QueueId};
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
        concat!(
            "SELECT d.id, d.parent_id, d.name, d.custom, d.position, d.version, d.created_at, d.updated_at, q.queue_id ",
            "FROM disposition d LEFT JOIN disposition_queue q ON q.disposition_id = d.id ",
            $tail
        )
    };
}

statements! { "disposition":
    ALL = select!("ORDER BY d.position, d.created_at, d.id, q.queue_id");
    GET = select!("WHERE d.id = $1 ORDER BY q.queue_id");
    FIRST_OF_NAME = select!("WHERE d.parent_id IS NULL AND d.name = $1 ORDER BY q.queue_id");
    BELOW_OF_NAME = select!("WHERE d.parent_id = $1 AND d.name = $2 ORDER BY q.queue_id");
    INSERT = "INSERT INTO disposition (id, parent_id, name, custom, position, created_at, updated_at, version)
        VALUES ($1, $2, $3, $4, $5, $6, $6, 1)";
    UPDATE = "UPDATE disposition SET name = $3, custom = $4, position = $5, updated_at = $6, version = version + 1 WHERE id = $1 AND version = $2";
    DELETE = "DELETE FROM disposition WHERE id = $1 OR parent_id = $1 OR parent_id IN (SELECT id FROM disposition WHERE parent_id = $1)";
    ADD_QUEUE = "INSERT INTO disposition_queue (disposition_id, queue_id) VALUES ($1, $2)";
    CLEAR_QUEUES = "DELETE FROM disposition_queue WHERE disposition_id = $1";
}

/// All dispositions, in the order people are shown them: by place, of the same place as they were entered.
///
/// # Errors
/// As every read.
#[instrument(name = "db.disposition.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Stored<Disposition>>, Error> {
    Ok(together(Q::of(&ALL).all(from, read).await?))
}

/// One disposition.
///
/// # Errors
/// As every read.
#[instrument(name = "db.disposition.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: DispositionId) -> Result<Option<Stored<Disposition>>, Error> {
    Ok(together(Q::of(&GET).bind(id).all(from, read).await?).pop())
}

/// The disposition of a name below another, or of the first level.
///
/// # Errors
/// As every read.
#[instrument(name = "db.disposition.by_name", level = "debug", skip_all)]
pub async fn by_name(from: impl Into<Reader<'_>>, parent: Option<DispositionId>, name: &str) -> Result<Option<Stored<Disposition>>, Error> {
    let q = match parent {
        None => Q::of(&FIRST_OF_NAME).bind(name),
        Some(parent) => Q::of(&BELOW_OF_NAME).bind(parent).bind(name),
    };
    Ok(together(q.all(from, read).await?).pop())
}

/// Adds a disposition.
///
/// # Errors
/// [`Error::Taken`]: another below the same one has the name. [`Error::Linked`]: no such queue.
#[instrument(name = "db.disposition.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, disposition: &Disposition, now: Timestamp) -> Result<(), Error> {
    let q = Q::of(&INSERT).bind(disposition.id).bind(disposition.parent).bind(disposition.name.as_str());
    q.bind(disposition.custom).bind(disposition.position).bind(now).run(write).await?;
    save_queues(write, disposition).await?;
    write.note("disposition", disposition.id.to_string(), None, body(disposition)).await
}

/// Changes a disposition, which stays below the one it is below. The new version, or `None`: no such disposition.
///
/// # Errors
/// [`Error::Taken`]; [`Error::Linked`]; [`Error::Stale`].
#[instrument(name = "db.disposition.update", level = "debug", skip_all)]
pub async fn update(write: &mut Write, disposition: &Disposition, version: i64, now: Timestamp) -> Result<Option<i64>, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, disposition.id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let q = Q::of(&UPDATE).bind(disposition.id).bind(version).bind(disposition.name.as_str());
    let q = q.bind(disposition.custom).bind(disposition.position).bind(now);
    let updated = stored::update(write, q, &GET, disposition.id.to_string(), version).await?;
    if updated.is_some() {
        save_queues(write, disposition).await?;
        write.note("disposition", disposition.id.to_string(), before, body(disposition)).await?;
    }
    Ok(updated)
}

/// Removes a disposition with all below it; whether there was one. Calls keep what they were given.
///
/// # Errors
/// As every write.
#[instrument(name = "db.disposition.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: DispositionId) -> Result<bool, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let deleted = Q::of(&DELETE).bind(id).run(write).await? > 0;
    if deleted {
        write.note("disposition", id.to_string(), before, None).await?;
    }
    Ok(deleted)
}

async fn save_queues(write: &mut Write, disposition: &Disposition) -> Result<(), Error> {
    Q::of(&CLEAR_QUEUES).bind(disposition.id).run(write).await?;
    for queue in &disposition.queues {
        Q::of(&ADD_QUEUE).bind(disposition.id).bind(*queue).run(write).await?;
    }
    Ok(())
}

/// A row a queue, in order: one disposition of each run of rows.
fn together(rows: Vec<Stored<Disposition>>) -> Vec<Stored<Disposition>> {
    let mut dispositions: Vec<Stored<Disposition>> = Vec::new();
    for row in rows {
        match dispositions.last_mut().filter(|last| last.entity.id == row.entity.id) {
            Some(last) => last.entity.queues.extend(row.entity.queues),
            None => dispositions.push(row),
        }
    }
    dispositions
}

fn read(row: &Row) -> Result<Stored<Disposition>, Error> {
    let queue: Option<QueueId> = row.opt_id("queue_id")?;
    let disposition = Disposition {
        id: row.id("id")?,
        name: row.text("name")?,
        parent: row.opt_id("parent_id")?,
        custom: row.flag("custom")?,
        position: row.int("position")?,
        queues: queue.into_iter().collect(),
    };
    Stored::read(row, disposition)
}
