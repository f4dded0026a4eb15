//! SIP without sockets or clocks: messages, transactions, dialogs, digest and registration.
//!
//! Every part takes `(now, input)` and gives back outputs; a driver owns sockets and clocks.

pub mod digest;
pub mod limits;
pub mod message;
mod transport;

pub use transport::{Engine, FlowId, Hop, Transmit, Transport};
