//! UDP and TCP sockets around a SIP engine: one loop that receives, sends, keeps the engine's time and hands over orders.
//!
//! [`bind`] opens the sockets, [`drive`] runs an [`Engine`](carillon_sip_core::Engine) on them. Nothing here reads a
//! message beyond where it ends; everything that grows with what strangers send is bounded by [`Limits`].

mod bind;
mod config;
mod counters;
mod drive;
mod flow;
mod flows;
mod rate;
mod trusted;

pub use bind::{Net, bind};
pub use config::{Limits, NetConfig};
pub use counters::Counters;
pub use drive::drive;
pub use trusted::TrustedSources;
