//! What two sides of a call agree about audio: SDP (RFC 8866) offers and answers (RFC 3264) for PCMU, PCMA, G.722, Opus and
//! telephone-event (RFC 4733).
//!
//! Reading is lenient, since phones and carriers write odd descriptions: only the lines that decide about audio are
//! looked at. Writing is strict. No input panics, and everything read is bounded.

mod answer;
mod codec;
mod direction;
mod error;
mod local;
mod offer;
mod plan;
mod protection;
mod read;

pub use answer::{accept_answer, answer};
pub use codec::Codec;
pub use direction::Direction;
pub use error::SdpError;
pub use local::LocalMedia;
pub use offer::offer;
pub use plan::MediaPlan;
pub use protection::{IceCredentials, Protection, ProtectionKind, SdesKey, Secured};
pub use read::MAX_BYTES;
