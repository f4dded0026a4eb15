//! What a user agent is told at construction, and who it knows.

use carillon_media_sdp::{LocalMedia, ProtectionKind};
use carillon_sip_core::{Hop, Reach, Transport, digest::Ha1};
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// Settings of a [`crate::UserAgent`]; all of them hold for its whole life.
#[derive(Debug, Clone)]
pub struct UaConfig {
    /// The digest realm. Fixed, since the stored hashes of passwords contain it.
    pub realm: String,
    /// The name in Server and User-Agent headers. Keep it neutral: no version.
    pub server: String,
    /// Our listeners, which our own requests leave from, and what stands in Via, Contact and session descriptions.
    pub reach: Reach,
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
    /// Whether every message is told of ([`crate::Event::Traced`]).
    pub trace: bool,
    /// Legs at once; more are refused with 503.
    pub max_legs: usize,
}

impl UaConfig {
    /// Settings with the usual times, for a server without sockets yet.
    pub fn new(seed: [u8; 32]) -> Self {
        UaConfig {
            realm: "carillon".to_owned(),
            server: "Carillon".to_owned(),
            reach: Reach::new(),
            seed,
            min_expires: Duration::from_secs(60),
            max_expires: Duration::from_secs(3600),
            default_expires: Duration::from_secs(3600),
            session_expires: Duration::from_secs(1800),
            min_session_expires: Duration::from_secs(90),
            trace: false,
            max_legs: 4096,
        }
    }
}

impl UaConfig {
    /// Our side of the audio as a peer is told of it: beyond a translation with its external address.
    pub(crate) fn seen_by(&self, peer: IpAddr, local: &LocalMedia) -> LocalMedia {
        let ip = self.reach.seen_by(peer, local.address.ip());
        LocalMedia { address: SocketAddr::new(ip, local.address.port()), ..local.clone() }
    }

    /// The same for whom we call there. What is reached by WebSocket is a browser, which takes DTLS-SRTP and nothing else (RFC 8827).
    pub(crate) fn offered_to(&self, hop: &Hop, local: &LocalMedia) -> LocalMedia {
        let mut local = self.seen_by(hop.remote.ip(), local);
        let is_browser = matches!(hop.transport, Transport::Ws | Transport::Wss);
        if is_browser && local.protection.fingerprint.is_some() {
            local.protection.offers = ProtectionKind::Dtls;
        }
        local
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
