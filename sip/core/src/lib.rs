//! SIP without sockets or clocks: messages, transactions, dialogs, digest and registration.
//!
//! Every part takes `(now, input)` and gives back outputs; a driver owns sockets and clocks.

mod dialog;
pub mod digest;
mod endpoint;
pub mod limits;
pub mod locate;
pub mod message;
mod reach;
mod registration;
pub mod stun;
#[cfg(test)]
mod testing;
mod transaction;
mod transport;

pub use dialog::{Dialog, DialogId, DialogRole, DialogState};
pub use endpoint::{Counters, Endpoint, EndpointConfig, EndpointEvent, EndpointLimits, RespondError, SendError};
pub use reach::{Network, NotANetwork, Reach};
pub use registration::{Binding, BindingId, Registrar, RegistrarChange, RegistrarConfig, SavedBinding, Unbinding};
pub use transaction::{ClientTx, ServerTx, Timing};
pub use transport::{Engine, FlowId, Hop, Transmit, Transport};
