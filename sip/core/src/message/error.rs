use super::{HeaderName, Request};

/// A message that is not understood, and what to do about it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct ParseError {
    /// The status a request is answered with; `None`: drop it without a word (a response, an ACK, or nothing that could be answered).
    pub status: Option<u16>,
    /// What was wrong, fit for a reason phrase and for a log; never quotes the message.
    pub reason: &'static str,
    /// As much of the request as could be read, so that [`Response::to`](super::Response::to) can be built from it.
    pub request: Option<Box<Request>>,
}

impl ParseError {
    pub(super) fn drop(reason: &'static str) -> Self {
        Self { status: None, reason, request: None }
    }
}

/// A header field that is missing or cannot be read as what its name says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{header}: {reason}")]
pub struct HeaderError {
    /// The header field.
    pub header: HeaderName,
    /// What was wrong with it.
    pub reason: &'static str,
}

impl HeaderError {
    pub(super) fn new(header: HeaderName, reason: &'static str) -> Self {
        Self { header, reason }
    }
}
