//! The journal: what happened, in order. Figures, call records and live pages follow it.
//!
//! [`Journal::append`] numbers a fact in memory and publishes it at once; one task writes facts to the database in groups, within
//! [`GATHER`] and the time of a commit. Where something must not happen before its fact is on disk, [`Journal::append_committed`] waits
//! for that. While the database refuses, facts go to a bounded spool file and land from it later, once and in order; nobody but the
//! writer notices. Each start of the server is an epoch; calls the last epoch left open are closed before the new one begins.

mod follow;
mod lost;
mod record;
mod spool;
mod start;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    mem,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use carillon_model::{Entry, Fact, Now};
use jiff::Timestamp;
use tokio::{
    sync::{Notify, broadcast, oneshot, watch},
    task::JoinHandle,
};

pub use follow::{Followed, Follower};
pub use start::StartError;

/// How long a fact may wait for others to be committed with it.
const GATHER: Duration = Duration::from_millis(4);

/// Facts a follower may be behind before it misses some.
const FOLLOWER_BEHIND: usize = 4096;

/// Facts kept in memory while neither the database nor the spool takes them.
const UNWRITTEN_MAX: usize = 100_000;

/// What a journal is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// File that keeps facts while the database refuses.
    pub spool: PathBuf,
    /// Bytes it may have.
    pub spool_max: u64,
    /// Folder of the recordings: what a crash left open there tells how long the server ran.
    pub recordings: PathBuf,
    /// Version of the program, for the epoch's first fact.
    pub version: String,
}

impl Settings {
    /// The usual bounds: some 200,000 facts in the spool.
    pub fn new(spool: impl Into<PathBuf>, recordings: impl Into<PathBuf>, version: impl Into<String>) -> Self {
        Self { spool: spool.into(), spool_max: 64 << 20, recordings: recordings.into(), version: version.into() }
    }
}

/// The fact is neither in the database nor in the spool: both refuse. It was published all the same and is kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither the database nor the spool file takes facts")]
pub struct NotWritten;

/// How the journal does, for readiness and alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Whether the database refuses, so that facts go to the spool.
    pub refusing: bool,
    /// Bytes of facts in the spool that have not landed yet.
    pub spooled: u64,
    /// Facts that neither the database nor the spool takes, kept in memory.
    pub unwritten: u64,
    /// Facts that found no place at all since the start.
    pub lost: u64,
}

/// The journal of this server. Clones are the same journal; when the last is dropped the writer writes what there is and ends.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
    writer: Arc<Handle>,
}

impl Journal {
    /// Numbers a fact, publishes it and has it written soon. Never waits. Its number within the epoch.
    pub fn append(&self, now: Now, fact: Fact) -> u64 {
        let seq = self.shared.pending().add(&self.shared, now, fact, None);
        self.shared.wake.notify_one();
        seq
    }

    /// As [`Journal::append`]; returns when the fact is on disk, in the database or in the spool.
    ///
    /// # Errors
    /// [`NotWritten`], at once, when neither takes it, or when the writer is gone.
    pub async fn append_committed(&self, now: Now, fact: Fact) -> Result<u64, NotWritten> {
        let (written, wait) = oneshot::channel();
        let seq = self.shared.pending().add(&self.shared, now, fact, Some(written));
        self.shared.wake.notify_one();
        self.shared.urgent.notify_one();
        wait.await.unwrap_or(Err(NotWritten)).map(|()| seq)
    }

    /// Follows the journal from the next fact on.
    pub fn follow(&self) -> Follower {
        let pending = self.shared.pending();
        Follower::new(self.shared.published.subscribe(), pending.last_seq)
    }

    /// The number of the last fact appended.
    pub fn last(&self) -> u64 {
        self.shared.pending().last_seq
    }

    /// Up to which number all facts are in the database, as that grows: what a list read from it shows.
    pub fn landed(&self) -> watch::Receiver<u64> {
        self.shared.landed.subscribe()
    }

    /// This run's epoch.
    pub fn epoch(&self) -> u64 {
        self.shared.epoch
    }

    /// The short number for the next call.
    pub fn next_call_number(&self) -> u64 {
        self.shared.last_call_number.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How it does.
    pub fn health(&self) -> Health {
        Health {
            refusing: self.shared.refusing.load(Ordering::Relaxed),
            spooled: self.shared.spooled.load(Ordering::Relaxed),
            unwritten: self.shared.unwritten.load(Ordering::Relaxed),
            lost: self.shared.lost.load(Ordering::Relaxed),
        }
    }

    /// Returns when the writer has ended: after [`Journal::stop`], or by a fault of this program. Without it nothing is written any more.
    pub async fn writer_ended(&self) {
        let mut ended = self.shared.ended.subscribe();
        // The sender lives in `self`: waiting cannot fail.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Ends the epoch: writes `server.stopped` and everything before it, then stops the writer. What is appended later is published
    /// and not written.
    ///
    /// # Errors
    /// [`NotWritten`].
    pub async fn stop(&self, now: Now) -> Result<(), NotWritten> {
        let stopped = self.append_committed(now, Fact::ServerStopped {}).await;
        self.writer.close();
        let task = lock(&self.writer.task).take();
        if let Some(task) = task {
            // Its panic has been reported where it happened; there is nothing left to wait for.
            let _ = task.await;
        }
        stopped.map(|_| ())
    }

    /// Kills the writer where it stands, as a crash would.
    #[cfg(test)]
    async fn crash(self) {
        let task = lock(&self.writer.task).take().expect("a running writer");
        task.abort();
        let _ = task.await;
    }
}

/// What the handles and the writer share.
struct Shared {
    epoch: u64,
    /// When the epoch began on the monotonic clock.
    began: Instant,
    pending: Mutex<Pending>,
    wake: Notify,
    /// Somebody waits for a commit.
    urgent: Notify,
    published: broadcast::Sender<Arc<Entry>>,
    landed: watch::Sender<u64>,
    last_call_number: AtomicU64,
    refusing: AtomicBool,
    spooled: AtomicU64,
    unwritten: AtomicU64,
    lost: AtomicU64,
    /// The writer is gone.
    ended: watch::Sender<bool>,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        lock(&self.pending)
    }

    fn mono_ms(&self, now: Now) -> u64 {
        u64::try_from(now.mono.saturating_duration_since(self.began).as_millis()).unwrap_or(u64::MAX)
    }
}

/// What the writer has not taken yet.
#[derive(Default)]
struct Pending {
    last_seq: u64,
    batch: Batch,
    closed: bool,
}

/// Facts to be written together, and who waits for that.
#[derive(Default)]
struct Batch {
    entries: Vec<Arc<Entry>>,
    waiting: Vec<oneshot::Sender<Result<(), NotWritten>>>,
}

impl Pending {
    /// Numbers and publishes under one lock, so that followers see the order of the numbers.
    fn add(&mut self, shared: &Shared, now: Now, fact: Fact, waiting: Option<oneshot::Sender<Result<(), NotWritten>>>) -> u64 {
        self.last_seq += 1;
        // The database keeps milliseconds: an entry is the same before and after it was there.
        let at = Timestamp::from_millisecond(now.wall.as_millisecond()).unwrap_or(now.wall);
        let entry = Arc::new(Entry { epoch: shared.epoch, seq: self.last_seq, at, mono_ms: shared.mono_ms(now), fact });
        // Nobody following is no error.
        let _ = shared.published.send(Arc::clone(&entry));
        if self.closed || self.batch.entries.len() >= UNWRITTEN_MAX {
            shared.lost.fetch_add(1, Ordering::Relaxed);
            return self.last_seq;
        }
        self.batch.entries.push(entry);
        self.batch.waiting.extend(waiting);
        self.last_seq
    }
}

/// Whatever ends the writer, nobody waits for it afterwards.
struct Farewell(Arc<Shared>);

impl Drop for Farewell {
    fn drop(&mut self) {
        let mut pending = self.0.pending();
        pending.closed = true;
        let unwritten = mem::take(&mut pending.batch);
        self.0.lost.fetch_add(unwritten.entries.len() as u64, Ordering::Relaxed);
        drop(pending);
        if std::thread::panicking() {
            tracing::error!("the journal's writer failed by a fault of this program: nothing is written any more");
        }
        self.0.ended.send_replace(true);
    }
}

/// Ends the writer when the last [`Journal`] goes.
struct Handle {
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Handle {
    fn close(&self) {
        self.shared.pending().closed = true;
        self.shared.wake.notify_one();
        self.shared.urgent.notify_one();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}

/// A poisoned lock guards numbers and lists that are whole at every step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
