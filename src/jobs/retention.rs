//! Recordings that have been kept as long as they are to be.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use carillon_store::{
    self as store, Db,
    recording::{self, Recording},
    recording_file,
};
use jiff::Timestamp;

use crate::recording::{Uploads, beside};

const EVERY: Duration = Duration::from_secs(600);

/// Removes recordings that are older than their queue, or the site, keeps them, for ever: the files first, in the object store too, then the
/// row and its links. The call's record stays.
pub async fn remove_old_recordings(db: Db, folder: PathBuf, uploads: Option<Arc<Uploads>>, site_days: u32) {
    loop {
        match remove_old(&db, &folder, uploads.as_deref(), site_days, Timestamp::now()).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "recordings have been kept as long as they are to be, and are gone"),
            Err(error) => tracing::warn!(%error, "old recordings could not be removed; trying again"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// How many were removed.
async fn remove_old(db: &Db, folder: &Path, uploads: Option<&Uploads>, site_days: u32, now: Timestamp) -> Result<usize, store::Error> {
    let mut removed = 0;
    loop {
        let (expired, before) = (recording::expired(db, now, site_days).await?, removed);
        for old in &expired {
            // Its row stays where that fails, so that it is tried again: no file is forgotten.
            if let Err(error) = remove_uploaded(db, uploads, old).await {
                tracing::warn!(recording = %old.id, error = format!("{error:#}"), "the object store does not remove an old recording");
                continue;
            }
            if let Err(error) = remove_local(folder, &old.file).await {
                tracing::warn!(recording = %old.id, %error, "the file of an old recording cannot be removed");
                continue;
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

async fn remove_local(folder: &Path, file: &str) -> std::io::Result<()> {
    for name in [file, &beside(file)] {
        match tokio::fs::remove_file(folder.join(name)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

async fn remove_uploaded(db: &Db, uploads: Option<&Uploads>, old: &Recording) -> anyhow::Result<()> {
    let Some(file) = recording_file::get(db, old.id).await?.filter(|file| file.upload_wanted || file.uploaded_at.is_some()) else {
        return Ok(());
    };
    // It is not taken there any more, now that it is to go.
    let mut write = db.write().await?;
    recording_file::give_up(&mut write, file.id, None).await?;
    write.commit().await?;
    match uploads {
        Some(uploads) => {
            uploads.remove(&old.file).await?;
            uploads.remove(&beside(&old.file)).await
        }
        None if file.uploaded_at.is_some() => anyhow::bail!("it was taken to a store that is not configured any more"),
        None => Ok(()),
    }
}
