//! `setup.toml`: people, phones, queues, trunks, routes and pauses, written down by an operator.
//!
//! [`apply`] makes the database hold them, found by their natural keys (login, phone name, queue name, ...). What is there and not named
//! stays; what is there and the same is left alone, so that applying twice changes nothing.

mod apply;
mod check;

use std::{fmt, net::IpAddr};

use carillon_model::{AutoAnswer, DialRights, MediaSecurity, Parts, Role, RouteClass, Strategy, TrunkAccount, Typology};
use serde::Deserialize;

pub use apply::{ApplyError, Changes, Secrets, apply};
pub use check::Problem;

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// People who can sign in.
    #[serde(default)]
    pub user: Vec<UserSetup>,
    /// Telephones.
    #[serde(default)]
    pub phone: Vec<PhoneSetup>,
    /// Queues with their members.
    #[serde(default)]
    pub queue: Vec<QueueSetup>,
    /// Trunks.
    #[serde(default)]
    pub trunk: Vec<TrunkSetup>,
    /// Outbound routes.
    #[serde(default)]
    pub outbound_route: Vec<OutboundRouteSetup>,
    /// Pause reasons.
    #[serde(default)]
    pub pause_reason: Vec<PauseReasonSetup>,
    /// Dispositions, those of a level before those below them.
    #[serde(default)]
    pub disposition: Vec<DispositionSetup>,
}

/// `[[user]]`, known by `login`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSetup {
    /// Login name, compared without case.
    pub login: String,
    /// Name shown to colleagues.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Password in clear, at least 8 characters. A new user needs this or `password_hash`; one that is there keeps theirs without.
    pub password: Option<String>,
    /// The password's argon2 hash, PHC text.
    pub password_hash: Option<String>,
    /// What the agent logs in with by the keys of a telephone: 4 to 12 digits. One that is there stays without.
    pub pin: Option<String>,
    /// Where mail to the user goes, unique.
    pub email: Option<String>,
    /// For those who take calls.
    pub agent: Option<AgentSetup>,
}

/// `[user.agent]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSetup {
    /// Internal number, unique.
    pub number: String,
    /// Kind of telephone.
    pub typology: Typology,
    /// Milliseconds of wrap-up after a queue call or a call outside; the queue's own without.
    pub wrapup_ms: Option<u32>,
    /// What the agent may dial: `internal`, `national`, `international`, `premium`; the first two without.
    #[serde(default = "DialRights::usual")]
    pub dials: DialRights,
    /// Number shown to whom the agent calls outside; the route's without.
    pub caller_id: Option<String>,
    /// Whether pages and programs may make calls on the agent's telephone, where the typology is phonebar; they may without.
    #[serde(default = "remote_control")]
    pub remote_control: bool,
    /// Name that colleagues who are agents, and those who are called, see in place of the real one.
    pub alias: Option<String>,
    /// What of the desktop the agent is shown: `calls`, `abandoned_calls`, `recordings`, `pause`, `language`, `password`, `numbers`; everything without.
    #[serde(default)]
    pub parts: Parts,
    /// Whether each log-in begins with the default pause; it does not without.
    #[serde(default)]
    pub logs_in_paused: bool,
}

/// `[[phone]]`, known by `name`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneSetup {
    /// SIP user name and internal number.
    pub name: String,
    /// What a person calls it; the name without.
    pub label: Option<String>,
    /// SIP password in clear. A new phone needs this or both hashes; one that is there keeps its own without.
    pub password: Option<String>,
    /// `MD5(name:realm:password)` in hex.
    pub ha1_md5: Option<String>,
    /// `SHA-256(name:realm:password)` in hex.
    pub ha1_sha256: Option<String>,
    /// Takes RTP from any source.
    #[serde(default)]
    pub any_media_source: bool,
    /// How it is told to answer by itself a call its own agent asked for: `off`, `answer_mode`, `call_info`, `alert_info`.
    #[serde(default)]
    pub auto_answer: AutoAnswer,
    /// What may be dialled on it while no agent works with it; `internal` without.
    #[serde(default = "DialRights::inside")]
    pub dials: DialRights,
    /// How its audio is kept from others: `clear`, `optional`, `required` (SDES offered), `required_dtls`.
    #[serde(default)]
    pub media_security: MediaSecurity,
}

/// `[[queue]]`, known by `name`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSetup {
    /// Short name, what a dialplan says.
    pub name: String,
    /// Name shown to people; the short one without.
    pub label: Option<String>,
    /// How agents are chosen.
    #[serde(default = "longest_idle")]
    pub strategy: Strategy,
    /// Milliseconds an offer rings.
    #[serde(default = "offer_ms")]
    pub offer_ms: u32,
    /// Milliseconds of wrap-up after a call.
    #[serde(default = "wrapup_ms")]
    pub wrapup_ms: u32,
    /// Misses in a row after which an agent is paused; 0: never.
    #[serde(default = "misses_pause")]
    pub misses_pause: u32,
    /// Milliseconds a caller may wait; without limit if absent.
    pub max_wait_ms: Option<u32>,
    /// Callers that may wait at once.
    #[serde(default = "max_waiting")]
    pub max_waiting: u32,
    /// Music for those who wait, by name.
    #[serde(default = "music")]
    pub music: String,
    /// Whether calls are recorded.
    #[serde(default)]
    pub record: bool,
    /// Prompt played before anything is recorded, by name.
    pub consent: Option<String>,
    /// Number shown to whom an agent calls in the queue's name; the agent's without.
    pub caller_id: Option<String>,
    /// Days after which a recording of the queue's calls is removed; as the site keeps them without.
    pub keep_recordings_days: Option<u32>,
    /// Who works in it. Members that are there and not named stay.
    #[serde(default)]
    pub members: Vec<MemberSetup>,
}

/// A member of a queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberSetup {
    /// Login of an agent.
    pub agent: String,
    /// 1 is asked first.
    #[serde(default = "first")]
    pub priority: u32,
}

/// `[[trunk]]`, known by `name`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkSetup {
    /// Short name, what a dialplan and an outbound route say.
    pub name: String,
    /// Where it signals from and is sent to: an IP address, or a name that the DNS knows.
    pub host: String,
    /// Its port. Without: of an IP address the usual one (5060, with TLS 5061), of a name as the DNS says.
    pub port: Option<u16>,
    /// `udp`, `tcp`, `tls`, or for a name without port `dns`: as the DNS says.
    #[serde(default = "udp")]
    pub transport: String,
    /// Who we are there, for a trunk that challenges our calls or that we register with.
    pub account: Option<TrunkAccountSetup>,
    /// Whether it is asked by OPTIONS every half minute if it is there.
    #[serde(default)]
    pub options: bool,
    /// Whether requests that are too large for a datagram go to it by TCP instead of UDP.
    #[serde(default)]
    pub large_by_tcp: bool,
    /// Calls at once, both directions together.
    #[serde(default = "max_calls")]
    pub max_calls: u32,
    /// Calls made through it in any hour; without limit if absent.
    pub max_calls_per_hour: Option<u32>,
    /// How its audio is kept from others: `clear`, `optional`, `required` (SDES offered), `required_dtls`.
    #[serde(default)]
    pub media_security: MediaSecurity,
}

/// `account` of a trunk.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkAccountSetup {
    /// User name.
    pub user: String,
    /// Password in clear. A new account needs it; one that is there, of the same user and realm, keeps its own without.
    pub password: Option<String>,
    /// The realm whose challenges are answered; no other's is. The trunk's host without.
    pub realm: Option<String>,
    /// Whether we register there.
    #[serde(default)]
    pub register: bool,
    /// How long each registration is asked to last, seconds.
    #[serde(default = "register_s")]
    pub register_s: u32,
}

impl TrunkSetup {
    /// The port to set; `None`: the DNS knows it.
    pub fn set_port(&self) -> Option<u16> {
        let usual = if self.transport == "tls" { 5061 } else { 5060 };
        self.port.or_else(|| self.host.parse::<IpAddr>().is_ok().then_some(usual))
    }

    /// The account as it is stored.
    pub fn set_account(&self) -> Option<TrunkAccount> {
        self.account.as_ref().map(|account| TrunkAccount {
            user: account.user.clone(),
            realm: account.realm.clone().unwrap_or_else(|| self.host.clone()),
            register: account.register,
            register_s: account.register_s,
        })
    }
}

/// `[[outbound_route]]`, known by `prefix`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundRouteSetup {
    /// Leading characters of the dialled number; of class `emergency` the whole of it.
    pub prefix: String,
    /// `national`, `international`, `premium`, `emergency` or `blocked`.
    #[serde(default)]
    pub class: RouteClass,
    /// Name of the trunk.
    pub trunk: String,
    /// Names of the trunks tried in this order when that one cannot be had.
    #[serde(default)]
    pub fallback: Vec<String>,
    /// Number shown where neither queue nor agent has one; of class `emergency` always.
    pub caller_id: Option<String>,
    /// Whether calls that leave by it are recorded.
    #[serde(default)]
    pub record: bool,
    /// Prompt played before anything is recorded, by name.
    pub consent: Option<String>,
}

/// `[[pause_reason]]`, known by `name`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseReasonSetup {
    /// Short name.
    pub name: String,
    /// Name shown to people; the short one without.
    pub label: Option<String>,
    /// The one taken when none is chosen.
    #[serde(default)]
    pub is_default: bool,
    /// Whether the time counts as paid.
    #[serde(default)]
    pub paid: bool,
}

/// `[[disposition]]`, known by `name` and `parent`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispositionSetup {
    /// What people read.
    pub name: String,
    /// The one it stands below, its levels parted by ` / `: `Sold / By the month`. The first level without.
    pub parent: Option<String>,
    /// Whether it is the site's own and not one of the usual ones.
    #[serde(default)]
    pub custom: bool,
    /// Its place among those of the same level.
    #[serde(default)]
    pub position: u32,
    /// Names of the queues whose calls may be given it; none: any call. Of the first level alone.
    #[serde(default)]
    pub queues: Vec<String>,
}

impl fmt::Debug for UserSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSetup").field("login", &self.login).field("role", &self.role).finish_non_exhaustive()
    }
}

impl fmt::Debug for TrunkAccountSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrunkAccountSetup").field("user", &self.user).field("realm", &self.realm).finish_non_exhaustive()
    }
}

impl fmt::Debug for PhoneSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneSetup").field("name", &self.name).finish_non_exhaustive()
    }
}

fn remote_control() -> bool {
    true
}

fn longest_idle() -> Strategy {
    Strategy::LongestIdle
}

fn offer_ms() -> u32 {
    15_000
}

fn wrapup_ms() -> u32 {
    10_000
}

fn misses_pause() -> u32 {
    3
}

fn max_waiting() -> u32 {
    100
}

fn music() -> String {
    "hold".to_owned()
}

fn first() -> u32 {
    1
}

fn register_s() -> u32 {
    600
}

fn udp() -> String {
    "udp".to_owned()
}

fn max_calls() -> u32 {
    100
}
