//! The four transaction machines of RFC 3261 section 17, with the Accepted states of RFC 6026.
//!
//! Each machine is told what happened (`handle_*`, `respond`) and appends [`Action`]s for the endpoint to carry out. None of them
//! knows the time: a machine asks for a timer by name and length, the endpoint keeps the one queue of deadlines.

mod invite_client;
mod invite_server;
mod non_invite_client;
mod non_invite_server;
mod timer;

pub(crate) use invite_client::InviteClient;
pub(crate) use invite_server::InviteServer;
pub(crate) use non_invite_client::NonInviteClient;
pub(crate) use non_invite_server::NonInviteServer;
pub use timer::Timing;
pub(crate) use timer::{Timer, TimerQueue};

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

/// A request we sent and its answers. Numbers are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientTx(pub(crate) u64);

impl fmt::Display for ClientTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ctx_{}", self.0)
    }
}

/// A request we received and our answers. Numbers are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerTx(pub(crate) u64);

impl fmt::Display for ServerTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stx_{}", self.0)
    }
}

/// What a machine wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send this to the transaction's peer.
    Send(Bytes),
    /// Start a timer, or start it afresh.
    Start(Timer, Duration),
    /// Stop a timer.
    Stop(Timer),
    /// No final answer came in time: tell the user of the transaction.
    TimedOut,
    /// The request could not be sent, or its connection is gone: tell the user of the transaction.
    TransportFailed,
    /// A 2xx was sent for 64*T1 and no ACK came: tell the user of the transaction.
    AckMissing,
    /// A reliable provisional response was sent for 64*T1 and no PRACK came: tell the user of the transaction.
    PrackMissing,
    /// The transaction is over: forget it with all its timers.
    Terminate,
}

/// Whether a response is news for the user of the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Hand it on.
    News,
    /// It repeats what is known, or comes too late.
    Absorbed,
}

/// The three ranges of a status code that the machines tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Provisional,
    Success,
    Failure,
}

impl Class {
    pub(crate) fn of(status: u16) -> Self {
        match status {
            0..200 => Self::Provisional,
            200..300 => Self::Success,
            300.. => Self::Failure,
        }
    }
}

/// Whether a response only asks for credentials. What repeats the request after we forgot it gets another challenge and does no
/// harm, so it need not be remembered long: a flood of strangers' requests would fill the tables otherwise.
pub(crate) fn is_challenge(status: u16) -> bool {
    matches!(status, 401 | 407)
}
