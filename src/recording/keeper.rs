//! What becomes of recordings once they are closed: each is looked at, and taken to the object store if there is one. Calls never wait for it.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use carillon_model::{AlarmCause, Fact, RecordingId};
use carillon_store::{
    Db, Error, recording,
    recording_file::{self, RecordingFile},
};
use tokio::time::{Instant, MissedTickBehavior};

use super::{beside, keys::Keys, look::look, refusal, sealed::SealError, upload::Uploads};
use crate::{
    clock,
    journal::{Followed, Follower},
};

/// How often what waits is tried.
const EVERY: Duration = Duration::from_millis(500);
/// Recordings taken up at a time.
const AT_ONCE: u32 = 20;
/// How long a disk that refused is left alone.
const DISK_RESTS: Duration = Duration::from_secs(30);
/// How long a store that refused is left alone: at first, and at most.
const LEAVE_ALONE: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(10)];

/// Looks after closed recordings.
pub struct Keeper {
    db: Db,
    folder: PathBuf,
    keys: Arc<Keys>,
    uploads: Option<Arc<Uploads>>,
    /// Closed, and not looked at yet: their row may come later than the fact.
    closed: BTreeSet<RecordingId>,
    store_rests: Duration,
    store_again: Instant,
    /// When a disk that refused is asked again.
    disk_again: Instant,
}

impl Keeper {
    /// One for this folder.
    pub fn new(db: Db, folder: PathBuf, keys: Arc<Keys>, uploads: Option<Arc<Uploads>>) -> Self {
        Self {
            db,
            folder,
            keys,
            uploads,
            closed: BTreeSet::new(),
            store_rests: LEAVE_ALONE[0],
            store_again: Instant::now(),
            disk_again: Instant::now(),
        }
    }

    /// Takes up what a run before has left, then what is closed from now on, for ever.
    pub async fn run(mut self, mut facts: Follower) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut left_behind = true;
        loop {
            tokio::select! {
                followed = facts.next() => match followed {
                    Some(Followed::Entry(entry)) => {
                        if let Fact::RecordingClosed { recording, .. } = &entry.fact {
                            self.closed.insert(*recording);
                        }
                    }
                    Some(Followed::Missed(_)) => left_behind = true,
                    None => return,
                },
                _ = ticks.tick() => {
                    // A database that refuses is said by others; here it is asked again.
                    left_behind = left_behind && self.take_up_left_behind().await.unwrap_or(true);
                    if let Err(error) = self.look_at_closed().await {
                        tracing::debug!(%error, "closed recordings wait for the database");
                    }
                    if let Err(error) = self.upload().await {
                        tracing::debug!(%error, "recordings to be uploaded wait for the database");
                    }
                }
            }
        }
    }

    /// Whether there may be more.
    async fn take_up_left_behind(&mut self) -> Result<bool, Error> {
        let found = recording_file::unseen(&self.db, AT_ONCE).await?;
        self.closed.extend(found.iter().map(|recording| recording.id));
        Ok(found.len() == AT_ONCE as usize)
    }

    /// What the disk refuses waits; the others do not wait for it.
    async fn look_at_closed(&mut self) -> Result<(), Error> {
        if Instant::now() < self.disk_again {
            return Ok(());
        }
        for id in self.closed.clone() {
            let Some(recording) = recording::get(&self.db, id).await?.filter(|recording| recording.file_closed.is_some()) else { continue };
            if recording_file::get(&self.db, id).await?.is_none() {
                let (folder, keys, now) = (self.folder.clone(), Arc::clone(&self.keys), clock::now().wall);
                let looked = tokio::task::spawn_blocking(move || look(&folder, &recording, &keys, now, rand::random())).await;
                let file = match looked {
                    Ok(Ok(file)) => file,
                    Ok(Err(SealError::Io(error))) => {
                        tracing::error!(recording = %id, %error, "the disk refuses: a recording is looked at later");
                        self.disk_again = Instant::now() + DISK_RESTS;
                        continue;
                    }
                    Ok(Err(error)) => {
                        tracing::error!(recording = %id, %error, "a recording cannot be looked at; it stays as it is");
                        RecordingFile {
                            id,
                            sha256: None,
                            fault: Some(error.to_string()),
                            sealed_by: None,
                            checked_at: now,
                            upload_wanted: false,
                            uploaded_at: None,
                            quiet: None,
                        }
                    }
                    // The program is ending.
                    Err(_) => return Ok(()),
                };
                if let Some(fault) = &file.fault {
                    tracing::error!(recording = %id, fault, "a recording is not what it should be");
                }
                let wanted = self.uploads.is_some() && file.sha256.is_some();
                let mut write = self.db.write().await?;
                recording_file::insert(&mut write, &RecordingFile { upload_wanted: wanted, ..file }).await?;
                write.commit().await?;
            }
            self.closed.remove(&id);
        }
        Ok(())
    }

    async fn upload(&mut self) -> Result<(), Error> {
        let Some(uploads) = self.uploads.clone() else { return Ok(()) };
        if Instant::now() < self.store_again {
            return Ok(());
        }
        for file in recording_file::waiting(&self.db, AT_ONCE).await? {
            let Some(recording) = recording::get(&self.db, file.id).await? else { continue };
            let taken = match uploads.take(&self.folder, &recording.file).await {
                Ok(()) => uploads.take(&self.folder, &beside(&recording.file)).await,
                error => error,
            };
            if let Err(error) = &taken
                && error.downcast_ref::<std::io::Error>().is_some()
            {
                // It lies with this file and not with the store: the others go on.
                tracing::error!(recording = %file.id, error = format!("{error:#}"), "a recording that cannot be read is not uploaded");
                let mut write = self.db.write().await?;
                recording_file::give_up(&mut write, file.id, Some(&format!("it could not be uploaded: {error:#}"))).await?;
                write.commit().await?;
                continue;
            }
            if let Err(error) = taken {
                let waiting = recording_file::count_waiting(&self.db).await?;
                tracing::warn!(recording = %file.id, error = format!("{error:#}"), waiting, "the object store does not take a recording");
                let said = format!("{error:#}");
                uploads.note(Some(AlarmCause::ObjectStore { waiting, why: refusal::of_store(&error), said }));
                self.store_again = Instant::now() + self.store_rests;
                self.store_rests = (self.store_rests * 2).min(LEAVE_ALONE[1]);
                return Ok(());
            }
            let mut write = self.db.write().await?;
            recording_file::uploaded(&mut write, file.id, clock::now().wall).await?;
            write.commit().await?;
            uploads.note(None);
            self.store_rests = LEAVE_ALONE[0];
        }
        Ok(())
    }
}
