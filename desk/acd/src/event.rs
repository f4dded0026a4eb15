//! What comes in and what goes out. Commands that a person waits for are methods of [`crate::Acd`] instead: they answer at once.

use carillon_model::{AcdToCall, CallId, CallToAcd, Fact, PhoneId};

use crate::Setup;

/// What happened outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// How the site is set up; again, whole, on every change. Calls and sessions go on as far as the new setup lets them.
    Configure(Setup),
    /// A phone registered or answers again.
    PhoneReachable {
        /// The phone.
        phone: PhoneId,
    },
    /// A phone's last registration is gone, or it stopped answering.
    PhoneUnreachable {
        /// The phone.
        phone: PhoneId,
    },
    /// A call speaks.
    FromCall {
        /// The call.
        call: CallId,
        /// What it says.
        message: CallToAcd,
    },
    /// A call is over; it says nothing more and is told nothing more.
    CallGone {
        /// The call.
        call: CallId,
    },
    /// The server is about to shut down: nobody logs in any more. Those who wait go on being offered to the agents who are there.
    Drain,
    /// It shuts down now: no new offers, those who wait are let go, agents keep the calls they have.
    Close,
}

/// What the driver carries out, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell a call. A call that no longer exists is not told.
    ToCall {
        /// The call.
        call: CallId,
        /// What to say.
        message: AcdToCall,
    },
    /// Write to the journal.
    Fact(Fact),
}
