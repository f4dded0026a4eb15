//! Who ended a thing, and why. Every call, leg and offer ends with both.

use serde::{Deserialize, Serialize};

/// Who brought an ending about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The party who called.
    Caller,
    /// The agent, on the phone or by the desktop.
    Agent,
    /// The party who was called and is not an agent.
    Callee,
    /// A supervisor or administrator, by the API.
    Supervisor,
    /// The dialplan came to its end or told the call to hang up.
    Dialplan,
    /// This server.
    System,
    /// The network or a peer's device: no answer to requests, no media.
    Network,
}

/// Why a call, a leg or a piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A party hung up an answered call.
    HungUp,
    /// The caller gave up before anybody answered.
    Cancelled,
    /// It rang until its time was over.
    NoAnswer,
    /// The device or person was busy (486, 600).
    Busy,
    /// The person declined (603) or pressed Decline.
    Rejected,
    /// No registered device, a 5xx, or no answer to the request at all.
    Unreachable,
    /// The device tried to send the call elsewhere (3xx).
    Redirected,
    /// Another device took the call first.
    AnsweredElsewhere,
    /// The answer came after the offer had ended.
    AnsweredLate,
    /// The dialled number exists nowhere here.
    NumberUnknown,
    /// The number is known, and no trunk or phone could take it.
    NoRoute,
    /// The caller may not make this call.
    Forbidden,
    /// Nobody is logged in to the queue.
    NoAgents,
    /// The caller waited as long as the queue allows.
    QueueTimeout,
    /// The queue takes no more callers.
    QueueFull,
    /// The dialplan ended the call.
    PlanEnded,
    /// The dialplan could not go on (a prompt is missing, a step failed).
    PlanFailed,
    /// The two sides share no codec or transport, or the SDP made no sense (488).
    MediaNotAcceptable,
    /// No RTP came for longer than the limit.
    MediaTimeout,
    /// The peer broke the protocol.
    ProtocolError,
    /// The peer stopped answering requests, or its connection broke.
    PeerLost,
    /// This server has no room for more (ports, calls, memory).
    Overload,
    /// This server is shutting down.
    ShuttingDown,
    /// The server ended without closing the call, found at the next start, or failed in the middle of it.
    ServerLost,
    /// The leg the work was for is gone.
    OtherLegEnded,
    /// The party gave the call on to somebody else.
    Transferred,
}

/// Who and why, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Ending {
    /// Who brought it about.
    pub by: EndedBy,
    /// Why.
    pub reason: Reason,
}

impl Ending {
    /// Pairs the two.
    pub const fn new(by: EndedBy, reason: Reason) -> Self {
        Self { by, reason }
    }
}

/// How an offer to an agent ended; `acd` decides from it who is asked next and what becomes of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OfferOutcome {
    /// The agent answered and the claim was granted.
    Answered,
    /// It rang until the offer's time was over. Counts as a miss.
    NoAnswer,
    /// The phone said busy. Counts as no miss: the agent is on a call of their own.
    Busy,
    /// The agent declined. Counts as a miss.
    Declined,
    /// The phone could not be reached. The agent is set unreachable, no miss.
    Unreachable,
    /// The caller left first. No miss.
    CallerGone,
    /// Another agent answered first. No miss.
    AnsweredElsewhere,
    /// Taken back for another cause (agent logged out, queue closed, shutdown). No miss.
    Withdrawn,
}

/// Why `acd` refuses a claim; the leg that answered is hung up with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The offer's time was over.
    Expired,
    /// Another agent holds the call.
    Taken,
    /// The offer had been taken back.
    Withdrawn,
    /// No such offer.
    Unknown,
}
