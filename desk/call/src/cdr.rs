//! The call record.

mod fold;
mod had_by;

use carillon_model::{
    AgentId, CallId, CallKind, Disposed, Ending, LegId, LegRole, Name, Number, OfferId, OfferOutcome, Origin, PhoneId, Quality, QueueExit,
    QueueId, RecordingId, TicketId, TrunkId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{fold::CdrBuilder, had_by::Had};

/// What is known of one call. Times are wall clock; durations are milliseconds of the monotonic clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cdr {
    /// The call.
    pub call: CallId,
    /// Short number people use for it.
    pub number: u64,
    /// What it is.
    pub kind: CallKind,
    /// Where it came from.
    pub origin: Origin,
    /// Who called.
    pub caller: Number,
    /// The caller's display name.
    pub caller_name: Option<Name>,
    /// What was dialled.
    pub called: Number,
    /// Number of the party the caller first spoke with.
    pub connected: Option<Number>,
    /// The first agent who spoke, whichever side the agent was on.
    pub agent: Option<AgentId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When the caller and an agent or callee first heard each other. An answered greeting or queue is no answer.
    pub answered_at: Option<Timestamp>,
    /// When it ended; `None` while it lives.
    pub ended_at: Option<Timestamp>,
    /// Who ended it and why.
    pub ending: Option<Ending>,
    /// Time in which at least one dialled leg had not answered yet.
    pub ring_ms: u64,
    /// Time in queues.
    pub wait_ms: u64,
    /// Time in which two parties of the call talked, holds among it.
    pub talk_ms: u64,
    /// Time of it in which somebody was on hold.
    #[serde(default)]
    pub hold_ms: u64,
    /// From the start to the end, or to the last fact so far.
    pub total_ms: u64,
    /// Each waiting in a queue.
    pub queues: Vec<CdrQueue>,
    /// Each offer to an agent.
    pub offers: Vec<CdrOffer>,
    /// Each leg, the caller's first.
    pub legs: Vec<CdrLeg>,
    /// Each time a party gave the call on.
    #[serde(default)]
    pub transfers: Vec<CdrTransfer>,
    /// Each consent announcement heard to its end.
    pub consents: Vec<CdrConsent>,
    /// Each recording.
    pub recordings: Vec<CdrRecording>,
    /// How the call was classed.
    pub disposition: Option<CdrDisposition>,
}

/// One waiting in a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CdrQueue {
    /// The waiting.
    pub ticket: TicketId,
    /// The queue.
    pub queue: QueueId,
    /// Who waited, where it was not the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<Number>,
    /// When it began.
    pub queued_at: Timestamp,
    /// When it ended.
    pub left_at: Option<Timestamp>,
    /// How long it was.
    pub wait_ms: u64,
    /// Why it ended.
    pub exit: Option<QueueExit>,
}

/// One offer to one agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CdrOffer {
    /// The offer.
    pub offer: OfferId,
    /// The waiting it was for.
    pub ticket: TicketId,
    /// The queue.
    pub queue: QueueId,
    /// The agent.
    pub agent: AgentId,
    /// The phone that was to ring.
    pub phone: PhoneId,
    /// When it was made.
    pub offered_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<OfferOutcome>,
}

/// One leg.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CdrLeg {
    /// The leg.
    pub leg: LegId,
    /// Whose it is.
    pub role: LegRole,
    /// The party's number.
    pub party: Number,
    /// The agent behind it.
    pub agent: Option<AgentId>,
    /// The phone, when it is one of ours.
    pub phone: Option<PhoneId>,
    /// The trunk, when it goes through one.
    pub trunk: Option<TrunkId>,
    /// The offer it was dialled for.
    pub offer: Option<OfferId>,
    /// When it was made.
    pub started_at: Timestamp,
    /// When the far end rang.
    pub ringing_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Of a supervisor's leg: when it took the agent's place. Until then the supervisor was beside the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_over_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who ended it and why.
    pub ending: Option<Ending>,
    /// Final SIP status, when one decided it.
    pub status: Option<u16>,
    /// How its media was.
    pub quality: Option<Quality>,
}

/// One transfer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CdrTransfer {
    /// The leg of who gave the call on.
    pub by: LegId,
    /// To whom: a phone, a number, the name of a queue.
    pub to: Number,
    /// Whether the two had spoken before.
    pub attended: bool,
    /// When.
    pub at: Timestamp,
}

/// One consent announcement heard to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CdrConsent {
    /// The leg that heard it.
    pub leg: LegId,
    /// Name of the prompt.
    pub prompt: String,
    /// When it ended.
    pub heard_at: Timestamp,
}

/// How a call was classed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CdrDisposition {
    /// How, and by whom.
    #[serde(flatten)]
    pub disposed: Disposed,
    /// When.
    pub at: Timestamp,
}

/// One recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CdrRecording {
    /// The recording.
    pub recording: RecordingId,
    /// The queue the call came through.
    pub queue: Option<QueueId>,
    /// The agent recorded first.
    pub agent: Option<AgentId>,
    /// File name below the recordings folder.
    pub file: String,
    /// Start of the recording span.
    pub started_at: Timestamp,
    /// End of the recording span.
    pub stopped_at: Option<Timestamp>,
    /// Length of the span: what the file's length is compared with.
    pub span_ms: u64,
    /// Length of the audio; `None` until the file is closed.
    pub length_ms: Option<u64>,
    /// Bytes of the file; `None` until it is closed.
    pub bytes: Option<u64>,
    /// Milliseconds that could not be written and stand as silence.
    pub gap_ms: u64,
    /// What went wrong with the file.
    pub error: Option<String>,
}
