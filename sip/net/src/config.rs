//! Where to listen and how much to bear.

use crate::{ServerNames, TrustedSources};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio_rustls::rustls::{ClientConfig, ServerConfig};

/// What [`crate::bind`] needs to know. In every list port 0 takes any free port.
#[derive(Debug, Clone, Default)]
pub struct NetConfig {
    /// Addresses to receive datagrams on.
    pub udp: Vec<SocketAddr>,
    /// Addresses to accept connections on.
    pub tcp: Vec<SocketAddr>,
    /// Addresses to accept connections with TLS on.
    pub tls: Vec<SocketAddr>,
    /// Addresses to accept WebSockets on, at the path `/sip`.
    pub ws: Vec<SocketAddr>,
    /// Addresses to accept WebSockets with TLS on.
    pub wss: Vec<SocketAddr>,
    /// Our end of TLS. Nothing can listen for it without.
    pub tls_server: Option<Arc<ServerConfig>>,
    /// Our end of TLS for the trusted sources on `tls`, where it is to be another: one that asks for their certificates.
    pub tls_server_of_trusted: Option<Arc<ServerConfig>>,
    /// Our end of TLS where we connect. Without it such connections fail.
    pub tls_client: Option<Arc<ClientConfig>>,
    /// Whose certificate a peer we connect to must show.
    pub server_names: ServerNames,
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
    /// Messages a second from one trusted source; twice as many may come at once. A trunk that has gone mad is not everybody's end.
    pub trusted_messages_per_second: u32,
    /// How long a connection may take to complete its first or any begun message, and each handshake before it.
    pub half_open: Duration,
    /// How long a connection may say nothing.
    pub idle: Duration,
    /// After how long without a frame a WebSocket is asked whether it is still there, and by when it must have answered.
    pub ping: Duration,
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
            trusted_messages_per_second: 20_000,
            half_open: Duration::from_secs(10),
            // Longer than the longest registration, whose refresh may be the only thing a phone says.
            idle: Duration::from_secs(2 * 3600),
            ping: Duration::from_secs(25),
            connect: Duration::from_secs(4),
            write: Duration::from_secs(10),
            outbox: 256,
            udp_buffer: 4 * 1024 * 1024,
        }
    }
}
