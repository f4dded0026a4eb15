//! What people ask for. Each command answers at once; effects are drained afterwards, as after an event.

use carillon_model::{AgentId, EndedBy, Fact, Now, OfferId, OfferOutcome, PauseId, PhoneId};
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
    /// An agent begins to work with a phone, which is the agent's until log-out. An agent whose log-out waits for the end of a call
    /// and who logs in again with the same phone stays.
    ///
    /// # Errors
    /// See [`LogInRefused`].
    pub fn log_in(&mut self, now: Now, agent: AgentId, phone: PhoneId) -> Result<(), LogInRefused> {
        self.command(now, |acd| acd.try_log_in(now, agent, phone))
    }

    fn try_log_in(&mut self, now: Now, agent: AgentId, phone: PhoneId) -> Result<(), LogInRefused> {
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
        self.sessions_by_agent.insert(agent, Session::new(now, phone));
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

    /// An agent's pause ends, or does not begin after all. Misses count from none again.
    ///
    /// # Errors
    /// The agent is not logged in, or has no pause.
    pub fn resume(&mut self, now: Now, agent: AgentId) -> Result<(), CommandRefused> {
        self.command(now, |acd| {
            let session = acd.session(agent)?;
            session.pause.take().ok_or(CommandRefused::NotPaused)?;
            session.misses = 0;
            session.rest_until = None;
            Ok(())
        })
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
