//! One side of a call over SIP (a leg), and the user agent that owns all legs and registrations.
//!
//! [`UserAgent`] is a state machine: it takes packets, orders ([`Command`]) and the time, and gives back packets and news
//! ([`Event`]). It knows phones and trunks, offers and answers, but nothing of queues or of what legs have to do with
//! each other: nothing of one leg's headers reaches another.

mod admission;
mod binding;
mod called;
mod caller;
mod command;
mod config;
mod credentials;
mod digits;
mod directory;
mod event;
mod guessing;
mod invite;
mod legs;
mod our_registrations;
mod outcome;
mod pings;
mod reason;
mod refer_to;
mod refusals;
mod registrations;
mod scanners;
mod session_timer;
mod stack;
mod tokens;
mod trace;
mod trunks;
mod user_agent;

pub use binding::SavedBinding;
pub use caller::{Diverted, Identity};
pub use command::{Command, HangUpCause, LegId, ReferId, Target};
pub use config::{Account, TrunkPeer, UaConfig};
pub use credentials::Credentials;
pub use event::{End, EndCause, Event, NotRegistered, Peer, RefusedWhy, UnregisteredWhy};
pub use our_registrations::Registration;
pub use trace::Traced;
pub use user_agent::{Held, UserAgent};
