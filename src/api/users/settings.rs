//! A user as an administrator sets it up.

use carillon_model::{Agent, DialRights, Number, Parts, Role, Typology, User, UserId};
use carillon_store::{
    Write,
    setup::{AgentSetup, Setup, UserSetup},
    user,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{Problem, kept::check},
    auth::password,
};

/// A person who can sign in.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserSettings {
    /// Login name, unique, compared without case.
    #[schema(example = "anna")]
    login: String,
    /// Name shown to colleagues.
    #[schema(example = "Anna Rossi")]
    name: String,
    /// `agent`, `supervisor` or `admin`.
    #[schema(value_type = String)]
    role: Role,
    /// Password, at least 8 characters. Never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(write_only)]
    pub(super) password: Option<String>,
    /// What the agent logs in with by the keys of a telephone: 4 to 12 digits; empty takes it away. Never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(write_only)]
    pub(super) pin: Option<String>,
    /// Where mail to the user goes, unique: a link that sets a forgotten password among it. Absent: no mail.
    #[serde(default)]
    #[schema(example = "anna@example.com")]
    email: Option<String>,
    /// Whether the user is kept out for the time being.
    #[serde(default)]
    disabled: bool,
    /// For those who take calls.
    agent: Option<AgentSettings>,
}

/// What makes a user an agent.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentSettings {
    /// Internal number, unique. Of a new agent it may be left out: the next free one of the site's range.
    #[serde(default)]
    #[schema(example = "201")]
    number: String,
    /// `phonebar`, `external` or `webrtc`.
    #[schema(value_type = String)]
    typology: Typology,
    /// Milliseconds of wrap-up after a queue call or a call outside; absent: the queue's own.
    wrapup_ms: Option<u32>,
    /// What the agent may dial: `internal`, `national`, `international`, `premium`; the first two without.
    #[serde(default = "DialRights::usual")]
    #[schema(value_type = Vec<String>)]
    dials: DialRights,
    /// Number shown to whom the agent calls outside; absent: the route's.
    caller_id: Option<String>,
    /// Whether pages and programs may make calls on the agent's telephone, where the typology is phonebar.
    #[serde(default = "yes")]
    remote_control: bool,
    /// Name that colleagues who are agents, and those who are called, see in place of the real one.
    alias: Option<String>,
    /// What of the desktop the agent is shown: `calls`, `abandoned_calls`, `recordings`, `pause`, `language`, `password`, `numbers`. Absent: everything, also what
    /// later versions bring; with a list what comes later stays hidden.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    parts: Parts,
    /// Whether each log-in begins with the default pause, unless the agent wishes otherwise there.
    #[serde(default)]
    logs_in_paused: bool,
}

fn yes() -> bool {
    true
}

impl UserSettings {
    /// Whether an agent is to be given a number.
    pub(super) fn wants_number(&self) -> bool {
        self.agent.as_ref().is_some_and(|agent| agent.number.is_empty())
    }

    /// Gives the agent a number.
    pub(super) fn take_number(&mut self, number: String) {
        if let Some(agent) = &mut self.agent {
            agent.number = number;
        }
    }

    /// As a stored user has them.
    pub(super) fn of(user: &User) -> Self {
        let agent = user.agent.as_ref();
        Self {
            login: user.login.clone(),
            name: user.name.clone(),
            role: user.role,
            password: None,
            pin: None,
            email: user.email.clone(),
            disabled: user.disabled,
            agent: agent.map(|agent| AgentSettings {
                number: agent.number.as_str().to_owned(),
                typology: agent.typology,
                wrapup_ms: agent.wrapup_ms,
                dials: agent.dials.clone(),
                caller_id: agent.caller_id.as_ref().map(|number| number.as_str().to_owned()),
                remote_control: agent.remote_control,
                alias: agent.alias.clone(),
                parts: agent.parts.clone(),
                logs_in_paused: agent.logs_in_paused,
            }),
        }
    }

    /// The user with them, checked.
    pub(super) fn user(self, id: UserId) -> Result<User, Problem> {
        let agent = self.agent.as_ref();
        let user = UserSetup {
            login: self.login.clone(),
            name: self.name.clone(),
            role: self.role,
            password: self.password,
            password_hash: None,
            pin: self.pin.filter(|pin| !pin.is_empty()),
            email: self.email.clone(),
            agent: agent.map(|agent| AgentSetup {
                number: agent.number.clone(),
                typology: agent.typology,
                wrapup_ms: agent.wrapup_ms,
                dials: agent.dials.clone(),
                caller_id: agent.caller_id.clone(),
                remote_control: agent.remote_control,
                alias: agent.alias.clone(),
                parts: agent.parts.clone(),
                logs_in_paused: agent.logs_in_paused,
            }),
        };
        check(&Setup { user: vec![user], ..Setup::default() })?;
        let agent = self.agent.map(|agent| Agent {
            number: Number::new(agent.number),
            typology: agent.typology,
            wrapup_ms: agent.wrapup_ms,
            dials: agent.dials,
            caller_id: agent.caller_id.map(Number::new),
            remote_control: agent.remote_control,
            alias: agent.alias,
            parts: agent.parts,
            logs_in_paused: agent.logs_in_paused,
        });
        Ok(User { id, login: self.login, name: self.name, role: self.role, email: self.email, disabled: self.disabled, agent })
    }
}

/// Sets or takes away a PIN, where one was given.
pub(super) async fn keep_pin(write: &mut Write, id: UserId, pin: Option<&str>) -> Result<(), Problem> {
    let hash = match pin {
        None => return Ok(()),
        Some("") => None,
        Some(pin) => Some(password::hash(pin).await),
    };
    user::set_pin(write, id, hash.as_deref(), Timestamp::now()).await?;
    Ok(())
}

/// Login, number or e-mail address is another's.
pub(super) fn taken(error: carillon_store::Error) -> Problem {
    let taken = matches!(error, carillon_store::Error::Taken { .. });
    let problem = Problem::from(error);
    if !taken {
        return problem;
    }
    let why = "Another user has this login, this number or this e-mail address.";
    problem.field("login", why).field("agent.number", why).field("email", why)
}
