//! Who is given which call (automatic call distribution): agents and their phones, queues and their places, offers and their outcomes.
//! One owner for the whole site.
//!
//! Drive an [`Acd`] with [`Acd::handle_event`], [`Acd::handle_timeout`] and the commands that answer ([`Acd::log_in`], [`Acd::pause`], ...),
//! then drain [`Acd::poll_effect`] to its end and sleep until [`Acd::poll_timeout`]. It never waits, reads no clock and has no I/O.
//!
//! # Who says what
//! - This crate writes the facts `offer.*` and `agent.*`. A call writes its own `call.queued` and `call.dequeued`: when it joins, and when it
//!   leaves, is let go ([`carillon_model::AcdToCall::Exit`]) or is granted an agent.
//! - After [`carillon_model::AcdToCall::Granted`] the ticket waits no longer and the agent talks, until the call says
//!   [`carillon_model::CallToAcd::PhoneFree`] for the agent's phone, or is gone ([`Event::CallGone`]). Then the agent's wrap-up begins.
//! - A call's own hold on a phone, by `PhoneBusy` or `Reserve`, ends with `PhoneFree` or with the call. It is followed by no wrap-up.
//! - Every call that ever spoke here is ended with [`Event::CallGone`]; it is what frees the call's place, phones and memory.
//! - Logging in writes `agent.logged_in` and the state it leads to; logging out writes `agent.logged_out` and the state `logged_out`.
//!
//! # What is never so
//! An agent has no two offers, and none while on a call. A ticket has one granted agent at most. Nobody is offered a call who is not
//! available, whose phone is unreachable, or who holds no phone. Wrap-up belongs to the agent, not to the queue: no other queue shortens it.
//! [`Acd::broken_rules`] looks for all of these; debug builds look after each step.

mod acd;
mod agent;
mod command;
mod dispatch;
mod event;
mod limits;
mod line;
mod offer;
mod pace;
mod phones;
mod restore;
mod roster;
mod rules;
mod view;

pub use acd::Acd;
pub use agent::PauseCause;
pub use command::{CommandRefused, LogInRefused, Taken};
pub use event::{Effect, Event};
pub use restore::LastKnown;
pub use roster::Setup;
pub use view::{AgentCounts, AgentView, QueueView, WaitingView};
