//! Whether the server lives (`/healthz`) and takes work (`/readyz`).

use std::sync::atomic::{AtomicU8, Ordering};

/// What the server says to a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Listeners are not all up yet.
    Starting,
    /// Takes calls.
    Ready,
    /// Finishes what runs, takes nothing new.
    Draining,
}

/// Shared between the server's parts.
#[derive(Debug, Default)]
pub struct Health {
    readiness: AtomicU8,
}

impl Health {
    /// The state now.
    pub fn readiness(&self) -> Readiness {
        match self.readiness.load(Ordering::Acquire) {
            0 => Readiness::Starting,
            1 => Readiness::Ready,
            _ => Readiness::Draining,
        }
    }

    /// All listeners are up.
    pub fn ready(&self) {
        self.readiness.store(1, Ordering::Release);
    }

    /// Nothing new from here on.
    pub fn draining(&self) {
        self.readiness.store(2, Ordering::Release);
    }
}
