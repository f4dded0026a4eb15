//! Why the server closes a socket.

use axum::extract::ws::{CloseFrame, Utf8Bytes};

/// Why the server closes a socket: the code and the words of the close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The session ended.
    SignedOut,
    /// The reader is too far behind. It may come back at once and resume.
    Behind,
    /// The user's role changed: what may be seen is another.
    RoleChanged,
    /// The server stops.
    Stopping,
}

impl Closing {
    /// Status code (RFC 6455 7.4; from 4000 on our own).
    pub const fn code(self) -> u16 {
        match self {
            Self::SignedOut => 4401,
            Self::Behind => 4408,
            Self::RoleChanged => 4409,
            Self::Stopping => 1012,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::SignedOut => "signed out",
            Self::Behind => "too far behind: connect again to resume",
            Self::RoleChanged => "your role changed: connect again",
            Self::Stopping => "the server stops",
        }
    }

    pub(super) fn frame(self) -> CloseFrame {
        CloseFrame { code: self.code(), reason: Utf8Bytes::from_static(self.words()) }
    }
}
