//! How a trunk stands, with words for people.

use carillon_sip_leg::NotRegistered;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Whether a trunk can be had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrunkState {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Its registration holds if it needs one, and it answers if it is asked.
    Up,
    /// Calls to it will likely fail.
    Down,
}

/// How our registration with a trunk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationState {
    /// The first answer is waited for.
    Registering,
    /// It holds.
    Registered,
    /// It does not; it is tried again.
    Failed,
}

/// How a trunk stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrunkStatus {
    /// Whether it can be had.
    pub state: TrunkState,
    /// Our registration with it, if it wants one.
    pub registration: Option<RegistrationState>,
    /// Until when the registration holds if it is not refreshed, which it is before.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub registered_until: Option<Timestamp>,
    /// When a registration that failed is tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub tried_again_at: Option<Timestamp>,
    /// Whether it answers OPTIONS, if it is asked.
    pub answers: Option<bool>,
    /// Where it is, the first choice first, as in `udp 192.0.2.1:5060`.
    pub places: Vec<String>,
    /// What went wrong last and still does, for a person.
    pub error: Option<String>,
}

/// Why a registration does not hold, and what to do about it.
pub(super) fn words(why: &NotRegistered, realm: &str) -> String {
    match why {
        NotRegistered::Silent => "The registrar does not answer.".to_owned(),
        NotRegistered::WrongPassword => "The registrar refuses our password.".to_owned(),
        NotRegistered::OtherRealm(asked) => {
            format!(
                "The registrar asks for the realm \"{asked}\", and \"{realm}\" is set: it got no proof of our password. Is it the right one?"
            )
        }
        NotRegistered::NoListener(transport) => {
            let name = transport.name();
            format!(
                "This server does not listen for {}, so it cannot call by it either: set sip.{name} in the configuration.",
                transport.via_token()
            )
        }
        NotRegistered::Refused(status) => {
            let meaning = match status {
                401 | 407 => " It names no algorithm we know.",
                403 => " The account may not register.",
                404 => " It does not know the account.",
                423 => " It wants longer registrations than a day.",
                500..=599 => " It is out of order.",
                _ => "",
            };
            format!("The registrar answers {status}.{meaning}")
        }
    }
}
