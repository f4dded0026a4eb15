//! Which phones can be called, and the registrar's bindings on their way to the database.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use carillon_acd::Event;
use carillon_model::{Fact, PhoneId, Reason};
use carillon_store::{Db, binding::Binding};
use jiff::Timestamp;
use tokio::sync::Notify;

use super::Acd;
use crate::{clock, journal::Journal, telemetry::names};

/// How a phone stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhoneStatus {
    /// Whether it can be called.
    pub reachable: bool,
    /// What it says it is.
    pub user_agent: Option<String>,
    /// Why it cannot be called any more.
    pub why: Option<Reason>,
}

/// How every phone stands, as the registrar says. Written from the signalling's time without waiting; a task tells everybody else.
#[derive(Debug, Default)]
pub struct Phones {
    status: Mutex<BTreeMap<PhoneId, PhoneStatus>>,
    changed: Notify,
}

impl Phones {
    /// The registrar says how a phone stands.
    pub fn set(&self, phone: PhoneId, status: PhoneStatus) {
        self.lock().insert(phone, status);
        self.changed.notify_one();
    }

    /// How a phone stands.
    pub fn status(&self, phone: PhoneId) -> PhoneStatus {
        self.lock().get(&phone).cloned().unwrap_or_default()
    }

    /// Tells `acd` and the journal of every change, for ever. What changes twice before it is told is told once.
    pub async fn tell_changes(self: Arc<Self>, acd: Acd, journal: Journal) {
        let mut told: BTreeMap<PhoneId, bool> = BTreeMap::new();
        loop {
            let changes: Vec<(PhoneId, PhoneStatus)> = self
                .lock()
                .iter()
                .filter(|(phone, status)| told.get(phone).copied().unwrap_or(false) != status.reachable)
                .map(|(phone, status)| (*phone, status.clone()))
                .collect();
            for (phone, status) in changes {
                told.insert(phone, status.reachable);
                let (event, fact) = if status.reachable {
                    (Event::PhoneReachable { phone }, Fact::PhoneReachable { phone, user_agent: status.user_agent })
                } else {
                    let why = status.why.unwrap_or(Reason::Unreachable);
                    (Event::PhoneUnreachable { phone }, Fact::PhoneUnreachable { phone, why })
                };
                journal.append(clock::now(), fact);
                acd.tell(event).await;
            }
            metrics::gauge!(names::PHONES_REACHABLE).set(told.values().filter(|reachable| **reachable).count() as f64);
            self.changed.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PhoneId, PhoneStatus>> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bindings are written in batches, at most this long after they changed.
const BATCH: Duration = Duration::from_millis(500);

/// Keeps the registrar's bindings in the database. Holds the newest of each phone and nothing else, so it is bounded by their number.
#[derive(Debug, Default)]
pub struct BindingKeeper {
    unwritten: Mutex<BTreeMap<String, Vec<Binding>>>,
    /// One batch at a time, so that an older one never lands on a newer, and who writes the last one waits for those before.
    writing: tokio::sync::Mutex<()>,
    changed: Notify,
}

impl BindingKeeper {
    /// All bindings a phone has now.
    pub fn changed(&self, phone: String, bindings: Vec<Binding>) {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).insert(phone, bindings);
        self.changed.notify_one();
    }

    /// Writes changes in batches, for ever. What the database refuses is tried again with the next batch.
    pub async fn write_changes(self: Arc<Self>, db: Db) {
        loop {
            self.changed.notified().await;
            tokio::time::sleep(BATCH).await;
            if let Err(error) = self.write(&db).await {
                tracing::warn!(%error, "registrations could not be saved; trying again");
                self.changed.notify_one();
            }
        }
    }

    /// Writes what is not written yet.
    ///
    /// # Errors
    /// The database refuses; nothing is lost.
    pub async fn write(&self, db: &Db) -> Result<(), carillon_store::Error> {
        let _turn = self.writing.lock().await;
        let batch = std::mem::take(&mut *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner));
        let written = write_batch(db, &batch).await;
        if written.is_err() {
            let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
            for (phone, bindings) in batch {
                unwritten.entry(phone).or_insert(bindings);
            }
        }
        written
    }
}

async fn write_batch(db: &Db, batch: &BTreeMap<String, Vec<Binding>>) -> Result<(), carillon_store::Error> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut write = db.write().await?;
    for (phone, bindings) in batch {
        carillon_store::binding::replace(&mut write, phone, bindings, Timestamp::now()).await?;
    }
    write.commit().await
}
