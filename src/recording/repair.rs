//! Recordings whose file was never closed.

use std::path::Path;

use carillon_media_audio::{TELEPHONE_RATE, WavError, repair};
use carillon_model::Fact;
use carillon_store::{self as store, Db, recording::Recording};

use crate::{clock, journal::Journal};

/// Sets the header of every file that a crash left open from its size, and closes its recording in the journal.
///
/// # Errors
/// The database refuses. A file that cannot be repaired is told in its recording and stops nothing.
pub async fn repair_open(db: &Db, folder: &Path, journal: &Journal) -> Result<(), store::Error> {
    for recording in store::recording::open(db).await? {
        let path = folder.join(&recording.file);
        // A file's header and its end are read and written: at most a few milliseconds each, before any call is taken.
        let closed = closed(&recording, repair(&path).map(|repaired| repaired.frames), &path);
        tracing::warn!(recording = %recording.id, "a recording that a crash left open is closed");
        if let Err(error) = journal.append_committed(clock::now(), closed).await {
            tracing::error!(%error, "a repaired recording is not noted; the next start repairs it again");
        }
    }
    Ok(())
}

fn closed(recording: &Recording, repaired: Result<u32, WavError>, path: &Path) -> Fact {
    let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    let (frames, error) = match repaired {
        Ok(frames) => (frames, "the server ended while it was written".to_owned()),
        Err(error) => (0, error.to_string()),
    };
    Fact::RecordingClosed {
        recording: recording.id,
        call: recording.call,
        length_ms: u64::from(frames) * 1000 / u64::from(TELEPHONE_RATE),
        bytes,
        gap_ms: 0,
        error: Some(error),
    }
}
