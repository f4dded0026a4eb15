//! The one task that writes: to the database while it takes facts, to the spool while it does not.

use std::{
    future::Future,
    mem,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use carillon_call::CdrBuilder;
use carillon_model::{CallId, Entry, Fact, Now};
use carillon_store::{Db, Error, epoch};
use tokio::{
    task::JoinHandle,
    time::{self, MissedTickBehavior},
};

use super::{
    Batch, GATHER, NotWritten, Shared, UNWRITTEN_MAX,
    record::{self, Folds},
    spool::Spool,
};

/// How long a commit may take before the database counts as refusing. Callers wait for their call's first commit.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the writer notes that the server runs, and asks a refusing database again.
const BEAT: Duration = Duration::from_secs(1);

/// Facts that land in one transaction; fewer where the database is too slow for so many within [`PATIENCE`].
pub(super) const LANDING: usize = 256;

pub(super) struct Writer {
    db: Db,
    spool: Spool,
    shared: Arc<Shared>,
    clock: Box<dyn Fn() -> Now + Send + Sync>,
    /// What neither the database nor the spool has.
    unwritten: Vec<Arc<Entry>>,
    /// Calls that run: while there are any, a crash needs to know when it was.
    live: Folds,
    /// While the database refuses: whoever asks it whether it still does.
    probe: Option<JoinHandle<bool>>,
    refusing: bool,
    /// How many facts of the spool are tried at once.
    landing: usize,
}

impl Writer {
    pub(super) fn new(db: Db, spool: Spool, shared: Arc<Shared>, clock: Box<dyn Fn() -> Now + Send + Sync>) -> Self {
        Self { db, spool, shared, clock, unwritten: Vec::new(), live: Folds::new(), probe: None, refusing: false, landing: LANDING }
    }

    /// Writes until the journal is closed and all is written.
    pub(super) async fn run(mut self) {
        let mut beat = time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.shared.wake.notified() => self.write_pending().await,
                _ = beat.tick() => self.beat().await,
                answers = answer(&mut self.probe) => if answers { self.land().await },
            }
            let pending = self.shared.pending();
            if pending.closed && pending.batch.entries.is_empty() {
                return;
            }
        }
    }

    async fn write_pending(&mut self) {
        if !self.refusing {
            // Early when somebody waits; a leftover permit only makes one group smaller.
            let _ = time::timeout(GATHER, self.shared.urgent.notified()).await;
        }
        let batch = self.take();
        let ended: Vec<CallId> = batch.entries.iter().filter_map(|entry| ended_call(&entry.fact)).collect();
        let written = self.write(batch.entries).await;
        ended.iter().for_each(|call| drop(self.live.remove(call)));
        for waiting in batch.waiting {
            // Who gave up waiting need not be told.
            let _ = waiting.send(written);
        }
    }

    fn take(&mut self) -> Batch {
        let batch = mem::take(&mut self.shared.pending().batch);
        for entry in &batch.entries {
            if let Fact::CallStarted { call, .. } = &entry.fact {
                self.live.insert(*call, CdrBuilder::new());
            }
            if let Some(fold) = entry.fact.call().and_then(|call| self.live.get_mut(&call)) {
                fold.apply(entry);
            }
        }
        batch
    }

    /// Brings entries to disk, after those that wait for it already.
    async fn write(&mut self, entries: Vec<Arc<Entry>>) -> Result<(), NotWritten> {
        self.unwritten.extend(entries);
        if self.unwritten.is_empty() {
            return Ok(());
        }
        if !self.refusing && self.commit().await {
            return Ok(());
        }
        match self.spool.append(self.unwritten.iter().map(AsRef::as_ref)).await {
            Ok(()) => {
                self.unwritten.clear();
                self.shared.unwritten.store(0, Ordering::Relaxed);
                self.shared.spooled.store(self.spool.waiting(), Ordering::Relaxed);
                Ok(())
            }
            Err(error) => {
                tracing::error!(facts = self.unwritten.len(), %error, "the spool file refuses too: facts are kept in memory only");
                self.forget_overflow();
                self.shared.unwritten.store(self.unwritten.len() as u64, Ordering::Relaxed);
                Err(NotWritten)
            }
        }
    }

    fn forget_overflow(&mut self) {
        let over = self.unwritten.len().saturating_sub(UNWRITTEN_MAX);
        if over > 0 {
            self.unwritten.truncate(UNWRITTEN_MAX);
            self.shared.lost.fetch_add(over as u64, Ordering::Relaxed);
            tracing::error!(facts = over, "facts are lost: there is no room left for them");
        }
    }

    /// Writes what is unwritten to the database; false when it refuses.
    async fn commit(&mut self) -> bool {
        let written = store(&self.db, &self.unwritten, &self.live).await;
        if written {
            self.landed();
        } else {
            self.refuse();
        }
        written
    }

    fn landed(&mut self) {
        self.landed_up_to(self.unwritten.last());
        self.unwritten.clear();
        self.shared.unwritten.store(0, Ordering::Relaxed);
    }

    fn landed_up_to(&self, last: Option<&Arc<Entry>>) {
        if let Some(last) = last {
            self.shared.landed.send_replace(last.seq);
        }
    }

    fn refuse(&mut self) {
        if !mem::replace(&mut self.refusing, true) {
            self.shared.refusing.store(true, Ordering::Relaxed);
            tracing::error!("the database refuses: what happens is kept in the spool file");
            self.note_refusal();
        }
    }

    /// Spares everybody else the wait. Whether it reads is asked beside the writer, because a database that is gone may take long to say so.
    fn note_refusal(&self) {
        self.db.note_refusal(self.refusing);
        if self.refusing {
            let db = self.db.clone();
            tokio::spawn(async move { db.look_whether_it_reads().await });
        }
    }

    async fn beat(&mut self) {
        if self.refusing {
            self.note_refusal();
            self.probe.get_or_insert_with(|| tokio::spawn(probe(self.db.clone(), Arc::clone(&self.shared), (self.clock)())));
        } else if !self.live.is_empty() && patiently(alive(&self.db, &self.shared, (self.clock)())).await.is_err() {
            self.refuse();
        }
    }

    /// The database answers again: lands the spool, then what is in memory, then goes on as usual.
    async fn land(&mut self) {
        let mut landed = 0;
        loop {
            // What came meanwhile goes behind what waits, and who waits for it is not kept waiting for all the rest.
            self.write_pending().await;
            let (entries, bytes) = match self.spool.next(self.landing).await {
                Ok((_, 0)) => break,
                Ok((entries, bytes)) => (entries.into_iter().map(Arc::new).collect::<Vec<_>>(), bytes),
                Err(error) => return tracing::error!(%error, "the spool file cannot be read"),
            };
            if !store(&self.db, &entries, &self.live).await {
                // Gone again, or only slow: fewer are asked of it next time.
                self.landing = fewer(self.landing);
                return;
            }
            landed += entries.len();
            self.landed_up_to(entries.last());
            if let Err(error) = self.spool.landed(bytes).await {
                return tracing::error!(%error, "the spool file cannot be emptied");
            }
            self.shared.spooled.store(self.spool.waiting(), Ordering::Relaxed);
        }
        if !store(&self.db, &self.unwritten, &self.live).await {
            return;
        }
        self.landed();
        self.landing = LANDING;
        self.refusing = false;
        self.shared.refusing.store(false, Ordering::Relaxed);
        self.note_refusal();
        tracing::info!(facts = landed, "the database takes facts again; those in the spool file are in it");
    }
}

/// How many facts to try after so many were too many.
pub(super) fn fewer(landing: usize) -> usize {
    (landing / 2).max(1)
}

fn ended_call(fact: &Fact) -> Option<CallId> {
    match fact {
        Fact::CallEnded { call, .. } => Some(*call),
        _ => None,
    }
}

/// The probe's answer, once there is one.
async fn answer(probe: &mut Option<JoinHandle<bool>>) -> bool {
    let Some(running) = probe else { return std::future::pending().await };
    let answers = running.await.unwrap_or(false);
    *probe = None;
    answers
}

/// Writes entries in one transaction; in smaller ones when something among them can never be stored, so that it stops nothing else.
/// False when the database refuses: some may be stored then, and storing them again changes nothing.
pub(super) async fn store(db: &Db, entries: &[Arc<Entry>], folds: &Folds) -> bool {
    let mut parts = vec![entries];
    parts.retain(|part| !part.is_empty());
    while let Some(part) = parts.pop() {
        match patiently(record::write(db, part, folds)).await {
            Ok(()) => {}
            Err(None) => return false,
            Err(Some(_)) if part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
            Err(Some(error)) => {
                tracing::error!(epoch = part[0].epoch, seq = part[0].seq, %error, "a fact's call record cannot be stored");
                match patiently(record::write_alone(db, &part[0])).await {
                    Ok(()) => {}
                    Err(None) => return false,
                    Err(Some(error)) => tracing::error!(epoch = part[0].epoch, seq = part[0].seq, %error, "a fact cannot be stored"),
                }
            }
        }
    }
    true
}

/// Notes that the server runs.
async fn alive(db: &Db, shared: &Shared, now: Now) -> Result<(), Error> {
    let mut write = db.write_whatever().await?;
    epoch::alive(&mut write, shared.epoch, now.wall, shared.mono_ms(now)).await?;
    write.commit().await
}

/// Whether the database takes a write. Runs beside the writer, because a refusing database may take long to say so.
async fn probe(db: Db, shared: Arc<Shared>, now: Now) -> bool {
    alive(&db, &shared, now).await.is_ok()
}

/// Does something with the database. `Err(None)`: it refuses, or takes too long. `Err(Some(_))`: it will never take this.
async fn patiently(work: impl Future<Output = Result<(), Error>>) -> Result<(), Option<Error>> {
    match time::timeout(PATIENCE, work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) if error.is_unavailable() => {
            tracing::warn!(%error, "the database refuses");
            Err(None)
        }
        Ok(Err(error)) => Err(Some(error)),
        Err(_) => {
            tracing::warn!(patience = ?PATIENCE, "the database takes too long");
            Err(None)
        }
    }
}
