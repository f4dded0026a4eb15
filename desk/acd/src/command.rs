//! What people ask for. Each command answers at once; effects are drained afterwards, as after an event.

use carillon_model::{AgentId, EndedBy, Fact, Now, OfferId, OfferOutcome, PauseId, PhoneId, QueueId};
use thiserror::Error;

use crate::{
    acd::Acd,
    agent::{PauseCause, Session, Work},
    offer::Tell,
};

/// Why a log-in is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LogInRefused {
    /// No agent has this id.
    #[error("there is no such agent")]
    UnknownAgent,
    /// No phone has this id.
    #[error("there is no such phone")]
    UnknownPhone,
    /// The agent works already, with this phone.
    #[error("the agent is logged in already")]
    AlreadyLoggedIn {
        /// The phone the agent works with.
        phone: PhoneId,
    },
    /// Another agent holds the phone.
    #[error("another agent works with this phone")]
    PhoneClaimed {
        /// Who.
        by: AgentId,
    },
    /// The phone is not registered or does not answer.
    #[error("the phone is not registered")]
    PhoneUnreachable,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    ShuttingDown,
}

/// Why another command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CommandRefused {
    /// The agent is not logged in.
    #[error("the agent is not logged in")]
    NotLoggedIn,
    /// There is no pause to resume from.
    #[error("the agent is not paused")]
    NotPaused,
    /// The agent does not work in the queue.
    #[error("the agent does not work in this queue")]
    NotInQueue,
    /// There is no wrap-up to end.
    #[error("the agent is not in wrap-up")]
    NotInWrapUp,
    /// The offer is over, or another agent's.
    #[error("the offer is not the agent's, or no longer stands")]
    NoSuchOffer,
}

/// When a command takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It did.
    Now,
    /// When the agent's offer, call or wrap-up is over.
    AfterWork,
}

impl Acd {
    /// An agent begins to work with a phone, which is the agent's until log-out; with a pause, if one is given, that no queue finds the
    /// agent free before. An agent whose log-out waits for the end of a call and who logs in again with the same phone stays.
    ///
    /// # Errors
    /// See [`LogInRefused`].
    pub fn log_in(&mut self, now: Now, agent: AgentId, phone: PhoneId, pause: Option<PauseId>) -> Result<(), LogInRefused> {
        self.command(now, |acd| acd.try_log_in(now, agent, phone, pause))
    }

    fn try_log_in(&mut self, now: Now, agent: AgentId, phone: PhoneId, pause: Option<PauseId>) -> Result<(), LogInRefused> {
        let pause = pause.map(PauseCause::Chosen);
        if self.draining {
            return Err(LogInRefused::ShuttingDown);
        }
        if !self.roster.agents_by_id.contains_key(&agent) {
            return Err(LogInRefused::UnknownAgent);
        }
        if !self.roster.phones.contains(&phone) {
            return Err(LogInRefused::UnknownPhone);
        }
        if let Some(session) = self.sessions_by_agent.get_mut(&agent) {
            return match session.leaving.is_some() && session.phone == phone {
                true => {
                    session.leaving = None;
                    session.pause = pause.or(session.pause);
                    Ok(())
                }
                false => Err(LogInRefused::AlreadyLoggedIn { phone: session.phone }),
            };
        }
        if let Some(by) = self.holder_of(phone) {
            return Err(LogInRefused::PhoneClaimed { by });
        }
        if !self.phones.is_reachable(phone) {
            return Err(LogInRefused::PhoneUnreachable);
        }
        self.sessions_by_agent.insert(agent, Session { pause, ..Session::new(now, phone) });
        self.fact(Fact::AgentLoggedIn { agent, phone });
        Ok(())
    }

    /// An agent stops working and the phone is free. On a call this waits for the call's end, and then no wrap-up follows.
    ///
    /// # Errors
    /// The agent is not logged in.
    pub fn log_out(&mut self, now: Now, agent: AgentId, by: EndedBy) -> Result<Taken, CommandRefused> {
        self.command(now, |acd| {
            acd.session(agent)?;
            Ok(acd.begin_log_out(now, agent, by))
        })
    }

    /// An agent pauses, or changes the reason of a pause. During an offer, a call or wrap-up the pause begins when that is over.
    /// Whether the reason exists is the caller's to know.
    ///
    /// # Errors
    /// The agent is not logged in.
    pub fn pause(&mut self, now: Now, agent: AgentId, pause: PauseId) -> Result<Taken, CommandRefused> {
        self.command(now, |acd| {
            let session = acd.session(agent)?;
            session.pause = Some(PauseCause::Chosen(pause));
            let (phone, works) = (session.phone, session.work != Work::None);
            let at_work = works || acd.phones.own_call(phone).is_some();
            Ok(if at_work { Taken::AfterWork } else { Taken::Now })
        })
    }

    /// An agent takes nothing from one queue meanwhile and stays open for the others, at once and whatever the agent is doing: what rings
    /// already goes on. In a queue that is paused the reason is changed. Whoever has paused in the last open one is paused as by
    /// [`Acd::pause`]. Whether the reason exists is the caller's to know.
    ///
    /// # Errors
    /// The agent is not logged in, or does not work in this queue.
    pub fn pause_in(&mut self, now: Now, agent: AgentId, queue: QueueId, pause: PauseId) -> Result<Taken, CommandRefused> {
        self.command(now, |acd| {
            acd.works_in(agent, queue)?;
            let others: Vec<QueueId> = acd.roster.memberships(agent).iter().map(|(of, _)| *of).filter(|of| *of != queue).collect();
            let session = acd.session(agent)?;
            if others.iter().all(|of| session.paused_in.contains_key(of)) {
                session.pause = Some(PauseCause::Chosen(pause));
                let (phone, works) = (session.phone, session.work != Work::None);
                acd.open_queues(agent, |_| true);
                let at_work = works || acd.phones.own_call(phone).is_some();
                return Ok(if at_work { Taken::AfterWork } else { Taken::Now });
            }
            if session.paused_in.insert(queue, pause) != Some(pause) {
                acd.fact(Fact::AgentQueuePaused { agent, queue, pause });
            }
            Ok(Taken::Now)
        })
    }

    /// An agent's pause ends, or does not begin after all; in all queues, those among them that were paused for themselves. Misses count from
    /// none again.
    ///
    /// # Errors
    /// The agent is not logged in, or has no pause.
    pub fn resume(&mut self, now: Now, agent: AgentId) -> Result<(), CommandRefused> {
        self.command(now, |acd| {
            let session = acd.session(agent)?;
            if session.pause.take().is_none() && session.paused_in.is_empty() {
                return Err(CommandRefused::NotPaused);
            }
            session.misses = 0;
            session.rest_until = None;
            acd.open_queues(agent, |_| true);
            Ok(())
        })
    }

    /// An agent is open for a queue again. A pause of all queues stands as it is.
    ///
    /// # Errors
    /// The agent is not logged in, does not work in this queue, or has not paused in it for itself.
    pub fn resume_in(&mut self, now: Now, agent: AgentId, queue: QueueId) -> Result<(), CommandRefused> {
        self.command(now, |acd| {
            acd.works_in(agent, queue)?;
            match acd.open_queues(agent, |of| of == queue) {
                0 => Err(CommandRefused::NotPaused),
                _ => Ok(()),
            }
        })
    }

    fn works_in(&mut self, agent: AgentId, queue: QueueId) -> Result<(), CommandRefused> {
        self.session(agent)?;
        if self.roster.works_in(agent, queue) { Ok(()) } else { Err(CommandRefused::NotInQueue) }
    }

    /// Ends the pauses in such queues; how many there were.
    pub(crate) fn open_queues(&mut self, agent: AgentId, ends: impl Fn(QueueId) -> bool) -> usize {
        let Some(session) = self.sessions_by_agent.get_mut(&agent) else { return 0 };
        let opened: Vec<QueueId> = session.paused_in.keys().copied().filter(|queue| ends(*queue)).collect();
        session.paused_in.retain(|queue, _| !ends(*queue));
        for queue in &opened {
            self.fact(Fact::AgentQueueResumed { agent, queue: *queue });
        }
        opened.len()
    }

    /// An agent has finished before the wrap-up's time was over.
    ///
    /// # Errors
    /// The agent is not logged in, or not in wrap-up.
    pub fn end_wrap_up(&mut self, now: Now, agent: AgentId) -> Result<(), CommandRefused> {
        self.command(now, |acd| {
            let session = acd.session(agent)?;
            match session.work {
                Work::WrapUp { .. } => {
                    session.work = Work::None;
                    Ok(())
                }
                Work::None | Work::Offered { .. } | Work::Talking { .. } => Err(CommandRefused::NotInWrapUp),
            }
        })
    }

    /// An agent declines an offer on the desktop; on the phone it is the call that says so.
    ///
    /// # Errors
    /// The agent is not logged in, or the offer is over or another's.
    pub fn decline(&mut self, now: Now, agent: AgentId, offer: OfferId) -> Result<(), CommandRefused> {
        self.command(now, |acd| match acd.session(agent)?.work {
            Work::Offered { offer: standing, .. } if standing == offer => {
                acd.end_offer(now, offer, OfferOutcome::Declined, Tell::Call);
                Ok(())
            }
            Work::None | Work::Offered { .. } | Work::Talking { .. } | Work::WrapUp { .. } => Err(CommandRefused::NoSuchOffer),
        })
    }

    fn command<T, E>(&mut self, now: Now, act: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.elapse(now);
        let done = act(self);
        self.settle(now);
        done
    }

    fn session(&mut self, agent: AgentId) -> Result<&mut Session, CommandRefused> {
        self.sessions_by_agent.get_mut(&agent).ok_or(CommandRefused::NotLoggedIn)
    }

    /// Ends a session at once, or notes that it ends with the call at hand.
    pub(crate) fn begin_log_out(&mut self, now: Now, agent: AgentId, by: EndedBy) -> Taken {
        let Some(session) = self.sessions_by_agent.get_mut(&agent) else { return Taken::Now };
        if session.is_talking() || self.phones.own_call(session.phone).is_some() {
            session.leaving = Some(by);
            return Taken::AfterWork;
        }
        if let Work::Offered { offer, .. } = session.work {
            self.end_offer(now, offer, OfferOutcome::Withdrawn, Tell::Call);
        }
        self.end_session(agent, by);
        Taken::Now
    }
}
