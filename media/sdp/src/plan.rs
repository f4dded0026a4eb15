//! The outcome of offer and answer.

use crate::{Codec, IceCredentials, Secured};
use std::net::SocketAddr;

/// What both sides agreed about one leg's audio, seen from our side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaPlan {
    /// Where the other side takes RTP. An unspecified address (0.0.0.0) means that it takes none for now.
    pub remote: SocketAddr,
    /// The codec of both directions.
    pub codec: Codec,
    /// The payload type the codec goes by on this leg.
    pub codec_pt: u8,
    /// The payload type of telephone-event, if both sides have it.
    pub dtmf_pt: Option<u8>,
    /// Its clock in hertz: the codec's, or 8000 where the other side has none of that.
    pub dtmf_hz: u32,
    /// Milliseconds of audio in a packet that the other side asked for; 20 when it did not.
    pub ptime_ms: u16,
    /// Whether we may send.
    pub send: bool,
    /// Whether the other side may send.
    pub recv: bool,
    /// Where the other side takes RTCP: `a=rtcp` (RFC 3605), else the port after RTP's.
    pub remote_rtcp: Option<SocketAddr>,
    /// How the audio is kept from others.
    pub secured: Secured,
    /// The peer's ICE user fragment, if it does ICE: `remote` means nothing then, media goes where the peer's checks come
    /// from. Another one than before is a restart.
    pub ice_ufrag: Option<String>,
    /// Our credentials, as this description of ours has them, if the peer does ICE.
    pub local_ice: Option<IceCredentials>,
    /// Whether RTCP shares RTP's port (RFC 5761).
    pub rtcp_mux: bool,
}

impl MediaPlan {
    /// Whether the other side holds the call: it does not want to hear us.
    pub fn held(&self) -> bool {
        !self.send
    }
}
