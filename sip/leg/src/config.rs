//! What a user agent is told at construction, and who it knows.

use carillon_sip_core::{Transport, digest::Ha1};
use std::{net::SocketAddr, time::Duration};

/// Settings of a [`crate::UserAgent`]; all of them hold for its whole life.
#[derive(Debug, Clone)]
pub struct UaConfig {
    /// The digest realm. Fixed, since the stored hashes of passwords contain it.
    pub realm: String,
    /// The name in Server and User-Agent headers. Keep it neutral: no version.
    pub server: String,
    /// What stands in Via and Contact of messages over UDP, and the socket our own requests leave from.
    pub udp: Option<SocketAddr>,
    /// The same for TCP.
    pub tcp: Option<SocketAddr>,
    /// Seeds tags, branches and nonces. Must be secret and differ from start to start.
    pub seed: [u8; 32],
    /// A registration shorter than this is refused with 423.
    pub min_expires: Duration,
    /// A registration longer than this is cut to it.
    pub max_expires: Duration,
    /// How long a registration lasts that names no time.
    pub default_expires: Duration,
    /// How long a call may stand without a sign of life from both sides (RFC 4028); half of it is between two of them.
    pub session_expires: Duration,
    /// The least of that which a peer may ask for; never below 90 seconds.
    pub min_session_expires: Duration,
    /// Legs at once; more are refused with 503.
    pub max_legs: usize,
}

impl UaConfig {
    /// Settings with the usual times, for a server without sockets yet.
    pub fn new(seed: [u8; 32]) -> Self {
        UaConfig {
            realm: "carillon".to_owned(),
            server: "Carillon".to_owned(),
            udp: None,
            tcp: None,
            seed,
            min_expires: Duration::from_secs(60),
            max_expires: Duration::from_secs(3600),
            default_expires: Duration::from_secs(3600),
            session_expires: Duration::from_secs(1800),
            min_session_expires: Duration::from_secs(90),
            max_legs: 4096,
        }
    }
}

/// A phone that may register and call.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user part of its address, and its digest user name.
    pub name: String,
    /// The stored hashes of its password.
    pub ha1: Ha1,
}

/// One address of a trunk: calls from there are the trunk's, and calls to the trunk go there.
///
/// Several peers may bear the same name; calls go out to the first of them. Over UDP the source port must match unless
/// the port is 0; over TCP, where callers connect from any port, the address alone decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrunkPeer {
    /// The trunk.
    pub name: String,
    /// Its address; port 0 means any port for calls from it, 5060 for calls to it.
    pub address: SocketAddr,
    /// How it talks to us.
    pub transport: Transport,
}
