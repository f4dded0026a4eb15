//! A closed recording is looked at once: its checksum, its length against the span it was made in, where nobody speaks, what is known of it
//! beside the file; and it is sealed.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use carillon_store::{
    recording::Recording,
    recording_file::{Quiet, RecordingFile},
};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    keys::Keys,
    quiet::Listener,
    sealed::{SealError, Sealed, SiteKey, hex, seal},
};

/// How far a file's length may be from its span: this, and half a hundredth of it.
const TOLERANCE_MS: i64 = 300;

/// What stands beside a recording, in a file of its name that ends in `.json`.
#[derive(Serialize)]
struct Beside<'a> {
    recording: String,
    call: String,
    file: &'a str,
    format: &'static str,
    kind: carillon_model::CallKind,
    queue: Option<String>,
    agent: Option<String>,
    /// Who spoke; left out beside a sealed recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connected: Option<&'a str>,
    started_at: Timestamp,
    stopped_at: Option<Timestamp>,
    length_ms: u64,
    bytes: u64,
    gap_ms: u64,
    error: Option<&'a str>,
    sha256: Option<&'a str>,
    fault: Option<&'a str>,
    sealed_by: Option<&'a str>,
}

/// Looks at a closed recording, and does what is to be done once. It may be done again after a crash in the middle.
///
/// # Errors
/// The disk refuses to take what stands beside the file, or the sealed one; or a sealed file cannot be read.
pub(super) fn look(folder: &Path, recording: &Recording, keys: &Keys, now: Timestamp, salt: [u8; 16]) -> Result<RecordingFile, SealError> {
    let path = folder.join(&recording.file);
    let found = match read_whole(&path, keys) {
        Ok(found) => Some(found),
        Err(SealError::Io(error)) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let fault = fault(recording, found.as_ref());
    let mut file = RecordingFile {
        id: recording.id,
        sha256: found.as_ref().map(|found| found.sha256.clone()),
        fault,
        sealed_by: found.as_ref().and_then(|found| found.sealed_by.clone()),
        checked_at: now,
        upload_wanted: false,
        uploaded_at: None,
        quiet: found.as_ref().map(|found| found.quiet.clone()),
    };
    let Some(found) = found else { return Ok(file) };
    file.sealed_by = file.sealed_by.or_else(|| keys.seals.as_ref().map(SiteKey::name));
    write_beside(&path, recording, &file)?;
    if let (Some(key), None) = (&keys.seals, &found.sealed_by) {
        seal_in_place(&path, key, keys, salt, &found.sha256)?;
    }
    Ok(file)
}

struct Found {
    sha256: String,
    bytes: u64,
    sealed_by: Option<String>,
    quiet: Vec<Quiet>,
}

fn read_whole(path: &Path, keys: &Keys) -> Result<Found, SealError> {
    let (mut sum, mut listener) = (Sha256::new(), Listener::default());
    let mut take = |piece: &[u8]| {
        sum.update(piece);
        listener.take(piece);
    };
    match Sealed::open(path, &keys.known) {
        Ok(mut sealed) => {
            sealed.each(take)?;
            let (bytes, sealed_by) = (sealed.len(), Some(sealed.key_name()));
            Ok(Found { sha256: hex(&sum.finalize()), bytes, sealed_by, quiet: listener.found() })
        }
        Err(SealError::NotSealed) => {
            let (mut file, mut piece, mut bytes) = (File::open(path)?, vec![0; 64 * 1024], 0);
            loop {
                let length = file.read(&mut piece)?;
                if length == 0 {
                    break;
                }
                take(&piece[..length]);
                bytes += length as u64;
            }
            Ok(Found { sha256: hex(&sum.finalize()), bytes, sealed_by: None, quiet: listener.found() })
        }
        Err(error) => Err(error),
    }
}

/// What does not fit: the file to the record, its length to its span.
fn fault(recording: &Recording, found: Option<&Found>) -> Option<String> {
    let Some(found) = found else { return Some("the file is not there".to_owned()) };
    let closed = recording.file_closed.as_ref()?;
    if found.bytes != closed.bytes {
        return Some(format!("the file has {} bytes and was closed with {}", found.bytes, closed.bytes));
    }
    let span = recording.stopped_at?.duration_since(recording.started_at).as_millis() as i64;
    let length = closed.length_ms as i64;
    ((span - length).abs() > TOLERANCE_MS + span / 200).then(|| format!("{length} ms of audio for a span of {span} ms"))
}

fn write_beside(path: &Path, recording: &Recording, file: &RecordingFile) -> io::Result<()> {
    let in_clear = file.sealed_by.is_none();
    let closed = recording.file_closed.as_ref();
    let beside = Beside {
        recording: recording.id.to_string(),
        call: recording.call.to_string(),
        file: &recording.file,
        format: "WAV, 16-bit PCM, 8 kHz, who is outside on the left; of two of ours the caller",
        kind: recording.kind,
        queue: recording.queue.map(|queue| queue.to_string()),
        agent: recording.agent.map(|agent| agent.to_string()),
        caller: in_clear.then(|| recording.caller.as_str()),
        called: in_clear.then(|| recording.called.as_str()),
        connected: recording.connected.as_ref().filter(|_| in_clear).map(|number| number.as_str()),
        started_at: recording.started_at,
        stopped_at: recording.stopped_at,
        length_ms: closed.map_or(0, |closed| closed.length_ms),
        bytes: closed.map_or(0, |closed| closed.bytes),
        gap_ms: closed.map_or(0, |closed| closed.gap_ms),
        error: closed.and_then(|closed| closed.error.as_deref()),
        sha256: file.sha256.as_deref(),
        fault: file.fault.as_deref(),
        sealed_by: file.sealed_by.as_deref(),
    };
    let (target, draft) = (path.with_extension("json"), path.with_extension("json.new"));
    let mut written = File::create(&draft)?;
    written.write_all(&serde_json::to_vec_pretty(&beside).map_err(io::Error::other)?)?;
    written.sync_all()?;
    fs::rename(draft, target)
}

/// The sealed file takes the place and the name of the plain one, once it is proved to hold the same.
fn seal_in_place(path: &Path, key: &SiteKey, keys: &Keys, salt: [u8; 16], sha256: &str) -> Result<(), SealError> {
    let draft = path.with_extension("wav.sealing");
    seal(path, &draft, key, salt)?;
    if read_whole(&draft, keys)?.sha256 != sha256 {
        return Err(SealError::Changed);
    }
    Ok(fs::rename(draft, path)?)
}
