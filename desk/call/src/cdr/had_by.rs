//! Which agents had a call, for which queue and since when: what each of them writes it up for.

use std::collections::BTreeMap;

use carillon_model::{AgentId, EndedBy, LegRole, OfferOutcome, QueueId, Reason};
use jiff::Timestamp;

use super::{Cdr, CdrLeg, CdrOffer};

/// That an agent had a call, the last time if several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Had {
    /// The queue in whose name: by an offer the offer's; of who was asked, given the call or took it over, that of whoever had been given it by a
    /// queue last. `None`: no queue had given it to anybody.
    pub queue: Option<QueueId>,
    /// When the agent began to talk.
    pub since: Timestamp,
}

impl Cdr {
    /// Which agents have or had the call, wherever it went before or since.
    pub fn had_by(&self) -> BTreeMap<AgentId, Had> {
        let mut had: Vec<(AgentId, Had, &CdrLeg)> =
            self.legs.iter().filter_map(|leg| self.had_on(leg).map(|(agent, had)| (agent, had, leg))).collect();
        had.sort_by_key(|(_, had, _)| had.since);
        let mut by: BTreeMap<AgentId, (Had, &CdrLeg)> = BTreeMap::new();
        for (agent, had, leg) in had {
            // A page that comes back, by a leg of its own, goes on with what was begun.
            let goes_on = |before: &CdrLeg| before.ending.is_some_and(|ending| ending.by == EndedBy::Network) && before.role == leg.role;
            let before = by.get(&agent).filter(|(_, before)| leg.offer.is_none() && goes_on(before));
            let had = before.map_or(had, |(before, _)| *before);
            by.insert(agent, (had, leg));
        }
        by.into_iter().map(|(agent, (had, _))| (agent, had)).collect()
    }

    /// When a leg answered, if it was not too late: another had the call, or the caller had gone. Of two who lift the handset at once only one's
    /// offer is taken, which stands before the other's leg has ended.
    pub fn answered_in_time(&self, leg: &CdrLeg) -> Option<Timestamp> {
        let taken = leg.offer.is_none_or(|offer| self.offers.iter().any(|made| made.offer == offer && was_taken(made)));
        leg.answered_at.filter(|_| taken && !was_late(leg))
    }

    fn had_on(&self, leg: &CdrLeg) -> Option<(AgentId, Had)> {
        let since = match leg.role {
            // Of a call out: once there was somebody to talk with.
            LegRole::Caller => self.answered_at,
            LegRole::Agent | LegRole::Callee => self.answered_in_time(leg),
            LegRole::Supervisor => leg.took_over_at,
        }?;
        let offer = match leg.offer {
            Some(offer) => Some(self.offers.iter().find(|made| made.offer == offer).filter(|offer| was_taken(offer))?),
            None => self.offers.iter().rfind(|offer| was_taken(offer) && offer.ended_at.is_some_and(|at| at <= since)),
        };
        // Who called a queue is served in it, and works for none.
        let queue = offer.filter(|_| leg.role != LegRole::Caller).map(|offer| offer.queue);
        Some((leg.agent?, Had { queue, since }))
    }
}

fn was_late(leg: &CdrLeg) -> bool {
    leg.ending.is_some_and(|ending| matches!(ending.reason, Reason::AnsweredElsewhere | Reason::AnsweredLate))
}

fn was_taken(offer: &CdrOffer) -> bool {
    offer.outcome == Some(OfferOutcome::Answered)
}
