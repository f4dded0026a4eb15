//! What must hold after every step, looked for in debug builds and by the tests.

use carillon_model::{AgentState, Now};

use crate::{acd::Acd, agent::Work};

impl Acd {
    /// The rules that are broken, in words; none, unless this crate is wrong.
    pub fn broken_rules(&self, now: Now) -> Vec<String> {
        let mut broken = Vec::new();
        let mut rule = |holds: bool, what: String| {
            if !holds {
                broken.push(what);
            }
        };
        for (phone, agents) in self.holders() {
            rule(agents.len() == 1, format!("{phone:?} is held by {agents:?}"));
        }
        for (agent, session) in &self.sessions_by_agent {
            let offers: Vec<_> = self.offers_by_id.iter().filter(|(_, offer)| offer.agent == *agent).collect();
            rule(offers.len() <= 1, format!("{agent:?} has {} offers", offers.len()));
            let standing = offers.first().map(|(id, _)| **id);
            let at_work_with = match session.work {
                Work::Offered { offer, .. } => Some(offer),
                Work::None | Work::Talking { .. } | Work::WrapUp { .. } => None,
            };
            rule(standing == at_work_with, format!("{agent:?} works at {:?} and is offered {standing:?}", session.work));
            rule(session.told == self.status_of(session), format!("{agent:?} was told of as {:?}", session.told));
            if let Work::WrapUp { until, .. } = session.work {
                rule(until > now.mono, format!("{agent:?} is in wrap-up past its end"));
            }
        }
        for (id, offer) in &self.offers_by_id {
            let session = self.sessions_by_agent.get(&offer.agent);
            rule(session.is_some_and(|session| session.phone == offer.phone), format!("{id:?} rings a phone its agent does not hold"));
            rule(session.is_some_and(|session| session.told.state == AgentState::Offered), format!("{id:?} is not in its agent's state"));
            rule(self.phones.is_reachable(offer.phone), format!("{id:?} rings an unreachable phone"));
            rule(self.phones.own_call(offer.phone).is_none(), format!("{id:?} rings a phone that is in use"));
            rule(self.line.get(offer.ticket).is_some_and(|waiting| waiting.offers.contains(id)), format!("{id:?} is for nobody"));
            rule(offer.until > now.mono, format!("{id:?} stands past its end"));
        }
        for (ticket, waiting) in self.line.queues().flat_map(|queue| self.line.of_queue(queue)) {
            let all_stand = waiting.offers.iter().all(|offer| self.offers_by_id.contains_key(offer));
            rule(all_stand, format!("{ticket:?} counts on an offer that ended"));
        }
        if let Some(at) = self.poll_timeout() {
            rule(at > now.mono, "the next time-out lies in the past".to_owned());
        }
        broken
    }
}
