//! How a trunk stands.

use carillon_model::{DnsTrouble, TrunkTrouble};
use carillon_sip_leg::NotRegistered;
use carillon_sip_net::DnsError;
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
    /// Nothing looks after it: we do not register there, and it is not asked by OPTIONS.
    Unwatched,
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
    /// What went wrong last and still does: a code each, with what belongs to it.
    pub errors: Vec<TrunkTrouble>,
}

/// Why a registration does not hold.
pub(super) fn trouble(why: &NotRegistered, realm: &str) -> TrunkTrouble {
    match why {
        NotRegistered::Silent => TrunkTrouble::RegistrarSilent,
        NotRegistered::WrongPassword => TrunkTrouble::WrongPassword,
        NotRegistered::OtherRealm(asked) => TrunkTrouble::OtherRealm { asked: asked.clone(), configured: realm.to_owned() },
        NotRegistered::NoListener(transport) => TrunkTrouble::NotListening { transport: transport.name().to_owned() },
        NotRegistered::Refused(status) => TrunkTrouble::RegistrationRefused { status: *status },
    }
}

/// Why nobody knows where it is.
pub(super) fn dns_trouble(why: &DnsError) -> DnsTrouble {
    match why {
        DnsError::Unanswered(_) => DnsTrouble::Unanswered,
        DnsError::TooSlow => DnsTrouble::TooSlow,
        DnsError::NoSuchName => DnsTrouble::NoSuchName,
    }
}
