//! The notifications list: what a person should see once, whether or not the page was open when it happened. Kept while the server runs.

use std::collections::{BTreeMap, VecDeque};

use carillon_model::{AgentState, Alarm, AlarmCause, CallId, EndedBy, Entry, Fact, OfferOutcome, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::board::Board;
use crate::dispatch::Snapshot;

/// Notices of one person, and of the site, that are kept: the oldest go.
const KEPT: usize = 50;

/// Something a person should see once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Notice {
    /// Id.
    id: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What.
    #[serde(flatten)]
    what: What,
}

/// What happened.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum What {
    /// A call rang at you and you did not answer.
    MissedOffer {
        /// The call.
        #[schema(value_type = String, format = Uuid)]
        call: CallId,
        /// Its short number.
        number: u64,
        /// Who called.
        caller: String,
        /// The caller's display name.
        caller_name: Option<String>,
        /// Short name of the queue.
        queue: Option<String>,
    },
    /// You were paused after too many misses.
    PausedAfterMisses,
    /// A supervisor wrote to you.
    Note {
        /// The supervisor's name.
        from: String,
        /// What.
        text: String,
    },
    /// You were logged out, and not by yourself.
    LoggedOut {
        /// `supervisor`, or `system`: the telephone had been gone for long.
        #[schema(value_type = String)]
        by: EndedBy,
    },
    /// For supervisors: something is wrong with the server.
    Alarm {
        /// What.
        alarm: Alarm,
        /// What was known of it then.
        causes: Vec<AlarmCause>,
    },
    /// For supervisors: an emergency number was dialled.
    Emergency {
        /// The call.
        #[schema(value_type = String, format = Uuid)]
        call: CallId,
        /// The number.
        number: String,
    },
}

/// Whom a notice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    One(UserId),
    Supervisors,
}

/// A person's notices, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeList {
    /// How many of them came after the list was last seen.
    unread: usize,
    /// Newest first, 100 at most.
    items: Vec<Notice>,
}

#[derive(Debug, Default)]
pub(super) struct Notices {
    of_site: VecDeque<Notice>,
    by_user: BTreeMap<UserId, VecDeque<Notice>>,
    seen_by_user: BTreeMap<UserId, Timestamp>,
}

impl Notices {
    /// Takes a fact in; whom it is news for.
    pub(super) fn take(&mut self, entry: &Entry, board: &Board, directory: &Snapshot) -> Option<For> {
        let (whom, what) = news(&entry.fact, board, directory)?;
        let notice = Notice { id: format!("{}-{}", entry.epoch, entry.seq), at: entry.at, what };
        let kept = match whom {
            For::One(user) => {
                self.by_user.retain(|user, _| directory.users.contains_key(user));
                self.by_user.entry(user).or_default()
            }
            For::Supervisors => &mut self.of_site,
        };
        kept.push_back(notice);
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Some(whom)
    }

    pub(super) fn of(&self, user: UserId, supervises: bool) -> NoticeList {
        let of_site = self.of_site.iter().filter(|_| supervises);
        let mut items: Vec<Notice> = self.by_user.get(&user).into_iter().flatten().chain(of_site).cloned().collect();
        // Of one moment the later stands first too.
        items.reverse();
        items.sort_by_key(|notice| std::cmp::Reverse(notice.at));
        let seen = self.seen_by_user.get(&user);
        NoticeList { unread: items.iter().filter(|notice| seen.is_none_or(|seen| notice.at > *seen)).count(), items }
    }

    /// The person has seen them all.
    pub(super) fn seen(&mut self, user: UserId) {
        let newest =
            self.by_user.get(&user).and_then(|own| own.back()).into_iter().chain(self.of_site.back()).map(|notice| notice.at).max();
        if let Some(newest) = newest {
            self.seen_by_user.insert(user, newest);
        }
    }
}

fn news(fact: &Fact, board: &Board, directory: &Snapshot) -> Option<(For, What)> {
    let one = |agent: &carillon_model::AgentId| For::One((*agent).into());
    match fact {
        Fact::OfferEnded { call, agent, outcome: OfferOutcome::NoAnswer, .. } => {
            let of = board.call(*call)?;
            let queue = of.queue.and_then(|queue| directory.queues.get(&queue)).map(|queue| queue.name.clone());
            let (caller, caller_name) = (of.caller.number.clone(), of.caller.name.clone());
            Some((one(agent), What::MissedOffer { call: *call, number: of.number, caller, caller_name, queue }))
        }
        Fact::AgentStateChanged { agent, state: AgentState::Paused, why: Some(_), .. } => Some((one(agent), What::PausedAfterMisses)),
        Fact::AgentNoted { agent, by_name, note, .. } => {
            Some((one(agent), What::Note { from: by_name.as_str().to_owned(), text: note.as_str().to_owned() }))
        }
        Fact::AgentLoggedOut { agent, by } if *by != EndedBy::Agent => Some((one(agent), What::LoggedOut { by: *by })),
        Fact::AlarmRaised { alarm, causes } => Some((For::Supervisors, What::Alarm { alarm: *alarm, causes: causes.clone() })),
        Fact::EmergencyDialled { call, number, .. } => {
            Some((For::Supervisors, What::Emergency { call: *call, number: number.as_str().to_owned() }))
        }
        _ => None,
    }
}
