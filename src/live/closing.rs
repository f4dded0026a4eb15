//! Why the server closes a socket.

use std::net::IpAddr;

use axum::extract::ws::CloseFrame;

/// Why the server closes a socket: the code and the words of the close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The session ended.
    SignedOut,
    /// The same agent signed in elsewhere and took the work over, from this address.
    TakenOver(IpAddr),
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
            Self::TakenOver(_) => 4410,
            Self::Stopping => 1012,
        }
    }

    /// What the close frame says; after a take-over nothing but the address it came from, for the page to show.
    fn words(self) -> String {
        match self {
            Self::SignedOut => "signed out".to_owned(),
            Self::Behind => "too far behind: connect again to resume".to_owned(),
            Self::RoleChanged => "your role changed: connect again".to_owned(),
            Self::TakenOver(from) => from.to_canonical().to_string(),
            Self::Stopping => "the server stops".to_owned(),
        }
    }

    pub(super) fn frame(self) -> CloseFrame {
        CloseFrame { code: self.code(), reason: self.words().into() }
    }
}
