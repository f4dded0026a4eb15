//! Recordings that have been kept as long as they are to be.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use carillon_store::{self as store, Db, recording};
use jiff::Timestamp;

const EVERY: Duration = Duration::from_secs(600);

/// Removes recordings that are older than their queue, or the site, keeps them, for ever: the file first, then its row and its links. The call's record stays.
pub async fn remove_old_recordings(db: Db, folder: PathBuf, site_days: u32) {
    loop {
        match remove_old(&db, &folder, site_days, Timestamp::now()).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "recordings have been kept as long as they are to be, and are gone"),
            Err(error) => tracing::warn!(%error, "old recordings could not be removed; trying again"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// How many were removed.
async fn remove_old(db: &Db, folder: &Path, site_days: u32, now: Timestamp) -> Result<usize, store::Error> {
    let mut removed = 0;
    loop {
        let (expired, before) = (recording::expired(db, now, site_days).await?, removed);
        for old in &expired {
            match tokio::fs::remove_file(folder.join(&old.file)).await {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                // Its row stays, so that it is tried again: no file is forgotten.
                Err(error) => {
                    tracing::warn!(recording = %old.id, %error, "the file of an old recording cannot be removed");
                    continue;
                }
            }
            let mut write = db.write().await?;
            recording::delete(&mut write, old.id).await?;
            write.commit().await?;
            removed += 1;
        }
        if expired.is_empty() || removed == before {
            return Ok(removed);
        }
    }
}
