//! What agents do by the keys of their telephones: log in with number and PIN, log out, pause and resume.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Instant,
};

use carillon_acd::{CommandRefused, LogInRefused};
use carillon_call::{FeatureOutcome, FeatureRequest, Keys};
use carillon_model::{AgentId, EndedBy, Number, PauseId, PhoneId, Typology, UserId};
use carillon_store::{self as store, Db, session::Kind};
use jiff::Timestamp;

use super::Acd;
use crate::auth::{attempts::Attempts, password, session};

/// The keys' way to `acd` and to what proves an agent.
#[derive(Debug)]
pub struct Keypad {
    db: Db,
    acd: Acd,
    attempts: Attempts,
}

impl Keypad {
    /// For this database and these agents.
    pub fn new(db: Db, acd: Acd) -> Self {
        Self { db, acd, attempts: Attempts::default() }
    }

    /// Does what somebody at a telephone wants. `usual` is the pause that is meant where none is named.
    pub async fn carry_out(&self, phone: PhoneId, request: FeatureRequest, usual: Option<PauseId>) -> FeatureOutcome {
        let done = match (request, self.agent_at(phone)) {
            (FeatureRequest::LogIn { number, pin }, _) => self.log_in(phone, &number, &pin).await,
            (_, None) => return FeatureOutcome::NobodyHere,
            (FeatureRequest::LogOut, Some(agent)) => self.log_out(agent).await,
            (FeatureRequest::Pause, Some(agent)) => match usual {
                Some(pause) => Ok(told(self.acd.pause(agent, pause).await.map(drop))),
                None => Ok(FeatureOutcome::Refused),
            },
            (FeatureRequest::Resume, Some(agent)) => Ok(told(self.acd.resume(agent).await)),
        };
        done.unwrap_or_else(|error| {
            tracing::warn!(%error, "what was wanted by a telephone's keys could not be done");
            FeatureOutcome::Refused
        })
    }

    fn agent_at(&self, phone: PhoneId) -> Option<AgentId> {
        self.acd.agents_by_phone().get(&phone).copied()
    }

    /// A wrong number costs the same time as a wrong PIN. Ten wrong ones in a quarter of an hour close this telephone, and no other.
    async fn log_in(&self, phone: PhoneId, number: &Keys, pin: &Keys) -> Result<FeatureOutcome, store::Error> {
        let door = phone.to_string();
        if self.attempts.begin(Instant::now(), HERE, &door).is_err() {
            return Ok(FeatureOutcome::Refused);
        }
        let (number, pin): (String, String) = (number.iter().collect(), pin.iter().collect());
        let known = store::user::credentials_of_agent(&self.db, &Number::new(number)).await?;
        let right = password::verify(&pin, known.as_ref().and_then(|known| known.pin_hash.clone())).await;
        let Some(user) = known.filter(|_| right).map(|known| known.user) else { return Ok(FeatureOutcome::Wrong) };
        self.attempts.succeeded(HERE, &door);
        if user.agent.as_ref().is_none_or(|agent| agent.typology == Typology::WebRtc) {
            return Ok(FeatureOutcome::Refused);
        }
        let agent: AgentId = user.id.into();
        match self.acd.log_in(agent, phone).await {
            Ok(()) => {}
            Err(LogInRefused::AlreadyLoggedIn { phone: with }) if with == phone => return Ok(FeatureOutcome::Done),
            Err(_) => return Ok(FeatureOutcome::Refused),
        }
        if let Err(error) = self.remember(user.id, phone).await {
            // A log-in that a restart does not know of would be lost with it.
            let _ = self.acd.log_out(agent, EndedBy::System).await;
            return Err(error);
        }
        Ok(FeatureOutcome::Done)
    }

    async fn remember(&self, user: UserId, phone: PhoneId) -> Result<(), store::Error> {
        let (session, _) = session::open(&self.db, user, Kind::Keypad, Timestamp::now()).await?;
        let mut write = self.db.write().await?;
        store::session::set_phone(&mut write, session.id, Some(phone)).await?;
        write.commit().await
    }

    async fn log_out(&self, agent: AgentId) -> Result<FeatureOutcome, store::Error> {
        let outcome = told(self.acd.log_out(agent, EndedBy::Agent).await.map(drop));
        let mut write = self.db.write().await?;
        store::session::leave_phone(&mut write, agent.into()).await?;
        write.commit().await?;
        Ok(outcome)
    }
}

/// Guesses count by the telephone, wherever it is.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

fn told(done: Result<(), CommandRefused>) -> FeatureOutcome {
    match done {
        // Whoever was not paused is ready.
        Ok(()) | Err(CommandRefused::NotPaused) => FeatureOutcome::Done,
        Err(CommandRefused::NotLoggedIn) => FeatureOutcome::NobodyHere,
        Err(CommandRefused::NotInWrapUp | CommandRefused::NoSuchOffer) => FeatureOutcome::Refused,
    }
}
