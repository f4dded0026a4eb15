//! A user as stored, and as signing in stands.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    time::{Duration, Instant},
};

use carillon_model::{User, UserId};
use carillon_store::{Stored, second_factor};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::settings::UserSettings;
use crate::api::{Api, Kept, Problem};

/// A user as it is stored, and as signing in stands.
#[derive(Serialize, ToSchema)]
pub struct UserRow {
    /// How the user is set up.
    #[serde(flatten)]
    kept: Kept<UserSettings>,
    /// How signing in stands now. Left out of what is sent back.
    status: UserStatus,
}

/// How signing in stands.
#[derive(Serialize, ToSchema)]
pub struct UserStatus {
    /// Whether a second factor is asked for.
    second_factor: bool,
    /// From where too many wrong passwords or codes came, the longest locked first; empty: not locked.
    locked: Vec<LockedFrom>,
    /// Until when the agent's number opens no telephone, after too many wrong PINs; absent: it does.
    #[schema(value_type = Option<String>, format = DateTime)]
    keypad_locked_until: Option<Timestamp>,
}

/// A place from where a user cannot sign in for a while.
#[derive(Serialize, ToSchema)]
pub struct LockedFrom {
    /// The address; of IPv6 the network's (/64).
    #[schema(value_type = String, example = "192.0.2.7")]
    address: IpAddr,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

impl UserRow {
    pub(super) fn of(api: &Api, stored: &Stored<User>, with_second_factor: &BTreeSet<UserId>) -> Self {
        let user = &stored.entity;
        let status = UserStatus {
            second_factor: with_second_factor.contains(&user.id),
            locked: locked(api, &user.login),
            keypad_locked_until: keypad_locked(api, user).map(|wait| Timestamp::now() + wait),
        };
        Self { kept: Kept::of(user.id.uuid(), stored, UserSettings::of), status }
    }
}

/// Those who are asked for a code.
pub(super) async fn with_second_factor(api: &Api) -> Result<BTreeSet<UserId>, Problem> {
    Ok(second_factor::all_on(&api.db).await?.into_iter().collect())
}

/// From where somebody is locked out, and until when.
pub(super) fn locked(api: &Api, login: &str) -> Vec<LockedFrom> {
    let (now, wall) = (Instant::now(), Timestamp::now());
    let locked = api.attempts.locked(now, login).into_iter();
    locked.map(|locked| LockedFrom { address: locked.from, until: wall + locked.wait }).collect()
}

/// How long a user's agent number is still closed at telephones.
pub(super) fn keypad_locked(api: &Api, user: &User) -> Option<Duration> {
    api.around.keypad.locked(&user.agent.as_ref()?.number)
}
