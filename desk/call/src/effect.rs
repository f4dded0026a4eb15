//! What a call wants done.

use carillon_model::{CallToAcd, Fact, LegId, Name, Number, PhoneId, PlayId, Reason, RecordingId, TrunkId};

use crate::{FeatureRequest, Keys};

/// Whom to dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every reachable device of one of our phones.
    Phone(PhoneId),
    /// A number through a trunk.
    Trunk {
        /// The trunk.
        trunk: TrunkId,
        /// The number to send there.
        number: Number,
        /// Emergency services: no cap of the trunk keeps it.
        emergency: bool,
    },
}

/// How somebody is to take a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// As they like.
    ByHand,
    /// The phone answers by itself, in the way its model knows: its user asked for the call.
    AtOnce,
    /// The page answers by itself: it was on this call and comes back to it.
    ToReturn,
}

/// A tone a party hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It rings at the other end.
    Ringback,
    /// Nobody there can be had.
    Busy,
}

/// An output of [`crate::Call`]. No effect names a leg that has ended, nor one that an earlier effect refused or hung up.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell the caller that it rings (180).
    Ring {
        /// The caller's leg.
        leg: LegId,
    },
    /// Let the caller hear audio before the answer (183). `LegEarly` follows where the caller can.
    Progress {
        /// The caller's leg.
        leg: LegId,
    },
    /// Answer the caller (200). `LegAnswered` follows, or `LegEnded`.
    Answer {
        /// The caller's leg.
        leg: LegId,
    },
    /// Turn the unanswered caller away with the status that tells the reason. `LegEnded` follows.
    Refuse {
        /// The caller's leg.
        leg: LegId,
        /// Why.
        reason: Reason,
    },
    /// Make a new leg. `LegEnded` follows in the end, also when it could not be made.
    Dial {
        /// The leg's id.
        leg: LegId,
        /// Whom.
        target: Target,
        /// The number shown to who is called.
        from: Number,
        /// The name shown with it.
        from_name: Option<Name>,
        /// How the call is to be taken there.
        taking: Taking,
    },
    /// End a leg whatever its state: CANCEL or BYE, with a Reason header where the reason asks for one. `LegEnded` follows.
    HangUp {
        /// The leg.
        leg: LegId,
        /// Why.
        reason: Reason,
    },
    /// Play prompts, one after the other, in place of what the leg hears now. `PlayEnded` follows.
    Play {
        /// The leg.
        leg: LegId,
        /// The play.
        play: PlayId,
        /// Names of the prompts.
        sounds: Vec<String>,
    },
    /// Play music until told otherwise.
    PlayMusic {
        /// The leg.
        leg: LegId,
        /// The play.
        play: PlayId,
        /// Name of the music.
        music: String,
    },
    /// Play a tone until told otherwise.
    PlayTone {
        /// The leg.
        leg: LegId,
        /// The play.
        play: PlayId,
        /// The tone.
        tone: Tone,
    },
    /// Play nothing more on this leg.
    StopPlay {
        /// The leg.
        leg: LegId,
    },
    /// Let two legs hear each other.
    Bridge {
        /// The caller's side.
        a: LegId,
        /// The other side.
        b: LegId,
    },
    /// The same before one of them is answered: whoever says nothing yet is not missed.
    BridgeEarly {
        /// The caller's side.
        a: LegId,
        /// The other side.
        b: LegId,
    },
    /// The bridge a leg is in ends: neither side hears the other.
    Unbridge {
        /// Either leg.
        leg: LegId,
    },
    /// Let legs hear each other, each those named beside it and nobody else; in place of bridges and of what plays to them. One conference a
    /// call: it is said whole each time. A bridge takes a leg out of it.
    Mix {
        /// The legs, and whom each hears.
        hears: Vec<(LegId, Vec<LegId>)>,
    },
    /// Press keys towards the far end of a leg, as its telephone would.
    Press {
        /// The leg.
        leg: LegId,
        /// The keys.
        keys: Keys,
    },
    /// Begin a recording; the right side is silent until it is set.
    StartRecording {
        /// The recording.
        recording: RecordingId,
        /// The leg on the left: who is outside; of two of ours the caller.
        left: LegId,
        /// File name below the recordings folder: `YYYY/MM/DD/<recording>.wav`, by UTC.
        file: String,
    },
    /// Whom the recording's left side takes from here on; nobody is silence.
    SetRecordingLeft {
        /// The recording.
        recording: RecordingId,
        /// The leg on the left.
        left: Option<LegId>,
    },
    /// Whom the recording's right side takes from here on; nobody is silence.
    SetRecordingRight {
        /// The recording.
        recording: RecordingId,
        /// The leg on the right.
        right: Option<LegId>,
    },
    /// A recording's right side takes from here on what its left leg hears of the conference. Setting the right side ends it.
    RecordMix {
        /// The recording.
        recording: RecordingId,
        /// Who is not recorded though the left leg hears it: a supervisor who whispers.
        without: Option<LegId>,
    },
    /// End a recording. `RecordingClosed` follows.
    StopRecording {
        /// The recording.
        recording: RecordingId,
    },
    /// Do what somebody at a telephone wants. `FeatureDone` follows.
    Feature {
        /// The telephone.
        phone: PhoneId,
        /// What.
        request: FeatureRequest,
    },
    /// Tell `acd`.
    Acd(CallToAcd),
    /// Write to the journal. The first is always [`Fact::CallStarted`]; give `Event::Committed` once that one is on disk.
    Fact(Fact),
    /// The last effect: every leg is closed, every fact is out, the call can be dropped.
    Over,
}
