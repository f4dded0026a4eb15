//! What happens to a call.

use crate::FeatureOutcome;
use carillon_model::{AcdToCall, Ending, Hearing, LegId, PlayId, Quality, Reason, RecordingId};

/// Which end of a leg ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegEnd {
    /// The far end: BYE, CANCEL, or a final answer that was no.
    Remote,
    /// This server.
    Local,
    /// Nobody on purpose: no answer to requests, a broken connection.
    Network,
}

/// An input of [`crate::Call`]. Events of legs, plays and recordings the call does not know, or knows to have ended, change nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The call's start is on disk: from here on its caller may be rung and answered.
    Committed,
    /// The far end of a dialled leg rings.
    LegRinging {
        /// The leg.
        leg: LegId,
    },
    /// Audio flows on a leg that was not answered: whom we dialled says it, or the caller took what [`Effect::Progress`](crate::Effect) offered.
    LegEarly {
        /// The leg.
        leg: LegId,
    },
    /// A dialled leg was answered, or the answer given to the caller's leg is agreed and its media flows.
    LegAnswered {
        /// The leg.
        leg: LegId,
    },
    /// The leg is over. Comes exactly once a leg, after everything else about it, with the quality of its media attached.
    LegEnded {
        /// The leg.
        leg: LegId,
        /// Which end.
        by: LegEnd,
        /// Final SIP status, when one decided it.
        status: Option<u16>,
        /// Why.
        reason: Reason,
        /// How its media was, if it had any.
        quality: Option<Quality>,
    },
    /// A key was pressed, once, whatever way it came.
    Digit {
        /// The leg.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// Prompts ended. Music and tones need not be reported.
    PlayEnded {
        /// The leg.
        leg: LegId,
        /// The play.
        play: PlayId,
        /// Whether they were played to their end; otherwise they could not be played, were stopped, or the leg is closing.
        completed: bool,
    },
    /// No media has come from the far end for longer than the limit.
    MediaLost {
        /// The leg.
        leg: LegId,
    },
    /// What is heard of a leg has changed.
    LegHearing {
        /// The leg.
        leg: LegId,
        /// What is heard of it now.
        hearing: Hearing,
    },
    /// A phone put the other side on hold or takes it back by itself (re-INVITE).
    LegHolds {
        /// The leg of the phone.
        leg: LegId,
        /// Whether it holds.
        holds: bool,
    },
    /// What somebody at a telephone wanted is done, or not.
    FeatureDone(FeatureOutcome),
    /// A message of `acd`.
    Acd(AcdToCall),
    /// Somebody outside the call ends it: a person by the API, or the server for a reason of its own.
    HangUp {
        /// Who and why.
        ending: Ending,
    },
    /// The recording's file is whole and closed.
    RecordingClosed {
        /// The recording.
        recording: RecordingId,
        /// Length of the audio in milliseconds.
        length_ms: u64,
        /// Bytes of the file.
        bytes: u64,
        /// Milliseconds that could not be written and stand as silence.
        gap_ms: u64,
        /// What went wrong with the file, if anything did.
        error: Option<String>,
    },
    /// The server is shutting down and its grace time is over: the call ends now.
    Drain,
}
