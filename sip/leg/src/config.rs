//! What a user agent is told at construction, and who it knows.

use crate::Credentials;
use carillon_media_sdp::{LocalMedia, ProtectionKind};
use carillon_sip_core::{
    Hop, Reach, Transport,
    digest::{Ha1, Policy},
    message::Host,
};
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
    /// Where audio is taken, an address of each IP version served; empty: at the address that a peer signals to.
    pub media: Vec<IpAddr>,
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
    /// What phones are challenged by. One for all: a setting of each phone's would tell by the challenge which phones there are.
    pub digest: Policy,
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
            media: vec![],
            seed,
            min_expires: Duration::from_secs(60),
            max_expires: Duration::from_secs(3600),
            default_expires: Duration::from_secs(3600),
            session_expires: Duration::from_secs(1800),
            min_session_expires: Duration::from_secs(90),
            trace: false,
            digest: Policy::default(),
            max_legs: 4096,
        }
    }
}

impl UaConfig {
    /// Our side of the audio as a peer is told of it: beyond a translation with its external address.
    pub(crate) fn seen_by(&self, peer: IpAddr, local: &LocalMedia) -> LocalMedia {
        let seen = |ours: SocketAddr| SocketAddr::new(self.reach.seen_by(peer, ours.ip()), ours.port());
        LocalMedia { address: seen(local.address), other: local.other.map(seen), ..local.clone() }
    }

    /// Our side as far as it is known before a leg has a port, for a peer who signals to `signalled`.
    pub(crate) fn media_for(&self, signalled: SocketAddr) -> LocalMedia {
        let mut addresses = self.media.iter().map(|ip| SocketAddr::new(*ip, 0));
        LocalMedia { other: addresses.clone().nth(1), ..LocalMedia::new(addresses.next().unwrap_or(signalled), 0) }
    }

    /// The same for whom we call there. What is reached by WebSocket is a browser, which takes DTLS-SRTP and nothing else (RFC 8827).
    pub(crate) fn offered_to(&self, hop: &Hop, local: &LocalMedia) -> LocalMedia {
        let mut local = self.seen_by(hop.remote.ip(), &local.towards(hop.remote.ip()));
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
/// Several peers may bear the same name; calls go out to the first of them, and to the next when it cannot be reached or has no room
/// (RFC 3263 4.3). Over UDP the source port must match unless
/// the port is 0; over TCP, where callers connect from any port, the address alone decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrunkPeer {
    /// The trunk.
    pub name: String,
    /// Its address; port 0 means any port for calls from it, the usual one for calls to it.
    pub address: SocketAddr,
    /// How it talks to us.
    pub transport: Transport,
    /// The domain that stands in the addresses of whom is called there; `None`: the address.
    pub domain: Option<Host>,
    /// Who we are there, if it challenges our calls.
    pub credentials: Option<Credentials>,
    /// Whether an INVITE that is too large for one datagram goes to it by TCP, at the same address, and by UDP only where that fails
    /// (RFC 3261 18.1.1).
    pub large_by_tcp: bool,
    /// Whether it is asked by OPTIONS whether it is there: [`crate::Event::TrunkAnswers`].
    pub ask: bool,
}

impl TrunkPeer {
    /// A trunk that takes our calls for its address's sake.
    pub fn new(name: &str, address: SocketAddr, transport: Transport) -> Self {
        TrunkPeer { name: name.to_owned(), address, transport, domain: None, credentials: None, large_by_tcp: false, ask: false }
    }

    /// The domain that stands in From of our calls to it: we are a user of its domain where it knows us by name.
    pub(crate) fn our_domain(&self) -> Option<&Host> {
        self.domain.as_ref().filter(|_| self.credentials.is_some())
    }

    /// Where calls to it go.
    pub(crate) fn called_at(&self) -> SocketAddr {
        match self.address.port() {
            0 => SocketAddr::new(self.address.ip(), self.transport.usual_port()),
            _ => self.address,
        }
    }
}
