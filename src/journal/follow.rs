//! Following the journal.

use std::sync::Arc;

use carillon_model::Entry;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// What a follower is given.
#[derive(Debug, Clone, PartialEq)]
pub enum Followed {
    /// The next fact.
    Entry(Arc<Entry>),
    /// The follower was too slow, and this many facts are gone for it: it has to begin anew from a snapshot or the database.
    Missed(u64),
}

/// One who reads the journal as it grows.
pub struct Follower {
    facts: Receiver<Arc<Entry>>,
    after: u64,
}

impl Follower {
    pub(super) fn new(facts: Receiver<Arc<Entry>>, after: u64) -> Self {
        Self { facts, after }
    }

    /// The number of the last fact before those it is given.
    pub fn after(&self) -> u64 {
        self.after
    }

    /// The next fact; `None` when the journal is gone.
    pub async fn next(&mut self) -> Option<Followed> {
        match self.facts.recv().await {
            Ok(entry) => Some(Followed::Entry(entry)),
            Err(RecvError::Lagged(missed)) => Some(Followed::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}
