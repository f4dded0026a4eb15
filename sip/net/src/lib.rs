//! Sockets around a SIP engine: one loop that receives, sends, keeps the engine's time and hands over orders. UDP, TCP, TLS, and WebSocket
//! with and without TLS.
//!
//! [`bind`] opens the sockets, [`drive`] runs an [`Engine`](carillon_sip_core::Engine) on them. Nothing here reads a
//! message beyond where it ends; everything that grows with what strangers send is bounded by [`Limits`].

mod arrival;
mod bind;
mod config;
mod counters;
mod dns;
mod drive;
mod flow;
mod flows;
mod names;
mod rate;
mod tls;
mod trusted;
mod websocket;

pub use arrival::Door;
pub use bind::{Net, bind};
pub use config::{Limits, NetConfig};
pub use counters::Counters;
pub use dns::{DnsError, Located, Resolver};
pub use drive::drive;
pub use names::ServerNames;
pub use trusted::TrustedSources;
pub use websocket::{PATH as WEBSOCKET_PATH, SUBPROTOCOL as WEBSOCKET_SUBPROTOCOL, offers_sip};
