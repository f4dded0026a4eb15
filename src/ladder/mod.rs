//! The SIP messages of calls: counted, and kept for some days, so that somebody can see afterwards what was said.
//!
//! They come on the signalling's time, so nothing here waits: what finds no room is counted and dropped. A task writes them
//! to the database every second.

pub mod pcap;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use carillon_model::{CallId, LegId};
use carillon_sip_leg::Traced;
use carillon_store::{self as store, Db, sip_message::SipMessage};
use jiff::{SignedDuration, Timestamp};

use crate::{calls::Calls, telemetry::names};

/// Messages that may wait for the database.
const PENDING: usize = 20_000;
/// Messages of one call that are kept; a call that says more is a storm.
const OF_CALL: u32 = 2_000;
/// Messages of a leg whose call is not known yet: the INVITE comes before its call is made.
const UNOWNED: usize = 16;
/// Legs known at once, those of calls among them.
const LEGS: usize = 16_384;
/// Rows of one transaction, added or forgotten: the journal waits for the same connection, and not for long.
const BATCH: usize = 128;
/// A leg that is no call's, or no call's any more, is forgotten after so long a silence: its last answers come late.
const FORGOTTEN: Duration = Duration::from_secs(120);
const EVERY: Duration = Duration::from_secs(1);
/// Between two portions that are forgotten.
const BREATH: Duration = Duration::from_millis(50);
const MINUTE: u32 = 60;
const HOUR: u32 = 3600;

/// Keeps the messages of calls.
#[derive(Debug)]
pub struct Ladder {
    /// Days that messages are kept; 0: none are.
    days: u32,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    seq: u64,
    pending: Vec<SipMessage>,
    legs: HashMap<u128, Leg>,
}

#[derive(Debug)]
struct Leg {
    call: Option<CallId>,
    unowned: Vec<SipMessage>,
    messages: u32,
    heard: Instant,
}

impl Ladder {
    /// Keeps messages for so many days.
    pub fn new(days: u32) -> Self {
        Self { days, inner: Mutex::default() }
    }

    /// Whether the messages of calls are kept.
    pub fn is_kept(&self) -> bool {
        self.days > 0
    }

    /// Counts a message, and keeps it if it is a call's. Never waits.
    pub fn note(&self, calls: &Calls, traced: Traced) {
        let Traced { sent, hop, method, status, of, ago } = traced;
        let (direction, transport) = (if sent { "sent" } else { "received" }, hop.transport.uri_param());
        let status = status.map_or_else(|| "request".to_owned(), |status| status.to_string());
        if ago.is_none() {
            metrics::counter!(names::SIP_MESSAGES, "direction" => direction, "method" => method, "status" => status, "transport" => transport)
                .increment(1);
        }
        let Some((leg, message)) = of.filter(|_| self.is_kept()) else { return };
        let mut inner = self.lock();
        inner.seq += 1;
        let row = SipMessage {
            call: CallId::from_u128(0),
            leg: LegId::from_u128(leg.0),
            seq: inner.seq,
            at: ago.and_then(|ago| Timestamp::now().checked_sub(ago).ok()).unwrap_or_else(Timestamp::now),
            sent,
            transport: transport.to_owned(),
            local: hop.local.to_string(),
            remote: hop.remote.to_string(),
            message,
        };
        inner.keep(row, || calls.call_of_part(leg.0));
    }

    /// Writes what was noted, for ever, and forgets what is too old.
    pub async fn write(self: Arc<Self>, db: Db, calls: Arc<Calls>) {
        for second in 0u32.. {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.write_pending(&db).await {
                tracing::warn!(%error, "SIP messages cannot be kept now");
            }
            if second.is_multiple_of(MINUTE) {
                self.lock().forget(|leg| calls.call_of_part(leg).is_some());
            }
            if second.is_multiple_of(HOUR)
                && let Err(error) = self.delete_old(&db).await
            {
                tracing::warn!(%error, "old SIP messages could not be forgotten");
            }
        }
    }

    async fn write_pending(&self, db: &Db) -> Result<(), store::Error> {
        loop {
            let rows: Vec<SipMessage> = {
                let mut inner = self.lock();
                let count = inner.pending.len().min(BATCH);
                inner.pending.drain(..count).collect()
            };
            if rows.is_empty() {
                return Ok(());
            }
            if let Err(error) = insert(db, &rows).await {
                self.lock().take_back(rows);
                return Err(error);
            }
        }
    }

    async fn delete_old(&self, db: &Db) -> Result<(), store::Error> {
        let before = Timestamp::now() - SignedDuration::from_hours(24 * i64::from(self.days));
        loop {
            let mut write = db.write().await?;
            let deleted = store::sip_message::delete_before(&mut write, before, BATCH as u32).await?;
            write.commit().await?;
            if deleted == 0 {
                return Ok(());
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn insert(db: &Db, rows: &[SipMessage]) -> Result<(), store::Error> {
    let mut write = db.write().await?;
    store::sip_message::insert(&mut write, rows).await?;
    write.commit().await
}

impl Inner {
    fn keep(&mut self, row: SipMessage, call: impl FnOnce() -> Option<CallId>) {
        let key = row.leg.as_u128();
        if self.legs.len() >= LEGS && !self.legs.contains_key(&key) {
            return dropped(1);
        }
        let leg = self.legs.entry(key).or_insert_with(|| Leg { call: None, unowned: vec![], messages: 0, heard: Instant::now() });
        leg.heard = Instant::now();
        leg.messages += 1;
        if leg.messages > OF_CALL {
            return dropped(1);
        }
        leg.call = leg.call.or_else(call);
        match leg.call {
            None if leg.unowned.len() < UNOWNED => leg.unowned.push(row),
            None => dropped(1),
            Some(call) => {
                let rows = leg.unowned.drain(..).chain([row]).map(|row| SipMessage { call, ..row });
                let room = PENDING.saturating_sub(self.pending.len());
                let rows: Vec<SipMessage> = rows.collect();
                dropped(rows.len().saturating_sub(room) as u64);
                self.pending.extend(rows.into_iter().take(room));
            }
        }
    }

    /// What the database did not take, before what came since; what finds no room any more is dropped.
    fn take_back(&mut self, rows: Vec<SipMessage>) {
        let room = PENDING.saturating_sub(self.pending.len());
        dropped(rows.len().saturating_sub(room) as u64);
        self.pending.splice(0..0, rows.into_iter().take(room));
    }

    /// Legs that no call has, or has any more, once they are silent.
    fn forget(&mut self, is_up: impl Fn(u128) -> bool) {
        self.legs.retain(|id, leg| leg.heard.elapsed() < FORGOTTEN || is_up(*id));
    }
}

fn dropped(count: u64) {
    if count > 0 {
        metrics::counter!(names::SIP_MESSAGES_DROPPED).increment(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(leg: u128, seq: u64) -> SipMessage {
        SipMessage {
            call: CallId::from_u128(0),
            leg: LegId::from_u128(leg),
            seq,
            at: Timestamp::UNIX_EPOCH,
            sent: false,
            transport: "udp".to_owned(),
            local: "192.0.2.1:5060".to_owned(),
            remote: "192.0.2.2:5060".to_owned(),
            message: "BYE".to_owned(),
        }
    }

    #[test]
    fn what_comes_before_its_call_is_known_is_the_calls_all_the_same() {
        let mut inner = Inner::default();
        let call = CallId::from_u128(7);
        inner.keep(row(1, 1), || None);
        inner.keep(row(2, 2), || None);
        assert!(inner.pending.is_empty());
        inner.keep(row(1, 3), || Some(call));
        // Its leg is over and nobody knows it any more.
        inner.keep(row(1, 4), || None);
        let kept: Vec<_> = inner.pending.iter().map(|row| (row.call, row.seq)).collect();
        assert_eq!(kept, [(call, 1), (call, 3), (call, 4)]);
    }

    #[test]
    fn neither_a_storm_nor_a_slow_database_fills_the_memory() {
        let mut inner = Inner::default();
        for seq in 0..100 {
            inner.keep(row(1, seq), || None);
        }
        assert_eq!(inner.legs[&1].unowned.len(), UNOWNED);
        for leg in 0..30u128 {
            for seq in 0..u64::from(OF_CALL) + 10 {
                inner.keep(row(leg + 10, seq), || Some(CallId::from_u128(leg)));
            }
        }
        assert_eq!(inner.pending.len(), PENDING);
        assert_eq!(inner.legs[&10].messages, OF_CALL + 10);
        let refused = inner.pending.drain(..10).collect();
        inner.keep(row(10, 0), || None);
        inner.pending.push(row(99, 1));
        inner.take_back(refused);
        assert_eq!((inner.pending.len(), inner.pending[0].leg), (PENDING, LegId::from_u128(10)));
    }

    #[test]
    fn a_leg_is_remembered_as_long_as_its_call_and_a_while_longer() {
        let mut inner = Inner::default();
        for leg in 1..=3 {
            inner.keep(row(leg, 1), || Some(CallId::from_u128(7)));
        }
        for silent in [1, 2] {
            let leg = inner.legs.get_mut(&silent).expect("noted");
            leg.heard = leg.heard.checked_sub(FORGOTTEN).expect("a machine that is up for two minutes");
        }
        inner.forget(|leg| leg == 1);
        let mut known: Vec<u128> = inner.legs.keys().copied().collect();
        known.sort_unstable();
        assert_eq!(known, [1, 3]);
    }
}
