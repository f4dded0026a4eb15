//! Runs of the server: each start is an epoch of the journal.

use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, Row, statements},
};

/// One run of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Its number; grows with each start.
    pub epoch: u64,
    /// Version of the program.
    pub version: String,
    /// When it began.
    pub started_at: Timestamp,
    /// The last moment it is known to have run.
    pub alive_at: Timestamp,
    /// The same in milliseconds of the monotonic clock since it began.
    pub alive_mono_ms: u64,
}

statements! { "epoch":
    LAST = "SELECT epoch, version, started_at, alive_at, alive_mono_ms FROM epoch ORDER BY epoch DESC LIMIT 1";
    GET = "SELECT epoch, version, started_at, alive_at, alive_mono_ms FROM epoch WHERE epoch = $1";
    INSERT = "INSERT INTO epoch (epoch, version, started_at, alive_at, alive_mono_ms) VALUES ($1, $2, $3, $4, $5)";
    ALIVE = "UPDATE epoch SET alive_at = $2, alive_mono_ms = $3 WHERE epoch = $1";
}

/// The last epoch that began; `None` in a new database.
///
/// # Errors
/// As every read.
#[instrument(name = "db.epoch.last", level = "debug", skip_all)]
pub async fn last(from: impl Into<Reader<'_>>) -> Result<Option<Epoch>, Error> {
    Q::of(&LAST).optional(from, read).await
}

/// One epoch.
///
/// # Errors
/// As every read.
#[instrument(name = "db.epoch.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, epoch: u64) -> Result<Option<Epoch>, Error> {
    Q::of(&GET).bind(epoch).optional(from, read).await
}

/// Adds an epoch.
///
/// # Errors
/// [`Error::Taken`]: another server began the same one.
#[instrument(name = "db.epoch.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, epoch: &Epoch) -> Result<(), Error> {
    let q = Q::of(&INSERT).bind(epoch.epoch).bind(epoch.version.as_str()).bind(epoch.started_at);
    q.bind(epoch.alive_at).bind(epoch.alive_mono_ms).run(write).await.map(|_| ())
}

/// Notes that the server still runs.
///
/// # Errors
/// As every write.
#[instrument(name = "db.epoch.alive", level = "debug", skip_all)]
pub async fn alive(write: &mut Write, epoch: u64, at: Timestamp, mono_ms: u64) -> Result<bool, Error> {
    Ok(Q::of(&ALIVE).bind(epoch).bind(at).bind(mono_ms).run(write).await? == 1)
}

fn read(row: &Row) -> Result<Epoch, Error> {
    Ok(Epoch {
        epoch: row.int("epoch")?,
        version: row.text("version")?,
        started_at: row.at("started_at")?,
        alive_at: row.at("alive_at")?,
        alive_mono_ms: row.int("alive_mono_ms")?,
    })
}
