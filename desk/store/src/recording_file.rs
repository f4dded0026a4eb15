//! What is known of recordings' files once they were looked at: one row a closed file.

use carillon_model::RecordingId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, Row, statements},
    recording::{self, Recording},
};

/// A stretch of a recording, in milliseconds from its beginning, in which nobody speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// Where it begins.
    pub from_ms: u64,
    /// Where it ends.
    pub to_ms: u64,
}

/// A recording's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingFile {
    /// The recording.
    pub id: RecordingId,
    /// SHA-256 of the WAV file, lower-case hex; `None` where there is no file.
    pub sha256: Option<String>,
    /// What is wrong with it, if anything is: it is not there, or not as long as the recording span.
    pub fault: Option<String>,
    /// Name of the key it is sealed with, if it is.
    pub sealed_by: Option<String>,
    /// When it was looked at.
    pub checked_at: Timestamp,
    /// Whether it is to be taken to the object store.
    pub upload_wanted: bool,
    /// When it was.
    pub uploaded_at: Option<Timestamp>,
    /// Where nobody speaks for a while, in order; `None`: there is no file, or it was looked at by a version that did not look for them.
    pub quiet: Option<Vec<Quiet>>,
}

statements! { "recording_file":
    GET = "SELECT recording_id, sha256, fault, sealed_by, checked_at, upload_wanted, uploaded_at, quiet FROM recording_file WHERE recording_id = $1";
    WAITING = "SELECT recording_id, sha256, fault, sealed_by, checked_at, upload_wanted, uploaded_at, quiet FROM recording_file
        WHERE upload_wanted = 1 AND uploaded_at IS NULL ORDER BY checked_at, recording_id LIMIT $1";
    COUNT_WAITING = "SELECT COUNT(*) AS waiting FROM recording_file WHERE upload_wanted = 1 AND uploaded_at IS NULL";
    INSERT = "INSERT INTO recording_file (recording_id, sha256, fault, sealed_by, checked_at, upload_wanted, quiet) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (recording_id) DO NOTHING";
    GIVE_UP = "UPDATE recording_file SET upload_wanted = 0, fault = COALESCE($2, fault) WHERE recording_id = $1 AND uploaded_at IS NULL";
    SET_UPLOADED = "UPDATE recording_file SET uploaded_at = $2 WHERE recording_id = $1 AND uploaded_at IS NULL";
}

/// What is known of a recording's file; `None` until it was looked at.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording_file.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: RecordingId) -> Result<Option<RecordingFile>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// Closed recordings whose file nobody has looked at yet, oldest first.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording_file.unseen", level = "debug", skip_all)]
pub async fn unseen(from: impl Into<Reader<'_>>, limit: u32) -> Result<Vec<Recording>, Error> {
    recording::without_file(from, limit).await
}

/// Files that are to be taken to the object store, in the order they were looked at.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording_file.waiting", level = "debug", skip_all)]
pub async fn waiting(from: impl Into<Reader<'_>>, limit: u32) -> Result<Vec<RecordingFile>, Error> {
    Q::of(&WAITING).bind(i64::from(limit)).all(from, read).await
}

/// How many there are of these.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording_file.count_waiting", level = "debug", skip_all)]
pub async fn count_waiting(from: impl Into<Reader<'_>>) -> Result<u64, Error> {
    Ok(Q::of(&COUNT_WAITING).optional(from, |row| row.int("waiting")).await?.unwrap_or(0))
}

/// Notes what was found; what is known already stays.
///
/// # Errors
/// [`Error::Linked`]: no such recording.
#[instrument(name = "db.recording_file.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, file: &RecordingFile) -> Result<(), Error> {
    let q = Q::of(&INSERT).bind(file.id).bind(file.sha256.as_deref()).bind(file.fault.as_deref()).bind(file.sealed_by.as_deref());
    let quiet = file.quiet.as_ref().map(|quiet| serde_json::to_string(quiet).unwrap_or_default());
    q.bind(file.checked_at).bind(i64::from(file.upload_wanted)).bind(quiet.as_deref()).run(write).await.map(|_| ())
}

/// Notes that a file is in the object store.
///
/// # Errors
/// As every write.
#[instrument(name = "db.recording_file.uploaded", level = "debug", skip_all)]
pub async fn uploaded(write: &mut Write, id: RecordingId, at: Timestamp) -> Result<(), Error> {
    Q::of(&SET_UPLOADED).bind(id).bind(at).run(write).await.map(|_| ())
}

/// A file that is not in the object store will not be taken there: it cannot be read, or is to go.
///
/// # Errors
/// As every write.
#[instrument(name = "db.recording_file.give_up", level = "debug", skip_all)]
pub async fn give_up(write: &mut Write, id: RecordingId, fault: Option<&str>) -> Result<(), Error> {
    Q::of(&GIVE_UP).bind(id).bind(fault).run(write).await.map(|_| ())
}

fn read(row: &Row) -> Result<RecordingFile, Error> {
    Ok(RecordingFile {
        id: row.id("recording_id")?,
        sha256: row.opt_text("sha256")?,
        fault: row.opt_text("fault")?,
        sealed_by: row.opt_text("sealed_by")?,
        checked_at: row.at("checked_at")?,
        upload_wanted: row.flag("upload_wanted")?,
        uploaded_at: row.opt_at("uploaded_at")?,
        quiet: row.opt_text("quiet")?.map(|_| row.json("quiet")).transpose()?,
    })
}
