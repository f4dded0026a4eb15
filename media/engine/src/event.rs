//! What the media threads tell.

use crate::{Hearing, LegId, PlayId, RecordingId};

/// Something that happened on a leg or to a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The leg's source is known: from now on nobody else is heard.
    Latched {
        /// The leg.
        leg: LegId,
    },
    /// A digit was pressed (RFC 4733), once a press.
    Digit {
        /// The leg.
        leg: LegId,
        /// `0` to `9`, `*`, `#`, `A` to `D`.
        digit: char,
        /// How long it was held.
        duration_ms: u32,
    },
    /// A play is over: exactly once each.
    PlayEnded {
        /// The leg.
        leg: LegId,
        /// Which play.
        play: PlayId,
        /// Whether it was heard to its end.
        completed: bool,
    },
    /// No packet came for the configured time although packets are expected.
    MediaLost {
        /// The leg.
        leg: LegId,
    },
    /// Packets come again after `MediaLost`.
    MediaBack {
        /// The leg.
        leg: LegId,
    },
    /// What is heard of a leg has changed: nothing for some seconds though somebody listens, no sound for longer, or sound again.
    Hearing {
        /// The leg.
        leg: LegId,
        /// What is heard now.
        hearing: Hearing,
    },
    /// The leg's peer has sent no check for so long that it may be sent nothing any more (RFC 7675): it is gone.
    ConsentLost {
        /// The leg.
        leg: LegId,
    },
    /// The leg's media cannot be kept from others as was agreed: nothing is sent or heard there.
    SecurityFailed {
        /// The leg.
        leg: LegId,
        /// What went wrong, for the log.
        why: String,
    },
    /// The leg is closed and its ports are free; the last event about it.
    LegClosed {
        /// The leg.
        leg: LegId,
        /// What it carried.
        report: LegReport,
    },
    /// The recording's file is closed and on disk; the last event about it.
    RecordingClosed {
        /// The recording.
        recording: RecordingId,
        /// Length in frames (8000 a second).
        frames: u64,
        /// Size of the file.
        bytes: u64,
        /// Sound that was lost because the writer could not keep up or the disk refused; it is silence in the file, or missing at its end.
        gap_ms: u64,
        /// Why the file ends before the recording did, or is not there, if so.
        error: Option<String>,
    },
}

/// What one leg carried, told when it closes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegReport {
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
    /// The same every five seconds, both ways.
    pub moments: Vec<Moment>,
}

/// How some seconds of a leg were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// When they ended, in seconds since the leg was opened.
    pub at_s: u32,
    /// What was heard of the other side.
    pub heard: OneWay,
    /// What the other side last said it heard of us.
    pub told: Option<OneWay>,
    /// Round trip by RTCP, milliseconds.
    pub round_trip_ms: Option<u32>,
}

/// One direction for some seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OneWay {
    /// Packets lost, of a thousand.
    pub lost_permille: u32,
    /// Interarrival jitter, microseconds.
    pub jitter_us: u32,
    /// Mean opinion score times 100; 0: nothing came.
    pub mos_x100: u32,
}

/// Whom the threads tell.
pub(crate) type Tell = std::sync::Arc<dyn Fn(Event) + Send + Sync>;
