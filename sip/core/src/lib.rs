//! SIP without sockets or clocks: messages, transactions, dialogs, digest and registration.

mod transport;

pub use transport::{Engine, FlowId, Hop, Transmit, Transport};
