//! What the sockets did not do, for the metrics page.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since start. Reading them costs nothing to the loop.
#[derive(Debug, Default)]
pub struct Counters {
    pub(crate) received: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) over_rate: AtomicU64,
    pub(crate) flows_refused: AtomicU64,
    pub(crate) handshakes_failed: AtomicU64,
    pub(crate) send_failed: AtomicU64,
}

impl Counters {
    /// Messages handed to the engine.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Messages handed to the system or to a connection.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Messages dropped because their source sent too many.
    pub fn over_rate(&self) -> u64 {
        self.over_rate.load(Ordering::Relaxed)
    }

    /// Connections closed at once because there were too many.
    pub fn flows_refused(&self) -> u64 {
        self.flows_refused.load(Ordering::Relaxed)
    }

    /// Connections that ended in the handshake of TLS or WebSocket.
    pub fn handshakes_failed(&self) -> u64 {
        self.handshakes_failed.load(Ordering::Relaxed)
    }

    /// Messages that could not be sent.
    pub fn send_failed(&self) -> u64 {
        self.send_failed.load(Ordering::Relaxed)
    }

    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
