//! What a media thread can be told to do.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use carillon_media_secure::{Credentials, Keying};

use crate::{Codec, LegId, MixId, PlayId, RecordingId, SoundName};

/// An order for one media thread. Orders about legs and recordings the thread does not have are ignored,
/// except that `Play` and `StartRecording` always lead to their ending event.
#[derive(Debug, Clone)]
pub enum Command {
    /// What offer and answer agreed. Comes again after a re-INVITE: a new address is latched anew.
    SetMedia {
        /// The leg.
        leg: LegId,
        /// What was agreed.
        media: LegMedia,
    },
    /// Plays to the leg; what it was hearing stops (a bridge is heard again afterwards).
    Play {
        /// The leg that hears it.
        leg: LegId,
        /// Comes back in `Event::PlayEnded`, exactly once.
        play: PlayId,
        /// What it hears.
        source: Source,
    },
    /// Stops what is played to the leg.
    StopPlay {
        /// The leg.
        leg: LegId,
    },
    /// Presses keys towards the leg's far end, as telephone events (RFC 4733), one after the other behind those that wait; sound for it
    /// is left out meanwhile. Nothing where none were agreed or the far end holds, and nothing past 64 that wait.
    Press {
        /// The leg.
        leg: LegId,
        /// `0` to `9`, `*`, `#`, `A` to `D`; anything else is left out.
        keys: Vec<char>,
    },
    /// The two legs hear each other: plays stop, earlier bridges of either end. Both legs are on this thread.
    Bridge {
        /// One leg.
        a: LegId,
        /// The other.
        b: LegId,
    },
    /// The same before one of them is answered: audio is early, and whoever says nothing yet is not missed. A [`Command::Bridge`] of the
    /// same two makes a talk of it.
    BridgeEarly {
        /// One leg.
        a: LegId,
        /// The other.
        b: LegId,
    },
    /// Ends the bridge the leg is in.
    Unbridge {
        /// Either leg of the bridge.
        a: LegId,
    },
    /// Makes a conference what it shall be: who is in it, and whom each of them hears. All its legs are on this thread.
    ///
    /// The whole is said each time. Legs that are new leave their bridge, their other conference and their play; legs that are not
    /// named any more leave, and hear nothing until told otherwise; the others go on without a gap, and what they are being played goes
    /// on too. A change fades in and out within 20 ms. A mix nobody is in has ended; no members end it. Of more than
    /// [`crate::MOST_IN_A_MIX`] members the last are left out. A leg that closes leaves by itself.
    ///
    /// | | caller hears | agent hears | supervisor hears |
    /// |---|---|---|---|
    /// | three-way, barge | `Others` | `Others` | `Others` |
    /// | listen | `Only([agent])` | `Only([caller])` | `Others` |
    /// | whisper | `Only([agent])` | `Others` | `Others` |
    ///
    /// Each voice goes through a jitter buffer, which adds 40 to 60 ms on a good line; two legs alone are better bridged. Key presses are
    /// told as [`crate::Event::Digit`] and not sent on. A play to a leg in a mix is heard by that leg alone, in place of the mix.
    Mix {
        /// The conference.
        mix: MixId,
        /// Everybody in it.
        members: Vec<MixMember>,
    },
    /// The right channel of a recording is from now on what its left leg is to hear of its conference: everybody else who talks with the
    /// caller, and not a supervisor who only listens or whispers. A play to the left leg is not recorded. The left leg is in the mix;
    /// `SetRecordingRight` ends it, so does leaving the mix.
    RecordMix {
        /// The recording.
        recording: RecordingId,
        /// The conference its left leg is in.
        mix: MixId,
        /// Who is left out though the left leg hears it: a supervisor who whispers to it.
        without: Option<LegId>,
    },
    /// Starts a stereo recording of what is received from its legs.
    StartRecording {
        /// Comes back in `Event::RecordingClosed`, exactly once.
        recording: RecordingId,
        /// The left channel: the caller. Of one who has just hung up the file is silent: what is said to be recorded has one.
        left: LegId,
        /// The WAV file; its folder exists.
        path: PathBuf,
    },
    /// Says whose sound is the left channel from now on; silence when nobody's.
    SetRecordingLeft {
        /// The recording.
        recording: RecordingId,
        /// The left channel, if any.
        left: Option<LegId>,
    },
    /// Says whose sound is the right channel from now on; silence when nobody's.
    SetRecordingRight {
        /// The recording.
        recording: RecordingId,
        /// The right channel, if any.
        right: Option<LegId>,
    },
    /// Ends the recording: the file is as long as the time since its start.
    StopRecording {
        /// The recording.
        recording: RecordingId,
    },
    /// Closes the leg, frees its ports, answers with `Event::LegClosed`.
    CloseLeg {
        /// The leg.
        leg: LegId,
    },
}

impl Command {
    /// Orders that give something back are taken even from a queue too full for others.
    pub(crate) fn frees(&self) -> bool {
        match self {
            Self::Mix { members, .. } => members.is_empty(),
            Self::StopPlay { .. } | Self::Unbridge { .. } | Self::StopRecording { .. } | Self::CloseLeg { .. } => true,
            Self::SetMedia { .. }
            | Self::Play { .. }
            | Self::Press { .. }
            | Self::Bridge { .. }
            | Self::BridgeEarly { .. }
            | Self::RecordMix { .. }
            | Self::StartRecording { .. }
            | Self::SetRecordingLeft { .. }
            | Self::SetRecordingRight { .. } => false,
        }
    }
}

/// One leg of a conference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixMember {
    /// The leg.
    pub leg: LegId,
    /// Whom it hears.
    pub hears: Hears,
}

/// Whom a leg of a conference hears. Nobody ever hears himself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hears {
    /// Everybody else in it.
    Others,
    /// These, as far as they are in it; nobody, if none: it is sent silence.
    Only(Vec<LegId>),
}

impl Hears {
    /// Whether it hears that leg, if both are in it.
    pub(crate) fn includes(&self, leg: LegId) -> bool {
        match self {
            Self::Others => true,
            Self::Only(legs) => legs.contains(&leg),
        }
    }
}

/// What offer and answer agreed for one leg, as the server sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegMedia {
    /// Where the other side's SDP wants RTP; media goes there until a source is latched.
    pub remote: SocketAddr,
    /// The codec, both ways.
    pub codec: Codec,
    /// Its payload type.
    pub codec_pt: u8,
    /// Payload type of telephone events (RFC 4733), if agreed.
    pub dtmf_pt: Option<u8>,
    /// Units of their clock in a second: 8000, or 48,000 beside Opus.
    pub dtmf_hz: u32,
    /// Who else than `remote` may send.
    pub allowed_sources: Sources,
    /// Whether we may send: false when the other side does not want to receive.
    pub send: bool,
    /// Whether packets are taken: false when the other side says that it sends none.
    pub recv: bool,
    /// How the packets are sealed; `None`: they go in clear.
    pub security: Option<Box<Security>>,
}

/// How the packets of a leg are sealed. Nothing of a leg that has it is sent or used in clear.
///
/// Said again with the same keys or the same certificate, what was agreed goes on; other credentials are a restart of ICE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// Where its keys come from.
    pub keying: Keying,
    /// Our credentials, if the peer does ICE: it is heard and sent to where its checks come from, whatever `remote` says.
    pub ice: Option<Credentials>,
    /// Whether RTCP shares RTP's port (RFC 5761).
    pub rtcp_mux: bool,
}

impl LegMedia {
    /// Whether silence would be a fault. A phone that holds the call plays music of its own, or nothing at all.
    pub(crate) fn expects_packets(&self) -> bool {
        self.send && self.recv
    }
}

/// Whose packets a leg takes before it is latched on one source; the address in SDP always may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sources {
    /// These addresses, from any port: where the leg's signalling comes from.
    Only(Vec<IpAddr>),
    /// Anyone: an opt-in for phones that send from somewhere unknown.
    Any,
}

/// What to play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// One after the other without a gap, then `Event::PlayEnded`. Names that are not loaded are left out.
    Prompts(Vec<SoundName>),
    /// Round and round; everybody on a thread hears the same moment.
    Music(SoundName),
    /// A tone of the telephone network, until stopped.
    Tone(Tone),
}

/// Tones of the telephone network, as the country of [`crate::Sounds`] has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The other side is ringing.
    Ringback,
    /// The other side is busy.
    Busy,
}
