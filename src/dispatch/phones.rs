//! Which phones can be called, and the registrar's bindings on their way to the database.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use carillon_acd::Event;
use carillon_model::{Fact, PhoneId, Reason};
use carillon_store::{Db, binding::Binding};
use jiff::Timestamp;
use serde::Serialize;
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

/// A registration of a phone that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneRefusal {
    /// When, the last time.
    pub at: Timestamp,
    /// Where it came from.
    pub from: IpAddr,
    /// Why.
    pub why: PhoneRefusedWhy,
}

/// Why a registration was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneRefusedWhy {
    /// Its password is not the one set up here.
    WrongPassword,
    /// It proves to be another phone than it says.
    AnotherName,
    /// Its request makes no sense: too brief a registration, too many places.
    Unusable,
    /// The server stops, or has no room.
    NoRoom,
}

/// How every phone stands, as the registrar says. Written from the signalling's time without waiting; a task tells everybody else.
#[derive(Debug, Default)]
pub struct Phones {
    known: Mutex<Known>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Known {
    status: BTreeMap<PhoneId, PhoneStatus>,
    /// The last refusal of those that were refused since they last registered: bounded by the phones there are.
    refused: BTreeMap<PhoneId, PhoneRefusal>,
    /// Those of which nobody was told yet.
    untold: BTreeSet<PhoneId>,
}

impl Phones {
    /// The registrar says how a phone stands.
    pub fn set(&self, phone: PhoneId, status: PhoneStatus) {
        let mut known = self.lock();
        let before = known.status.insert(phone, status.clone()).unwrap_or_default();
        if status.reachable {
            known.refused.remove(&phone);
        }
        // A registration that is only refreshed is no news.
        if before.reachable != status.reachable {
            known.untold.insert(phone);
            self.changed.notify_one();
        }
    }

    /// How a phone stands.
    pub fn status(&self, phone: PhoneId) -> PhoneStatus {
        self.lock().status.get(&phone).cloned().unwrap_or_default()
    }

    /// A registration of a phone was refused.
    pub fn refused(&self, phone: PhoneId, refusal: PhoneRefusal) {
        self.lock().refused.insert(phone, refusal);
    }

    /// Why a phone's registration was last refused, if it has not registered since.
    pub fn refusal(&self, phone: PhoneId) -> Option<PhoneRefusal> {
        self.lock().refused.get(&phone).cloned()
    }

    /// Tells `acd` and the journal of every change, for ever. What changes twice before it is told is told once.
    pub async fn tell_changes(self: Arc<Self>, acd: Acd, journal: Journal) {
        let mut reachable: BTreeSet<PhoneId> = BTreeSet::new();
        loop {
            for (phone, status) in self.take_changes(&reachable) {
                let (event, fact) = if status.reachable {
                    reachable.insert(phone);
                    (Event::PhoneReachable { phone }, Fact::PhoneReachable { phone, user_agent: status.user_agent })
                } else {
                    reachable.remove(&phone);
                    let why = status.why.unwrap_or(Reason::Unreachable);
                    (Event::PhoneUnreachable { phone }, Fact::PhoneUnreachable { phone, why })
                };
                journal.append(clock::now(), fact);
                acd.tell(event).await;
            }
            metrics::gauge!(names::PHONES_REACHABLE).set(reachable.len() as f64);
            self.changed.notified().await;
        }
    }

    /// Phones that stand otherwise than the last that was told of them.
    fn take_changes(&self, reachable: &BTreeSet<PhoneId>) -> Vec<(PhoneId, PhoneStatus)> {
        let mut known = self.lock();
        let Known { status, untold, .. } = &mut *known;
        let now = std::mem::take(untold).into_iter().filter_map(|phone| Some((phone, status.get(&phone)?.clone())));
        now.filter(|(phone, status)| status.reachable != reachable.contains(phone)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bindings are written in batches, at most this long after they changed.
const BATCH: Duration = Duration::from_millis(500);
/// And this long after the database refused them.
const REFUSED: Duration = Duration::from_secs(5);

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

    /// Writes changes in batches, for ever. What the database refuses is tried again a while later.
    pub async fn write_changes(self: Arc<Self>, db: Db) {
        let mut has_failed = false;
        loop {
            self.changed.notified().await;
            tokio::time::sleep(if has_failed { REFUSED } else { BATCH }).await;
            let written = self.write(&db).await;
            if let Err(error) = &written {
                self.changed.notify_one();
                if !has_failed {
                    tracing::warn!(%error, "registrations could not be saved; trying again until they can");
                }
            }
            has_failed = written.is_err();
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
    carillon_store::binding::replace(&mut write, batch, Timestamp::now()).await?;
    write.commit().await
}
