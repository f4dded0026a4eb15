//! Links that open one recording to whoever has them. The link's secret is nowhere in the database, only its SHA-256.

use carillon_model::{RecordingId, RecordingLinkId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    audit::body,
    query::{Q, Row, statements},
};

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordingLink {
    /// Its public name.
    pub id: RecordingLinkId,
    /// What it opens.
    pub recording: RecordingId,
    /// Who made it.
    pub made_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was last opened, to the minute.
    pub opened_at: Option<Timestamp>,
}

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT id, recording_id, made_by, created_at, expires_at, opened_at FROM recording_link ", $tail)
    };
}

statements! { "recording_link":
    OF_RECORDING = select!("WHERE recording_id = $1 AND expires_at > $2 ORDER BY created_at, id");
    GET = select!("WHERE id = $1 AND recording_id = $2");
    BY_TOKEN = select!("WHERE token_sha256 = $1 AND expires_at > $2");
    INSERT = "INSERT INTO recording_link (id, token_sha256, recording_id, made_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    TOUCH = "UPDATE recording_link SET opened_at = $2 WHERE id = $1";
    DELETE = "DELETE FROM recording_link WHERE id = $1";
    DELETE_EXPIRED = "DELETE FROM recording_link WHERE expires_at <= $1";
}

/// The links to a recording that still work, oldest first.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording_link.of_recording", level = "debug", skip_all)]
pub async fn of_recording(from: impl Into<Reader<'_>>, recording: RecordingId, now: Timestamp) -> Result<Vec<RecordingLink>, Error> {
    Q::of(&OF_RECORDING).bind(recording).bind(now).all(from, read).await
}

/// The link of a secret, if it still works. `token_sha256` in lower-case hex.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording_link.by_token", level = "debug", skip_all)]
pub async fn by_token(from: impl Into<Reader<'_>>, token_sha256: &str, now: Timestamp) -> Result<Option<RecordingLink>, Error> {
    Q::of(&BY_TOKEN).bind(token_sha256).bind(now).optional(from, read).await
}

/// Adds a link; those that have expired go.
///
/// # Errors
/// [`Error::Linked`]: no such recording or user.
#[instrument(name = "db.recording_link.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, link: &RecordingLink, token_sha256: &str) -> Result<(), Error> {
    Q::of(&DELETE_EXPIRED).bind(link.created_at).run(write).await?;
    let q = Q::of(&INSERT).bind(link.id).bind(token_sha256).bind(link.recording).bind(link.made_by);
    q.bind(link.created_at).bind(link.expires_at).run(write).await?;
    write.note("recording_link", link.id.to_string(), None, body(link)).await
}

/// Notes that a link was opened; whether it is there.
///
/// # Errors
/// As every write.
#[instrument(name = "db.recording_link.touch", level = "debug", skip_all)]
pub async fn touch(write: &mut Write, id: RecordingLinkId, now: Timestamp) -> Result<bool, Error> {
    Ok(Q::of(&TOUCH).bind(id).bind(now).run(write).await? == 1)
}

/// Takes a link to that recording back; whether there was one.
///
/// # Errors
/// As every write.
#[instrument(name = "db.recording_link.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, recording: RecordingId, id: RecordingLinkId) -> Result<bool, Error> {
    let Some(before) = Q::of(&GET).bind(id).bind(recording).optional(&mut *write, read).await? else { return Ok(false) };
    Q::of(&DELETE).bind(id).run(write).await?;
    write.note("recording_link", id.to_string(), body(&before), None).await?;
    Ok(true)
}

fn read(row: &Row) -> Result<RecordingLink, Error> {
    Ok(RecordingLink {
        id: row.id("id")?,
        recording: row.id("recording_id")?,
        made_by: row.id("made_by")?,
        created_at: row.at("created_at")?,
        expires_at: row.at("expires_at")?,
        opened_at: row.opt_at("opened_at")?,
    })
}
