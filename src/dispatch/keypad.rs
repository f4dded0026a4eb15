//! What agents do by the keys of their telephones: log in with number and PIN, log out, pause and resume.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use carillon_acd::{CommandRefused, LogInRefused};
use carillon_call::{FeatureOutcome, FeatureRequest, Keys};
use carillon_model::{AgentId, EndedBy, Number, Part, PauseId, PhoneId, Typology, UserId};
use carillon_store::{self as store, Db, session::Kind};
use jiff::Timestamp;

use super::{Acd, Snapshot};
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

    /// Does what somebody at a telephone wants. Of the site's pauses the usual one is meant.
    pub async fn carry_out(&self, phone: PhoneId, request: FeatureRequest, site: &Snapshot) -> FeatureOutcome {
        let done = match (request, self.agent_at(phone)) {
            (FeatureRequest::LogIn { number, pin }, _) => self.log_in(phone, &number, &pin, site.usual_pause()).await,
            (_, None) => return FeatureOutcome::NobodyHere,
            (FeatureRequest::LogOut, Some(agent)) => self.log_out(agent).await,
            (FeatureRequest::Pause, Some(agent)) => match site.usual_pause().filter(|_| site.is_shown(agent, Part::Pause)) {
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

    /// How long an agent's number is still closed after too many wrong PINs; `None`: it is not.
    pub fn locked(&self, number: &Number) -> Option<Duration> {
        self.attempts.locked(Instant::now(), &of_agent(number.as_str())).first().map(|locked| locked.wait)
    }

    /// Opens an agent's number at once.
    pub fn unlock(&self, number: &Number) {
        self.attempts.unlock(&of_agent(number.as_str()));
    }

    fn agent_at(&self, phone: PhoneId) -> Option<AgentId> {
        self.acd.agents_by_phone().get(&phone).copied()
    }

    /// A wrong number costs the same time as a wrong PIN. Ten wrong ones in a quarter of an hour close this telephone to everybody, and this
    /// agent's number at every telephone. A right one forgets the wrong ones of its own number; those at the telephone may have been of others'.
    async fn log_in(&self, phone: PhoneId, number: &Keys, pin: &Keys, usual: Option<PauseId>) -> Result<FeatureOutcome, store::Error> {
        let (number, pin): (String, String) = (number.iter().collect(), pin.iter().collect());
        let (at_phone, of_agent) = (format!("phone {phone}"), of_agent(&number));
        let now = Instant::now();
        if self.attempts.begin(now, HERE, &at_phone).is_err() || self.attempts.begin(now, HERE, &of_agent).is_err() {
            return Ok(FeatureOutcome::Refused);
        }
        let known = store::user::credentials_of_agent(&self.db, &Number::new(number)).await?;
        let right = password::verify(&pin, known.as_ref().and_then(|known| known.pin_hash.clone())).await;
        let Some(user) = known.filter(|known| right && !known.user.disabled).map(|known| known.user) else {
            return Ok(FeatureOutcome::Wrong);
        };
        self.attempts.succeeded(HERE, &of_agent);
        self.attempts.forgiven(HERE, &at_phone);
        let Some(settings) = user.agent.as_ref().filter(|agent| agent.typology != Typology::WebRtc) else {
            return Ok(FeatureOutcome::Refused);
        };
        let agent: AgentId = user.id.into();
        match self.acd.log_in(agent, phone, usual.filter(|_| settings.logs_in_paused)).await {
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
        let (session, _) = session::open(&self.db, user, Kind::Keypad, session::Seen::default(), Timestamp::now()).await?;
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

fn of_agent(number: &str) -> String {
    format!("agent {number}")
}

/// Guesses count by the telephone and by the agent's number, wherever they are.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

fn told(done: Result<(), CommandRefused>) -> FeatureOutcome {
    match done {
        // Whoever was not paused is ready.
        Ok(()) | Err(CommandRefused::NotPaused) => FeatureOutcome::Done,
        Err(CommandRefused::NotLoggedIn) => FeatureOutcome::NobodyHere,
        Err(CommandRefused::NotInQueue | CommandRefused::NotInWrapUp | CommandRefused::NoSuchOffer) => FeatureOutcome::Refused,
    }
}

#[cfg(test)]
mod tests {
    use carillon_model::{Agent, DialRights, Parts, Role, User};
    use tempfile::TempDir;

    use super::*;

    const HER_PHONE: PhoneId = PhoneId::from_u128(1);
    const MY_PHONE: PhoneId = PhoneId::from_u128(2);
    const FREE_PHONE: PhoneId = PhoneId::from_u128(3);

    /// Anna, 201, and Bruno, 202. Both work by their pages: a right PIN is refused, a wrong one is wrong.
    async fn office() -> (Keypad, TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.expect("a database");
        let mut write = db.write().await.expect("a database");
        for (id, login, number, pin) in [(1, "anna", "201", "1111"), (2, "bruno", "202", "2222")] {
            let agent = Agent {
                number: Number::new(number),
                typology: Typology::WebRtc,
                wrapup_ms: None,
                dials: DialRights::usual(),
                caller_id: None,
                remote_control: true,
                alias: None,
                parts: Parts::default(),
                logs_in_paused: false,
            };
            let (login, name) = (login.to_owned(), login.to_owned());
            let user = User { id: UserId::from_u128(id), login, name, role: Role::Agent, email: None, disabled: false, agent: Some(agent) };
            store::user::insert(&mut write, &user, "none", Timestamp::UNIX_EPOCH).await.expect("a user");
            let hash = password::hash(pin).await;
            assert!(store::user::set_pin(&mut write, user.id, Some(&hash), Timestamp::UNIX_EPOCH).await.expect("a PIN"));
        }
        write.commit().await.expect("a write");
        let (acd, _) = Acd::new(carillon_acd::Acd::new(1));
        (Keypad::new(db, acd), folder)
    }

    #[tokio::test]
    async fn own_log_ins_between_guesses_at_a_colleague_s_pin_gain_nothing() {
        let (keypad, _folder) = office().await;
        let tries = async |phone: PhoneId, number: &str, pin: &str| {
            let (number, pin) = (Keys::new(number).expect("keys"), Keys::new(pin).expect("keys"));
            keypad.carry_out(phone, FeatureRequest::LogIn { number, pin }, &Snapshot::default()).await
        };
        for _ in 0..9 {
            assert_eq!(tries(MY_PHONE, "201", "0000").await, FeatureOutcome::Wrong);
        }
        for _ in 0..12 {
            assert_eq!(tries(MY_PHONE, "202", "2222").await, FeatureOutcome::Refused, "right, and of a page");
        }
        assert_eq!(tries(MY_PHONE, "201", "0000").await, FeatureOutcome::Wrong, "the tenth");
        for phone in [MY_PHONE, FREE_PHONE, HER_PHONE] {
            assert_eq!(tries(phone, "201", "0000").await, FeatureOutcome::Refused, "her number is closed everywhere");
        }
        assert!(keypad.locked(&Number::new("201")).is_some() && keypad.locked(&Number::new("202")).is_none());
        assert_eq!(tries(MY_PHONE, "202", "0000").await, FeatureOutcome::Refused, "this telephone is closed to everybody");
        assert_eq!(tries(FREE_PHONE, "202", "0000").await, FeatureOutcome::Wrong, "another is not");
        assert_eq!(tries(FREE_PHONE, "999", "0000").await, FeatureOutcome::Wrong, "nor for a number nobody has");
        keypad.unlock(&Number::new("201"));
        assert_eq!(keypad.locked(&Number::new("201")), None);
        assert_eq!(tries(HER_PHONE, "201", "0000").await, FeatureOutcome::Wrong, "open again at once");
    }
}
