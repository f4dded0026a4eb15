//! Recordings whose file was never closed.

use std::{path::Path, time::Duration};

use carillon_media_audio::{StereoWavWriter, TELEPHONE_RATE, WavError, repair};
use carillon_model::Fact;
use carillon_store::{self as store, Db, recording::Recording};

use crate::{clock, journal::Journal};

/// Within this after its start a recording may have no file yet.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Sets the header of every file that a crash left open from its size, and closes its recording in the journal.
///
/// # Errors
/// The database refuses. A file that cannot be repaired is told in its recording and stops nothing.
pub async fn repair_open(db: &Db, folder: &Path, journal: &Journal) -> Result<(), store::Error> {
    for recording in store::recording::open(db).await? {
        let path = folder.join(&recording.file);
        begin_if_cut_off_at_once(&recording, &path);
        // A file's header and its end are read and written: at most a few milliseconds each, before any call is taken.
        let closed = closed(&recording, repair(&path).map(|repaired| repaired.frames), &path);
        tracing::warn!(recording = %recording.id, "a recording that a crash left open is closed");
        if let Err(error) = journal.append_committed(clock::now(), closed).await {
            tracing::error!(%error, "a repaired recording is not noted; the next start repairs it again");
        }
    }
    Ok(())
}

/// A recording that began in the last moment may have no file yet, or one without its header: it is an empty one.
fn begin_if_cut_off_at_once(recording: &Recording, path: &Path) {
    let began_last = recording.stopped_at.is_some_and(|stopped| stopped.duration_since(recording.started_at).unsigned_abs() < AT_ONCE);
    if began_last && std::fs::metadata(path).map_or(0, |file| file.len()) == 0 {
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all).is_ok();
        // What cannot be made is told by the repair that follows.
        drop(made.then(|| StereoWavWriter::create(path).and_then(StereoWavWriter::finish)));
    }
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
