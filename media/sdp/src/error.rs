//! Why a description cannot be used.

/// Why an offer or an answer cannot be used; says itself which SIP status it deserves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// The body is not a session description.
    #[error("malformed session description: {0}")]
    Malformed(String),
    /// The body is larger than [`crate::MAX_BYTES`] or holds too many lines.
    #[error("session description too large")]
    TooLarge,
    /// No stream of it is plain RTP audio with an address we can send to.
    #[error("no usable audio stream: {0}")]
    NoAudio(&'static str),
    /// Audio was described, but not protected in a way that both sides speak and that is allowed here.
    #[error("no protection of the audio in common: {0}")]
    NoProtection(&'static str),
    /// Audio was described, but no codec of it is ours.
    #[error("no codec in common")]
    NoCodec,
}

impl SdpError {
    /// What a request that carried the description is answered: 400 for nonsense, 488 for what we cannot do.
    pub fn status(&self) -> u16 {
        match self {
            SdpError::Malformed(_) | SdpError::TooLarge => 400,
            SdpError::NoAudio(_) | SdpError::NoProtection(_) | SdpError::NoCodec => 488,
        }
    }
}
