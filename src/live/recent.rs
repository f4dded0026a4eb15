//! The last facts, kept for readers who come back.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::{message::Body, reader::Audience};

/// Facts kept.
const KEPT: usize = 4096;

/// Where a reader was when its socket broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume {
    /// Which run of the server.
    pub epoch: u64,
    /// Last `seq` it saw.
    pub after: u64,
}

/// A fact as it was told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    pub(super) body: Body,
    pub(super) audience: Audience,
}

/// The last facts, without gaps.
#[derive(Debug, Default)]
pub(super) struct Recent {
    facts: VecDeque<Told>,
    /// `seq` of the last one, also when none is kept.
    pub(super) last: u64,
}

impl Recent {
    pub(super) fn add(&mut self, told: Told) -> &Told {
        if self.facts.len() == KEPT {
            self.facts.pop_front();
        }
        self.last = told.seq;
        self.facts.push_back(told);
        &self.facts[self.facts.len() - 1]
    }

    /// Everything after `after`; `None` when some of that is gone, or never was.
    pub(super) fn after(&self, after: u64) -> Option<impl Iterator<Item = &Told>> {
        let first = self.last + 1 - self.facts.len() as u64;
        (first..=self.last + 1).contains(&(after + 1)).then(|| self.facts.iter().filter(move |told| told.seq > after))
    }

    /// Facts are missing before `next`: what is kept is of no use.
    pub(super) fn forget(&mut self, next: u64) {
        self.facts.clear();
        self.last = next.saturating_sub(1);
    }
}
