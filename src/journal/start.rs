//! Beginning an epoch: what the last one left is put in order first.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64},
    },
};

use carillon_model::{Entry, Fact, Now};
use carillon_store::{Db, call, epoch, epoch::Epoch};
use tokio::sync::{Notify, broadcast, watch};

use super::{
    FOLLOWER_BEHIND, Farewell, Handle, Journal, Pending, Settings, Shared, lost, record::Folds, spool::Spool, writer, writer::Writer,
};

/// Why a journal did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database would not.
    #[error("the journal cannot start: {0}")]
    Store(#[from] carillon_store::Error),
    /// The database does not take what the spool file holds.
    #[error("the journal cannot start: the database refuses the facts of the spool file")]
    Refused,
    /// The spool file cannot be opened, read or emptied.
    #[error("the journal cannot use its spool file {}: {source}", path.display())]
    Spool {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Journal {
    /// Lands what the spool holds, closes the calls a crash left open, and begins a new epoch, whose first fact is `server.started`.
    /// `clock` tells the writer that time goes by while nothing happens.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(db: Db, clock: impl Fn() -> Now + Send + Sync + 'static, settings: Settings) -> Result<Self, StartError> {
        let unusable = |source| StartError::Spool { path: settings.spool.clone(), source };
        let mut spool = Spool::open(&settings.spool, settings.spool_max).await.map_err(unusable)?;
        let mut landing = writer::LANDING;
        loop {
            let (entries, bytes) = spool.next(landing).await.map_err(unusable)?;
            if bytes == 0 {
                break;
            }
            let entries: Vec<Arc<Entry>> = entries.into_iter().map(Arc::new).collect();
            if !writer::store(&db, &entries, &Folds::new()).await {
                if landing == 1 {
                    return Err(StartError::Refused);
                }
                landing = writer::fewer(landing);
                continue;
            }
            spool.landed(bytes).await.map_err(unusable)?;
            tracing::info!(facts = entries.len(), "facts from the spool file are in the database");
        }
        let lost = lost::close_all(&db, &settings.recordings).await?;
        if lost > 0 {
            tracing::warn!(calls = lost, "calls that the last run left open are closed as lost");
        }
        let now = clock();
        let epoch = begin_epoch(&db, now, &settings.version).await?;
        let shared = Arc::new(Shared {
            epoch,
            began: now.mono,
            pending: Mutex::new(Pending::default()),
            wake: Notify::new(),
            urgent: Notify::new(),
            published: broadcast::Sender::new(FOLLOWER_BEHIND),
            landed: watch::Sender::new(0),
            last_call_number: AtomicU64::new(call::last_number(&db).await?),
            refusing: AtomicBool::new(false),
            spooled: AtomicU64::new(0),
            unwritten: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            ended: watch::Sender::new(false),
        });
        let writer = Writer::new(db, spool, Arc::clone(&shared), Box::new(clock));
        let farewell = Farewell(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            let _farewell = farewell;
            writer.run().await;
        });
        let journal = Self { writer: Arc::new(Handle { shared: Arc::clone(&shared), task: Mutex::new(Some(task)) }), shared };
        journal.append(now, Fact::ServerStarted { version: settings.version });
        Ok(journal)
    }
}

async fn begin_epoch(db: &Db, now: Now, version: &str) -> Result<u64, carillon_store::Error> {
    let mut write = db.write().await?;
    let last = epoch::last(&mut write).await?.map_or(0, |last| last.epoch);
    let version = version.to_owned();
    epoch::insert(&mut write, &Epoch { epoch: last + 1, version, started_at: now.wall, alive_at: now.wall, alive_mono_ms: 0 }).await?;
    write.commit().await?;
    Ok(last + 1)
}
