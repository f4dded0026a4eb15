//! Where to listen and how much to bear.

use crate::TrustedSources;
use std::{net::SocketAddr, time::Duration};

/// What [`crate::bind`] needs to know.
#[derive(Debug, Clone, Default)]
pub struct NetConfig {
    /// Addresses to receive datagrams on; port 0 takes any free port.
    pub udp: Vec<SocketAddr>,
    /// Addresses to accept connections on; port 0 takes any free port.
    pub tcp: Vec<SocketAddr>,
    /// Sources that the limits per source do not bind: the configured trunks.
    pub trusted: TrustedSources,
    /// How much to bear.
    pub limits: Limits,
}

/// Every bound of the sockets, in one table.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections in all.
    pub flows: usize,
    /// Connections of `flows` that only trusted sources may use.
    pub flows_kept_for_trusted: usize,
    /// Connections from one source that is not trusted.
    pub flows_per_source: usize,
    /// Messages a second from one source that is not trusted; twice as many may come at once.
    pub messages_per_second: u32,
    /// How long a connection may take to complete its first or any begun message.
    pub half_open: Duration,
    /// How long a connection may say nothing.
    pub idle: Duration,
    /// How long connecting to a peer may take.
    pub connect: Duration,
    /// How long a peer may take to read one message.
    pub write: Duration,
    /// Messages waiting to be written to one connection; more close it.
    pub outbox: usize,
    /// Bytes of receive and send buffer asked of the system for each UDP socket.
    pub udp_buffer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            flows: 4096,
            flows_kept_for_trusted: 512,
            flows_per_source: 128,
            messages_per_second: 2000,
            half_open: Duration::from_secs(10),
            // Longer than the longest registration, whose refresh may be the only thing a phone says.
            idle: Duration::from_secs(2 * 3600),
            connect: Duration::from_secs(4),
            write: Duration::from_secs(10),
            outbox: 256,
            udp_buffer: 4 * 1024 * 1024,
        }
    }
}
