//! The audio codecs a leg may speak.

use std::fmt;

/// An audio codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// G.711 mu-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722 at 64 kbit/s.
    G722,
    /// Opus (RFC 7587).
    Opus,
}

impl Codec {
    /// Every one.
    const ALL: [Self; 4] = [Self::Pcmu, Self::Pcma, Self::G722, Self::Opus];

    /// The encoding name of `a=rtpmap`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
            Self::G722 => "G722",
            Self::Opus => "opus",
        }
    }

    /// The payload type RFC 3551 reserves for it, if it does.
    pub fn static_payload_type(self) -> Option<u8> {
        match self {
            Self::Pcmu => Some(0),
            Self::Pcma => Some(8),
            Self::G722 => Some(9),
            Self::Opus => None,
        }
    }

    /// The payload type we offer it under.
    pub(crate) fn offered_payload_type(self) -> u8 {
        self.static_payload_type().unwrap_or(96)
    }

    /// RTP clock rate in hertz.
    pub fn clock_hz(self) -> u32 {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => 8000,
            Self::Opus => 48_000,
        }
    }

    /// Channels that `a=rtpmap` names; Opus says two, whatever is sent (RFC 7587 section 7).
    pub(crate) fn channels(self) -> u8 {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => 1,
            Self::Opus => 2,
        }
    }

    /// What `a=fmtp` says of it: that loss can be made good, and that one channel is enough.
    pub(crate) fn parameters(self) -> Option<&'static str> {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => None,
            Self::Opus => Some("useinbandfec=1;stereo=0;sprop-stereo=0"),
        }
    }

    pub(crate) fn of_static(payload_type: u8) -> Option<Codec> {
        Self::ALL.into_iter().find(|codec| codec.static_payload_type() == Some(payload_type))
    }

    pub(crate) fn of_map(name: &str, clock_hz: u32, channels: u8) -> Option<Codec> {
        let is_it = |codec: &Codec| codec.name().eq_ignore_ascii_case(name) && codec.clock_hz() == clock_hz && codec.channels() == channels;
        Self::ALL.into_iter().find(is_it)
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
