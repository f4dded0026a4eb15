//! Beginning again after a restart: sessions live on, calls do not.

use carillon_model::{AgentId, AgentState, EndedBy, Fact, Now, PauseId, PhoneId, QueueId};
use jiff::Timestamp;

use crate::{
    acd::Acd,
    agent::{PauseCause, Session, Work},
};

/// What the journal last said of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastKnown {
    /// The agent.
    pub agent: AgentId,
    /// The phone of the session.
    pub phone: PhoneId,
    /// The last state.
    pub state: AgentState,
    /// The pause reason, when paused by choice.
    pub pause: Option<PauseId>,
    /// When the state was to end by itself.
    pub until: Option<Timestamp>,
    /// Queues the agent had paused for themselves, and why.
    pub paused_in: Vec<(QueueId, PauseId)>,
}

impl Acd {
    /// Takes up the sessions of the last run, after [`crate::Event::Configure`] and before anything else. Who was on a call goes to wrap-up;
    /// who was in wrap-up finishes it; who was paused stays so; others are unreachable until their phone is heard of. A session that the
    /// setup has no place for any more is logged out.
    pub fn restore(&mut self, now: Now, last_known: Vec<LastKnown>) {
        for known in last_known {
            if known.state != AgentState::LoggedOut {
                self.restore_one(now, &known);
            }
        }
        self.settle(now);
    }

    fn restore_one(&mut self, now: Now, known: &LastKnown) {
        let LastKnown { agent, phone, .. } = *known;
        let has_place = self.roster.agents_by_id.contains_key(&agent) && self.roster.phones.contains(&phone);
        if self.sessions_by_agent.contains_key(&agent) {
            return;
        }
        if !has_place || self.holder_of(phone).is_some() {
            for (queue, _) in &known.paused_in {
                self.fact(Fact::AgentQueueResumed { agent, queue: *queue });
            }
            return self.fact(Fact::AgentLoggedOut { agent, by: EndedBy::System });
        }
        let mut session = Session::new(now, phone);
        match known.state {
            AgentState::Talking => session.work = self.wrap_up_after_restart(now, None),
            AgentState::WrapUp => session.work = self.wrap_up_after_restart(now, known.until),
            AgentState::Paused => session.pause = Some(known.pause.map_or(PauseCause::Misses, PauseCause::Chosen)),
            AgentState::LoggedOut | AgentState::Available | AgentState::Offered | AgentState::Unreachable => {}
        }
        for (queue, pause) in &known.paused_in {
            // Told anew: only the last run's facts are looked at after the next restart.
            match self.roster.works_in(agent, *queue) {
                true => {
                    session.paused_in.insert(*queue, *pause);
                    self.fact(Fact::AgentQueuePaused { agent, queue: *queue, pause: *pause });
                }
                false => self.fact(Fact::AgentQueueResumed { agent, queue: *queue }),
            }
        }
        self.sessions_by_agent.insert(agent, session);
    }

    fn wrap_up_after_restart(&self, now: Now, until: Option<Timestamp>) -> Work {
        let whole = self.roster.restart_wrapup;
        let left = until.map_or(whole, |until| now.wall.duration_until(until).try_into().unwrap_or_default());
        let left = left.min(whole);
        if left.is_zero() { Work::None } else { Work::WrapUp { call: None, until: now.mono + left } }
    }
}
