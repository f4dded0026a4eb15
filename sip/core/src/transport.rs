//! Where packets come from and go to, and the face that a driver of sockets sees.

use std::fmt;
use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;

/// How a SIP message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// One message a datagram; we retransmit.
    Udp,
    /// A framed stream (RFC 3261 18.3); the network retransmits.
    Tcp,
    /// The same inside TLS (RFC 3261 26.2.1).
    Tls,
    /// One message a frame of a WebSocket (RFC 7118).
    Ws,
    /// The same inside TLS.
    Wss,
}

impl Transport {
    /// Whether the network itself delivers or reports failure, so that retransmission timers stay off (RFC 3261 17).
    pub fn is_reliable(self) -> bool {
        self.is_stream()
    }

    /// Whether peers are known by their connection.
    pub fn is_stream(self) -> bool {
        self != Self::Udp
    }

    /// Whether nobody on the way can read it.
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// The token that stands in a Via header.
    pub fn via_token(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Ws => "WS",
            Self::Wss => "WSS",
        }
    }

    /// The value of a URI's `transport` parameter; of a WebSocket always `ws` (RFC 7118 5.2.1).
    pub fn uri_param(self) -> &'static str {
        match self {
            Self::Ws | Self::Wss => "ws",
            other => other.name(),
        }
    }

    /// The name in configurations and the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// The transport of a name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Udp, Self::Tcp, Self::Tls, Self::Ws, Self::Wss].into_iter().find(|transport| transport.name().eq_ignore_ascii_case(name))
    }

    /// The port of a peer that names none (RFC 3261 19.1.2, RFC 7118 5.2.1).
    pub fn usual_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
            Self::Ws => 80,
            Self::Wss => 443,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.via_token())
    }
}

/// One stream connection, numbered by the driver. Zero is never used and a number is never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u64);

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flow_{}", self.0)
    }
}

/// The path of one packet: which of our sockets, which peer, and on a stream which connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop {
    /// How the packet travels.
    pub transport: Transport,
    /// Our address.
    pub local: SocketAddr,
    /// The peer's address, as the socket reports it; never what a header claims.
    pub remote: SocketAddr,
    /// The connection of a stream. `None` on a stream means "connect to `remote`, or use what is connected there already".
    pub flow: Option<FlowId>,
}

impl Hop {
    /// A UDP path from our socket to a peer.
    pub fn udp(local: SocketAddr, remote: SocketAddr) -> Self {
        Self { transport: Transport::Udp, local, remote, flow: None }
    }

    /// A TCP path; without a flow the driver connects.
    pub fn tcp(local: SocketAddr, remote: SocketAddr, flow: Option<FlowId>) -> Self {
        Self { transport: Transport::Tcp, local, remote, flow }
    }

    /// Whether two packets came from the same peer: over a stream the same connection, over UDP the same address and port.
    pub fn is_same_peer(&self, other: &Hop) -> bool {
        self.transport == other.transport && self.remote == other.remote && self.flow == other.flow
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.transport, self.remote)?;
        match self.flow {
            Some(flow) => write!(f, " ({flow})"),
            None => Ok(()),
        }
    }
}

/// One message to put on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// Where it goes.
    pub hop: Hop,
    /// The whole message.
    pub bytes: Bytes,
}

/// What a driver of sockets drives.
///
/// The engine holds no socket and reads no clock. After each `handle_*` the driver drains [`Engine::poll_transmit`] and
/// [`Engine::poll_event`] until both are empty, then sleeps until [`Engine::poll_timeout`] or the next input.
pub trait Engine {
    /// What the application orders.
    type Command;
    /// What the application hears.
    type Event;

    /// Takes one datagram, or one message framed out of a stream.
    fn handle_packet(&mut self, now: Instant, hop: Hop, packet: Bytes);

    /// A connection has ended, could not be made, or refused a message. For a transmit without a flow that could not connect,
    /// see [`Engine::handle_unreachable`].
    fn handle_flow_closed(&mut self, now: Instant, flow: FlowId);

    /// A transmit could not be sent at all: no connection could be made to `hop.remote`, or UDP reported an error.
    fn handle_unreachable(&mut self, now: Instant, hop: Hop);

    /// Carries out an order.
    fn handle_command(&mut self, now: Instant, command: Self::Command);

    /// The moment given by [`Engine::poll_timeout`] has come. Calling it early or twice does no harm.
    fn handle_timeout(&mut self, now: Instant);

    /// The next message to send.
    fn poll_transmit(&mut self) -> Option<Transmit>;

    /// The next event for the application.
    fn poll_event(&mut self) -> Option<Self::Event>;

    /// When [`Engine::handle_timeout`] wants to be called; `None` while nothing is pending.
    fn poll_timeout(&self) -> Option<Instant>;
}
