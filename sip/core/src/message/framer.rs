use bytes::{Buf, Bytes, BytesMut};

use super::ParseError;
use super::parse::{Fault, framed_length, refuse_head};
use crate::limits;

/// Cuts a byte stream into messages by Content-Length (RFC 3261 18.3), however the bytes were split or joined on the way.
///
/// Feed it what was read, then call [`next`](Self::next) until it gives `None`. After an error it gives nothing more:
/// where the next message begins is not known, so answer if the error says so and close the connection. What it holds
/// is at most one message and the last chunk fed.
#[derive(Debug, Default)]
pub struct StreamFramer {
    buffer: BytesMut,
    /// Up to here no end of a head was found.
    scanned: usize,
    /// Bytes of the message whose head has been read: a body that comes in pieces has its head read once.
    wanted: usize,
    broken: bool,
}

/// What a stream carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed {
    /// One message, for [`Message::parse_datagram`](super::Message::parse_datagram).
    Message(Bytes),
    /// A double CRLF: answer with one CRLF (RFC 5626 4.4.1).
    KeepAlive,
}

/// The stream cannot be read on.
#[derive(Debug, Clone, thiserror::Error)]
#[error("stream cannot be framed: {0}")]
pub struct FrameError(#[source] pub ParseError);

impl StreamFramer {
    /// An empty framer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what was read from the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        if !self.broken {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Whether a message or keep-alive has begun and not ended: what a slow sender is timed by.
    pub fn is_midway(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The next whole message or keep-alive; `None` when more bytes are needed.
    #[expect(clippy::should_implement_trait, reason = "None is not the end: more may be fed")]
    pub fn next(&mut self) -> Option<Result<Framed, FrameError>> {
        if self.broken || self.buffer.len() < self.wanted {
            return None;
        }
        if self.wanted > 0 {
            return Some(Ok(self.message()));
        }
        if self.scanned == 0 {
            while self.buffer.starts_with(b"\r\n") {
                if self.buffer.starts_with(b"\r\n\r\n") {
                    self.buffer.advance(4);
                    return Some(Ok(Framed::KeepAlive));
                }
                if self.buffer.len() < 4 && b"\r\n\r\n".starts_with(&self.buffer) {
                    return None;
                }
                self.buffer.advance(2);
            }
        }
        let Some(head) = self.head_end() else {
            let endless = self.buffer.len() > limits::MESSAGE || !self.has_start_line();
            return endless.then(|| Err(self.fail(self.buffer.len(), Fault(513, "message too large"))));
        };
        match framed_length(&self.buffer[..head]) {
            Err(reason) => Some(Err(self.fail(head, Fault(400, reason)))),
            Ok(length) if length > limits::MESSAGE.saturating_sub(head) => Some(Err(self.fail(head, Fault(513, "message too large")))),
            Ok(length) => {
                self.wanted = head + length;
                (self.buffer.len() >= self.wanted).then(|| Ok(self.message()))
            }
        }
    }

    fn message(&mut self) -> Framed {
        self.scanned = 0;
        Framed::Message(self.buffer.split_to(std::mem::take(&mut self.wanted)).freeze())
    }

    fn head_end(&mut self) -> Option<usize> {
        let from = self.scanned;
        match self.buffer[from..].windows(4).position(|four| four == b"\r\n\r\n") {
            Some(at) => Some(from + at + 4),
            None => {
                self.scanned = self.buffer.len().saturating_sub(3);
                None
            }
        }
    }

    /// Whether the start line has ended, or may still end within its limit.
    fn has_start_line(&self) -> bool {
        self.buffer.len() <= limits::START_LINE || self.buffer[..limits::START_LINE].contains(&b'\n')
    }

    fn fail(&mut self, head: usize, fault: Fault) -> FrameError {
        self.broken = true;
        let head = self.buffer.split_to(head);
        self.buffer = BytesMut::new();
        FrameError(refuse_head(head, fault))
    }
}
