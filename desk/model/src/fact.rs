//! What happened: the journal's facts. Figures, call records and the live page are all derived from these and nothing else.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, Alarm, AlarmCause, CallId, Disposed, EndedBy, Ending, LegId, Name, Note, Number, OfferId, OfferOutcome, PauseId,
    PhoneId, QueueId, Reason, RecordingId, TicketId, TrunkId, TrunkTrouble, UserId,
};

/// A fact with its place in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Which run of the server wrote it; grows with each start.
    pub epoch: u64,
    /// Its number within the epoch, from 1, without gaps.
    pub seq: u64,
    /// Wall clock when it happened.
    pub at: Timestamp,
    /// Milliseconds of the monotonic clock since the epoch began: what durations are computed from.
    pub mono_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// From a trunk to us.
    Inbound,
    /// From one of our phones to a trunk.
    Outbound,
    /// Between our phones, or from a phone to a queue.
    Internal,
    /// Made by the dialer.
    Dialer,
    /// Feature codes; hidden in lists.
    Service,
}

/// Where a call came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A trunk.
    Trunk(TrunkId),
    /// A registered phone.
    Phone(PhoneId),
}

/// Whose leg it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LegRole {
    /// The leg the call began with.
    Caller,
    /// An agent asked by a queue.
    Agent,
    /// Anybody else who was dialled.
    Callee,
    /// A supervisor beside an agent who talks.
    Supervisor,
}

/// How a supervisor takes part in a talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Supervision {
    /// Hears all, and is heard by nobody.
    Listen,
    /// Hears all, and is heard by the agent alone.
    Whisper,
    /// Hears all, and is heard by all.
    Barge,
}

/// What is heard of a leg while somebody listens to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Hearing {
    /// Audio comes.
    #[default]
    Heard,
    /// Nothing comes: audio goes one way alone.
    NothingComes,
    /// Audio comes, and no sound has been in it for long.
    Silence,
}

/// Why a call left a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QueueExit {
    /// An agent took it.
    Answered,
    /// The caller hung up.
    Abandoned,
    /// It waited as long as the queue allows.
    Timeout,
    /// The queue was full.
    Full,
    /// Nobody is logged in, and the dialplan does not let callers wait for nobody.
    NoAgents,
    /// A supervisor, a shutdown or a lost server ended it.
    Ended,
}

/// How the media of a leg was. Integers, scaled, so that both databases keep them exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Quality {
    /// RTP packets received and taken.
    pub received: u64,
    /// RTP packets sent.
    pub sent: u64,
    /// Packets that never came, by sequence number.
    pub lost: u64,
    /// Packets refused: wrong source, malformed, unknown payload type.
    pub refused: u64,
    /// Interarrival jitter (RFC 3550 6.4.1), microseconds.
    pub jitter_us: u32,
    /// Mean opinion score times 100, by the E-model (ITU-T G.107).
    pub mos_x100: u32,
    /// Five seconds each, and more in a leg of hours; the whole of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moments: Vec<QualityMoment>,
}

/// How the media of a leg was for some seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct QualityMoment {
    /// When it ended, in seconds since the leg's media began.
    pub at_s: u32,
    /// What we heard of the other side.
    pub heard: QualityOneWay,
    /// What the other side says it heard of us (RTCP); absent where it says nothing.
    pub told: Option<QualityOneWay>,
    /// Round trip by RTCP, milliseconds; absent before it is known.
    pub round_trip_ms: Option<u32>,
}

/// One direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct QualityOneWay {
    /// Packets lost, of a thousand.
    pub lost_permille: u32,
    /// Interarrival jitter, microseconds.
    pub jitter_us: u32,
    /// Mean opinion score times 100; 0: nothing came.
    pub mos_x100: u32,
}

/// What happened. The serialised names are the API's event types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data")]
pub enum Fact {
    /// The server began an epoch.
    #[serde(rename = "server.started")]
    ServerStarted {
        /// Version of the binary.
        version: String,
    },
    /// The server ended an epoch on purpose.
    #[serde(rename = "server.stopped")]
    ServerStopped {},

    /// Something is wrong with the server itself; calls go on.
    #[serde(rename = "alarm.raised")]
    AlarmRaised {
        /// What.
        alarm: Alarm,
        /// What is known of it.
        #[serde(default)]
        causes: Vec<AlarmCause>,
    },
    /// It is over.
    #[serde(rename = "alarm.cleared")]
    AlarmCleared {
        /// What.
        alarm: Alarm,
    },

    /// A call began. Committed before its INVITE is answered with 180 or 200.
    #[serde(rename = "call.started")]
    CallStarted {
        /// The call.
        call: CallId,
        /// Short number people use for it.
        number: u64,
        /// What it is.
        kind: CallKind,
        /// Where it came from.
        origin: Origin,
        /// Who calls.
        caller: Number,
        /// The caller's display name, if any.
        caller_name: Option<Name>,
        /// What was dialled.
        called: Number,
    },
    /// The call entered a step of its dialplan.
    #[serde(rename = "call.step")]
    CallStep {
        /// The call.
        call: CallId,
        /// Name of the step.
        step: String,
    },
    /// The caller pressed a key in a menu.
    #[serde(rename = "call.menu")]
    CallMenu {
        /// The call.
        call: CallId,
        /// Name of the menu step.
        step: String,
        /// The key, or `None`: nothing pressed in time or a wrong key to the end.
        key: Option<char>,
    },
    /// The consent announcement was heard to its end.
    #[serde(rename = "call.consent")]
    CallConsent {
        /// The call.
        call: CallId,
        /// The leg that heard it.
        leg: LegId,
        /// Name of the prompt.
        prompt: String,
    },
    /// The call began to wait in a queue.
    #[serde(rename = "call.queued")]
    CallQueued {
        /// The call.
        call: CallId,
        /// The waiting.
        ticket: TicketId,
        /// The queue.
        queue: QueueId,
        /// Who waits, where it is not the caller: somebody we called, and then gave to the queue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<Number>,
    },
    /// The call stopped waiting in a queue.
    #[serde(rename = "call.dequeued")]
    CallDequeued {
        /// The call.
        call: CallId,
        /// The waiting.
        ticket: TicketId,
        /// The queue.
        queue: QueueId,
        /// Why.
        exit: QueueExit,
    },
    /// Two legs hear each other.
    #[serde(rename = "call.bridged")]
    CallBridged {
        /// The call.
        call: CallId,
        /// The caller's side.
        a: LegId,
        /// The other side.
        b: LegId,
    },
    /// An emergency number was dialled: supervisors are alarmed.
    #[serde(rename = "call.emergency")]
    EmergencyDialled {
        /// The call.
        call: CallId,
        /// The phone it was dialled on.
        phone: PhoneId,
        /// Who works with the phone, if anybody.
        agent: Option<AgentId>,
        /// The number.
        number: Number,
    },
    /// A party was put on hold: it hears music and nobody hears it.
    #[serde(rename = "call.held")]
    CallHeld {
        /// The call.
        call: CallId,
        /// The leg that waits.
        leg: LegId,
        /// The leg of who put it on hold.
        by: LegId,
    },
    /// A party on hold is spoken with again.
    #[serde(rename = "call.resumed")]
    CallResumed {
        /// The call.
        call: CallId,
        /// The leg that waited.
        leg: LegId,
    },
    /// Whoever asked somebody speaks with both, and they with each other.
    #[serde(rename = "call.three_way")]
    CallThreeWay {
        /// The call.
        call: CallId,
        /// The leg of who asked.
        by: LegId,
        /// The leg of whom was asked.
        asked: LegId,
    },
    /// A supervisor takes part, or does so otherwise than before; until the leg ends.
    #[serde(rename = "call.supervised")]
    CallSupervised {
        /// The call.
        call: CallId,
        /// The supervisor's leg.
        leg: LegId,
        /// Who.
        supervisor: UserId,
        /// How.
        mode: Supervision,
        /// The leg of the agent it is about.
        beside: LegId,
    },
    /// A party gave the call on.
    #[serde(rename = "call.transferred")]
    CallTransferred {
        /// The call.
        call: CallId,
        /// The leg of who gave it on.
        by: LegId,
        /// To whom: a phone, a number, the name of a queue.
        to: Number,
        /// Whether the two had spoken before.
        attended: bool,
    },
    /// The call is over. Nothing of it follows but a recording's closing and how it was classed.
    #[serde(rename = "call.ended")]
    CallEnded {
        /// The call.
        call: CallId,
        /// Who and why.
        #[serde(flatten)]
        ending: Ending,
    },

    /// The call was classed, after its end. A later one takes the place of an earlier.
    #[serde(rename = "call.disposed")]
    CallDisposed {
        /// The call.
        call: CallId,
        /// How, and by whom.
        #[serde(flatten)]
        disposed: Disposed,
    },

    /// A leg was made: the caller's by its INVITE, others by dialling.
    #[serde(rename = "leg.started")]
    LegStarted {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Whose it is.
        role: LegRole,
        /// The party's number: the phone, the trunk number, the caller.
        party: Number,
        /// The agent, for an agent's leg.
        agent: Option<AgentId>,
        /// The phone, when it is one of ours.
        phone: Option<PhoneId>,
        /// The trunk, when it goes through one.
        trunk: Option<TrunkId>,
        /// The offer it was dialled for.
        offer: Option<OfferId>,
    },
    /// The far end rings.
    #[serde(rename = "leg.ringing")]
    LegRinging {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
    },
    /// The leg was answered, by us (caller's leg) or by the far end.
    #[serde(rename = "leg.answered")]
    LegAnswered {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
    },
    /// What is heard of the leg has changed.
    #[serde(rename = "leg.hearing")]
    LegHearing {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// What is heard of it now.
        hearing: Hearing,
    },
    /// The leg is over.
    #[serde(rename = "leg.ended")]
    LegEnded {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Who and why.
        #[serde(flatten)]
        ending: Ending,
        /// Final SIP status, when one decided it.
        status: Option<u16>,
        /// How its media was, if it had any.
        quality: Option<Quality>,
    },

    /// A waiting call is offered to an agent.
    #[serde(rename = "offer.created")]
    OfferCreated {
        /// The offer.
        offer: OfferId,
        /// The call.
        call: CallId,
        /// The waiting it is for.
        ticket: TicketId,
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
        /// The phone that rings.
        phone: PhoneId,
        /// When it runs out.
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        until: Timestamp,
    },
    /// The offer ended.
    #[serde(rename = "offer.ended")]
    OfferEnded {
        /// The offer.
        offer: OfferId,
        /// The call.
        call: CallId,
        /// The agent.
        agent: AgentId,
        /// How.
        outcome: OfferOutcome,
    },

    /// Recording began: the start of the recording span.
    #[serde(rename = "recording.started")]
    RecordingStarted {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// The queue, if the call came through one.
        queue: Option<QueueId>,
        /// The agent who answered first.
        agent: Option<AgentId>,
        /// File name below the recordings folder.
        file: String,
    },
    /// Recording was told to end: the end of the recording span.
    #[serde(rename = "recording.stopped")]
    RecordingStopped {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
    },
    /// Recording goes on in silence: what is said now is in no file.
    #[serde(rename = "recording.paused")]
    RecordingPaused {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// The agent who wished it.
        agent: AgentId,
    },
    /// What is said is recorded again.
    #[serde(rename = "recording.resumed")]
    RecordingResumed {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// The agent who wished it.
        agent: AgentId,
    },
    /// The file is whole and closed.
    #[serde(rename = "recording.closed")]
    RecordingClosed {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// Length of the audio in milliseconds.
        length_ms: u64,
        /// Bytes of the file.
        bytes: u64,
        /// Milliseconds of audio that could not be written and stand as silence.
        gap_ms: u64,
        /// What went wrong with the file, if anything did.
        error: Option<String>,
    },

    /// An agent logged in with a phone.
    #[serde(rename = "agent.logged_in")]
    AgentLoggedIn {
        /// The agent.
        agent: AgentId,
        /// The phone claimed for the session.
        phone: PhoneId,
    },
    /// An agent logged out and the phone is free.
    #[serde(rename = "agent.logged_out")]
    AgentLoggedOut {
        /// The agent.
        agent: AgentId,
        /// Who did it.
        by: EndedBy,
    },
    /// An agent's state changed.
    #[serde(rename = "agent.state")]
    AgentStateChanged {
        /// The agent.
        agent: AgentId,
        /// The new state.
        state: AgentState,
        /// The pause reason, when paused; `None` when paused after misses.
        pause: Option<PauseId>,
        /// The call concerned, when offered, talking or in wrap-up.
        call: Option<CallId>,
        /// When the state ends by itself (wrap-up, offer).
        #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
        until: Option<Timestamp>,
        /// Why, when the server did it by itself (misses, unreachable).
        why: Option<Reason>,
    },

    /// An agent takes nothing from one queue meanwhile, and stays open for others; until the next such fact of both, or
    /// `agent.queue_resumed`, which comes before a log-out too.
    #[serde(rename = "agent.queue_paused")]
    AgentQueuePaused {
        /// The agent.
        agent: AgentId,
        /// The queue.
        queue: QueueId,
        /// The reason.
        pause: PauseId,
    },
    /// An agent takes calls from that queue again as from the others.
    #[serde(rename = "agent.queue_resumed")]
    AgentQueueResumed {
        /// The agent.
        agent: AgentId,
        /// The queue.
        queue: QueueId,
    },

    /// A supervisor wrote to an agent, whose desktop shows it.
    #[serde(rename = "agent.noted")]
    AgentNoted {
        /// The agent.
        agent: AgentId,
        /// Who wrote.
        by: UserId,
        /// That person's name, as it was then.
        by_name: Name,
        /// What.
        note: Note,
    },

    /// A phone can be called.
    #[serde(rename = "phone.reachable")]
    PhoneReachable {
        /// The phone.
        phone: PhoneId,
        /// What it says it is (User-Agent), cut to 100 characters.
        user_agent: Option<String>,
    },
    /// A phone cannot be called any more.
    #[serde(rename = "phone.unreachable")]
    PhoneUnreachable {
        /// The phone.
        phone: PhoneId,
        /// Why: unregistered, expired, connection lost.
        why: Reason,
    },

    /// A trunk can be had: its registration holds if it needs one, and it answers if it is asked.
    #[serde(rename = "trunk.up")]
    TrunkUp {
        /// The trunk.
        trunk: TrunkId,
    },
    /// A trunk cannot be had.
    #[serde(rename = "trunk.down")]
    TrunkDown {
        /// The trunk.
        trunk: TrunkId,
        /// Why.
        #[serde(default)]
        troubles: Vec<TrunkTrouble>,
    },
}

impl Fact {
    /// The call a fact belongs to, if it belongs to one.
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::CallStarted { call, .. }
            | Self::CallStep { call, .. }
            | Self::CallMenu { call, .. }
            | Self::CallConsent { call, .. }
            | Self::CallQueued { call, .. }
            | Self::CallDequeued { call, .. }
            | Self::CallBridged { call, .. }
            | Self::EmergencyDialled { call, .. }
            | Self::CallHeld { call, .. }
            | Self::CallResumed { call, .. }
            | Self::CallThreeWay { call, .. }
            | Self::CallSupervised { call, .. }
            | Self::CallTransferred { call, .. }
            | Self::CallEnded { call, .. }
            | Self::CallDisposed { call, .. }
            | Self::LegStarted { call, .. }
            | Self::LegRinging { call, .. }
            | Self::LegAnswered { call, .. }
            | Self::LegHearing { call, .. }
            | Self::LegEnded { call, .. }
            | Self::OfferCreated { call, .. }
            | Self::OfferEnded { call, .. }
            | Self::RecordingStarted { call, .. }
            | Self::RecordingStopped { call, .. }
            | Self::RecordingPaused { call, .. }
            | Self::RecordingResumed { call, .. }
            | Self::RecordingClosed { call, .. } => Some(*call),
            Self::AgentStateChanged { call, .. } => *call,
            Self::ServerStarted { .. }
            | Self::ServerStopped {}
            | Self::AlarmRaised { .. }
            | Self::AlarmCleared { .. }
            | Self::AgentLoggedIn { .. }
            | Self::AgentLoggedOut { .. }
            | Self::AgentNoted { .. }
            | Self::AgentQueuePaused { .. }
            | Self::AgentQueueResumed { .. }
            | Self::PhoneReachable { .. }
            | Self::PhoneUnreachable { .. }
            | Self::TrunkUp { .. }
            | Self::TrunkDown { .. } => None,
        }
    }
}
