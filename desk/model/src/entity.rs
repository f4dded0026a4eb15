//! What an operator sets up: people, phones, queues, trunks. As stored, as the API shows it, as the engines read it.

use serde::{Deserialize, Serialize};

use crate::{AgentId, AutoAnswer, DialRights, Number, Part, Parts, PauseId, PhoneId, QueueId, RouteClass, RouteId, TrunkId, UserId};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Own calls and queues.
    Agent,
    /// Everybody's, read, pause, log out, hang up.
    Supervisor,
    /// Everything.
    Admin,
}

/// What kind of telephone an agent works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typology {
    /// A phone or native client driven by its user; the desktop's controls are inert.
    Phonebar,
    /// Any registered phone, chosen at login.
    External,
    /// The phone bar in the page.
    #[serde(rename = "webrtc")]
    WebRtc,
}

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Id; an agent's is also the [`AgentId`].
    pub id: UserId,
    /// Login name, unique, compared without case.
    pub login: String,
    /// Name shown to colleagues.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Where mail to the user goes, unique, compared without case: a link that sets a forgotten password among it.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether the user is kept out for the time being: opens nothing, takes no calls, and keeps everything that is set up.
    #[serde(default)]
    pub disabled: bool,
    /// Set for agents only.
    pub agent: Option<Agent>,
}

/// What makes a user an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The agent's internal number, unique.
    pub number: Number,
    /// Kind of telephone.
    pub typology: Typology,
    /// Milliseconds of wrap-up after a queue call or a call outside; `None`: the queue's own.
    pub wrapup_ms: Option<u32>,
    /// What the agent may dial.
    pub dials: DialRights,
    /// The number shown to whom the agent calls outside; `None`: the route's.
    pub caller_id: Option<Number>,
    /// Whether pages and programs may make calls on the agent's telephone, where the typology is phonebar.
    #[serde(default = "yes")]
    pub remote_control: bool,
    /// Name that colleagues who are agents, and those who are called, see in place of the real one.
    #[serde(default)]
    pub alias: Option<String>,
    /// What of the desktop the agent is shown.
    #[serde(default)]
    pub parts: Parts,
    /// Whether each log-in begins with the default pause, unless another wish is given with it.
    #[serde(default)]
    pub logs_in_paused: bool,
}

impl User {
    /// The name that agents and those who are called see.
    pub fn known_as(&self) -> &str {
        self.agent.as_ref().and_then(|agent| agent.alias.as_deref()).unwrap_or(&self.name)
    }

    /// Whether this part of the desktop is shown and done for the user: of agents alone an administrator takes parts away.
    pub fn shows(&self, part: Part) -> bool {
        self.role != Role::Agent || self.agent.as_ref().is_none_or(|agent| agent.parts.shows(part))
    }
}

fn yes() -> bool {
    true
}

/// A telephone that may register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// Id.
    pub id: PhoneId,
    /// SIP user name and internal number, for example `1001`.
    pub name: String,
    /// What a person calls it ("Desk 12").
    pub label: String,
    /// Takes RTP from any source instead of the SDP's or the signalling's address only (a setting for phones behind odd NATs).
    pub any_media_source: bool,
    /// How it is told to answer by itself a call that its own agent asked for.
    pub auto_answer: AutoAnswer,
    /// What may be dialled on it while no agent works with it.
    pub dials: DialRights,
    /// How its audio is kept from others.
    pub media_security: MediaSecurity,
}

/// How a queue chooses among its free agents of the best priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The agent who has been free longest.
    LongestIdle,
    /// All of them at once; the first to answer wins.
    RingAll,
}

/// A queue of calls and how it is worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Id.
    pub id: QueueId,
    /// Short name, unique, for example `sales`; what a dialplan says.
    pub name: String,
    /// Name shown to people.
    pub label: String,
    /// How agents are chosen.
    pub strategy: Strategy,
    /// Milliseconds an offer rings.
    pub offer_ms: u32,
    /// Milliseconds of wrap-up after a call.
    pub wrapup_ms: u32,
    /// Misses in a row (no answer, declined) after which an agent is paused; 0: never.
    pub misses_pause: u32,
    /// Milliseconds a caller may wait; `None`: without limit.
    pub max_wait_ms: Option<u32>,
    /// Callers that may wait at once; one more is refused.
    pub max_waiting: u32,
    /// Music, by name, for those who wait.
    pub music: String,
    /// Whether calls are recorded, and what callers are told first.
    pub recording: RecordingPolicy,
    /// The number shown to whom an agent calls in the queue's name; `None`: the agent's.
    pub caller_id: Option<Number>,
    /// Days after which a recording of the queue's calls is removed; `None`: as the site keeps them.
    pub keep_recordings_days: Option<u32>,
}

/// Recording of a queue's or route's calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingPolicy {
    /// Records from the first agent's answer to the end of the last agent leg.
    pub record: bool,
    /// Prompt played before anything is recorded, by name. Without one nothing is announced.
    pub consent: Option<String>,
}

/// That an agent works in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The queue.
    pub queue: QueueId,
    /// The agent.
    pub agent: AgentId,
    /// 1 is asked first; agents of the next number only when nobody of this one is free.
    pub priority: u32,
}

/// A carrier or exchange that calls come from and go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trunk {
    /// Id.
    pub id: TrunkId,
    /// Short name, unique; what a dialplan and an outbound route say.
    pub name: String,
    /// Where it signals from and is sent to: an IP address, or a name that the DNS knows.
    pub host: String,
    /// Its port; `None`: of a name as the DNS says (SRV).
    pub port: Option<u16>,
    /// `udp`, `tcp`, `tls`, or for a name without port `dns`: as the DNS says (NAPTR).
    pub transport: String,
    /// Who we are there, for a trunk that knows us by name.
    pub account: Option<TrunkAccount>,
    /// Whether it is asked by OPTIONS every half minute if it is there.
    pub options: bool,
    /// Whether requests that are too large for a datagram go to it by TCP instead of UDP.
    pub large_by_tcp: bool,
    /// Calls at once, both directions together; one more is refused.
    pub max_calls: u32,
    /// Calls we make through it in any hour; `None`: without limit.
    pub max_calls_per_hour: Option<u32>,
    /// How its audio is kept from others.
    pub media_security: MediaSecurity,
}

/// How the audio of a phone or a trunk is kept from others. A browser, which registers by WebSocket, is offered DTLS-SRTP whatever this
/// says, except [`MediaSecurity::Clear`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSecurity {
    /// In clear only: an offer of protected audio is refused.
    Clear,
    /// As it is offered, in clear or protected; our own offers are in clear.
    #[default]
    Optional,
    /// Protected only; our own offers bear keys in SDP (SDES, RFC 4568).
    Required,
    /// Protected only; our own offers are DTLS-SRTP (RFC 5763).
    RequiredDtls,
}

impl MediaSecurity {
    /// Whether audio in clear is refused.
    pub const fn is_required(self) -> bool {
        matches!(self, Self::Required | Self::RequiredDtls)
    }
}

/// Who we are to a trunk. The password's hashes are kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkAccount {
    /// User name.
    pub user: String,
    /// The realm whose challenges are answered; no other's is.
    pub realm: String,
    /// Whether we register there, so that it knows where we are.
    pub register: bool,
    /// How long each registration is asked to last, seconds.
    pub register_s: u32,
}

/// Which trunks take a dialled number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundRoute {
    /// Id.
    pub id: RouteId,
    /// Leading characters of the dialled number, for example `+39`. The longest that fits wins. Of an emergency route: the whole number.
    pub prefix: String,
    /// What right such numbers need.
    pub class: RouteClass,
    /// The trunk.
    pub trunk: TrunkId,
    /// Trunks tried in this order when that one cannot be had.
    pub fallback: Vec<TrunkId>,
    /// The number shown where neither queue nor agent has one; of an emergency route: always.
    pub caller_id: Option<Number>,
    /// Recording of calls that leave by this route.
    pub recording: RecordingPolicy,
}

/// A reason an agent may give for a pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseReason {
    /// Id.
    pub id: PauseId,
    /// Short name, unique, for example `lunch`.
    pub name: String,
    /// Name shown to people.
    pub label: String,
    /// The one taken when none is chosen. Exactly one reason is.
    pub is_default: bool,
    /// Whether the time counts as paid.
    pub paid: bool,
}

/// What an agent is doing, as `acd` decided it. One owner: `acd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Not logged in.
    LoggedOut,
    /// Free for a call.
    Available,
    /// An offer rings or is about to.
    Offered,
    /// On a call.
    Talking,
    /// Finishing after a queue call.
    WrapUp,
    /// Paused, by choice or after too many misses.
    Paused,
    /// Logged in, and the phone is not registered or does not answer.
    Unreachable,
}
