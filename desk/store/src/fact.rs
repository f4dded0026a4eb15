//! The journal's facts, in order.

use carillon_model::{CallId, Entry};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Db, Error, Reader, Write,
    query::{Q, Row, Value, statements},
};

/// Rows that one statement takes at once. Each number of rows is a text of its own, which the database keeps prepared.
const ROWS: usize = 16;

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT epoch, seq, at, mono_ms, body FROM fact ", $tail)
    };
}

statements! { "fact":
    AFTER = select!("WHERE (epoch, seq) > ($1, $2) ORDER BY epoch, seq LIMIT $3");
    OF_CALL = select!("WHERE call_id = $1 ORDER BY epoch, seq");
    AGENT_STATES = select!("WHERE type = 'agent.state' AND epoch >= (SELECT MAX(epoch) FROM fact) - 1 ORDER BY epoch, seq");
    QUEUE_PAUSES = select!("WHERE type = 'agent.queue_paused' AND epoch >= (SELECT MAX(epoch) FROM fact) - 1 ORDER BY epoch, seq");
    QUEUE_RESUMES = select!("WHERE type = 'agent.queue_resumed' AND epoch >= (SELECT MAX(epoch) FROM fact) - 1 ORDER BY epoch, seq");
    LEGS_SINCE = select!("WHERE at >= $1 AND type IN ('leg.started', 'leg.ended') ORDER BY epoch, seq");
    LAST_SEQ = "SELECT MAX(seq) AS seq FROM fact WHERE epoch = $1";
    DELETE_BEFORE = "DELETE FROM fact WHERE at < $1";
}

/// Facts after a place in the journal, oldest first, at most `limit`.
///
/// # Errors
/// As every read.
#[instrument(name = "db.fact.after", level = "debug", skip_all)]
pub async fn after(from: impl Into<Reader<'_>>, epoch: u64, seq: u64, limit: u32) -> Result<Vec<Entry>, Error> {
    Q::of(&AFTER).bind(epoch).bind(seq).bind(limit).all(from, read).await
}

/// A call's facts, oldest first.
///
/// # Errors
/// As every read.
#[instrument(name = "db.fact.of_call", level = "debug", skip_all)]
pub async fn of_call(from: impl Into<Reader<'_>>, call: CallId) -> Result<Vec<Entry>, Error> {
    Q::of(&OF_CALL).bind(call).all(from, read).await
}

/// The agents' states, and their pauses in single queues, of the last two epochs, oldest first: the one that ended and, at a start, the one
/// that begins.
///
/// # Errors
/// As every read.
#[instrument(name = "db.fact.agent_states", level = "debug", skip_all)]
pub async fn agent_states(db: &Db) -> Result<Vec<Entry>, Error> {
    let mut entries = Q::of(&AGENT_STATES).all(db, read).await?;
    entries.extend(Q::of(&QUEUE_PAUSES).all(db, read).await?);
    entries.extend(Q::of(&QUEUE_RESUMES).all(db, read).await?);
    entries.sort_by_key(|entry| (entry.epoch, entry.seq));
    Ok(entries)
}

/// The beginnings and ends of legs since a moment, oldest first.
///
/// # Errors
/// As every read.
#[instrument(name = "db.fact.legs_since", level = "debug", skip_all)]
pub async fn legs_since(from: impl Into<Reader<'_>>, at: Timestamp) -> Result<Vec<Entry>, Error> {
    Q::of(&LEGS_SINCE).bind(at).all(from, read).await
}

/// The last number given in an epoch; 0 when it has none.
///
/// # Errors
/// As every read.
#[instrument(name = "db.fact.last_seq", level = "debug", skip_all)]
pub async fn last_seq(from: impl Into<Reader<'_>>, epoch: u64) -> Result<u64, Error> {
    Ok(Q::of(&LAST_SEQ).bind(epoch).optional(from, |row| row.opt_int("seq")).await?.flatten().unwrap_or(0))
}

/// Adds facts, many by one statement; how many were not there yet. The same entry twice is one.
///
/// # Errors
/// As every write.
#[instrument(name = "db.fact.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, entries: &[&Entry]) -> Result<u64, Error> {
    let mut added = 0;
    for part in entries.chunks(ROWS) {
        let rows = part.iter().map(|entry| insert_row(entry)).collect::<Result<Vec<_>, _>>()?;
        added += insert_query(rows).run(write).await?;
    }
    Ok(added)
}

fn insert_row(entry: &Entry) -> Result<[Value; 7], Error> {
    let impossible = |error: serde_json::Error| Error::Impossible {
        table: "fact",
        column: "body",
        row: format!("{}.{}", entry.epoch, entry.seq),
        why: error.to_string(),
    };
    let fact = serde_json::to_value(&entry.fact).map_err(impossible)?;
    let kind = fact.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
    Ok([
        entry.epoch.into(),
        entry.seq.into(),
        entry.at.into(),
        entry.mono_ms.into(),
        kind.into(),
        entry.fact.call().into(),
        fact.to_string().into(),
    ])
}

fn insert_query(rows: Vec<[Value; 7]>) -> Q {
    let q = Q::list("fact", "INSERT INTO fact (epoch, seq, at, mono_ms, type, call_id, body) VALUES ").rows(rows);
    q.sql(" ON CONFLICT (epoch, seq) DO NOTHING")
}

/// The texts [`insert`] can run, for the test that prepares them.
pub(crate) fn insert_texts() -> Vec<String> {
    let row = || [0, 1, 2, 3, 4, 5, 6].map(|_| Value::from(0_i64));
    (1..=ROWS).map(|rows| insert_query((0..rows).map(|_| row()).collect()).text()).collect()
}

/// Removes facts older than `before`; how many. Call records stay.
///
/// # Errors
/// As every write.
#[instrument(name = "db.fact.delete_before", level = "debug", skip_all)]
pub async fn delete_before(write: &mut Write, before: Timestamp) -> Result<u64, Error> {
    Q::of(&DELETE_BEFORE).bind(before).run(write).await
}

fn read(row: &Row) -> Result<Entry, Error> {
    Ok(Entry { epoch: row.int("epoch")?, seq: row.int("seq")?, at: row.at("at")?, mono_ms: row.int("mono_ms")?, fact: row.json("body")? })
}
