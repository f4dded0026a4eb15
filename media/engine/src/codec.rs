//! The codecs a leg may speak.

use carillon_media_audio::g711::Law;

/// A codec of telephony, or of browsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 mu-law: 8 kHz, one octet a sample.
    Pcmu,
    /// G.711 A-law: the same.
    Pcma,
    /// G.722 at 64 kbit/s: 16 kHz, one octet two samples.
    G722,
    /// Opus: whatever the sender likes; here one channel of 16 kHz.
    Opus,
}

impl Codec {
    /// Its table, if it is G.711.
    pub(crate) fn law(self) -> Option<Law> {
        match self {
            Self::Pcmu => Some(Law::Ulaw),
            Self::Pcma => Some(Law::Alaw),
            Self::G722 | Self::Opus => None,
        }
    }

    /// Units of its RTP clock in a second (RFC 3551 section 4.5.2, RFC 7587 section 4.1).
    pub(crate) fn clock_hz(self) -> u32 {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => 8000,
            Self::Opus => 48_000,
        }
    }

    /// Units of its RTP clock in 20 ms.
    pub(crate) fn frame(self) -> u32 {
        self.clock_hz() / 50
    }

    /// Whether its packets can go to a leg that speaks the other one as they come, but for a table.
    pub(crate) fn relays_to(self, other: Self) -> bool {
        self == other || (self.law().is_some() && other.law().is_some())
    }
}
