//! Where we can be reached: our listeners, and what peers beyond a network address translation call them.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use crate::message::{Host, NameAddr, SipUri};
use crate::transport::{Hop, Transport};

/// Our listeners and addresses. From it comes what stands in Via, Contact and session descriptions: to a peer of a local network our own
/// address, to any other the external one if there is one.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    listeners: Vec<(Transport, SocketAddr)>,
    external: Vec<IpAddr>,
    local_networks: Vec<Network>,
}

impl Reach {
    /// No listeners, no translation.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more listener. The first of a transport and family is what our own requests leave from.
    #[must_use]
    pub fn listening(mut self, transport: Transport, address: SocketAddr) -> Self {
        self.listeners.push((transport, address));
        self
    }

    /// The same behind a translation: peers outside `local_networks` know us by `external`, at most one address a family, with the ports that
    /// we listen on.
    #[must_use]
    pub fn behind(mut self, external: impl IntoIterator<Item = IpAddr>, local_networks: impl IntoIterator<Item = Network>) -> Self {
        self.external = external.into_iter().collect();
        self.local_networks = local_networks.into_iter().collect();
        self
    }

    /// The path to a peer that has not connected to us; `None` without a listener of the transport and family. Nobody can be reached by
    /// WebSocket who has not come by it.
    pub fn hop_to(&self, transport: Transport, remote: SocketAddr) -> Option<Hop> {
        let can_connect = match transport {
            Transport::Udp | Transport::Tcp | Transport::Tls => true,
            Transport::Ws | Transport::Wss => false,
        };
        let local = self.listener(transport, |local| local.is_ipv4() == remote.is_ipv4()).filter(|_| can_connect)?;
        Some(Hop { transport, local, remote, flow: None })
    }

    /// The address that the peer of a hop may use to reach us.
    pub fn advertised(&self, hop: &Hop) -> SocketAddr {
        let own = match hop.transport {
            Transport::Udp => None,
            // A connection that we made has a port of its own; peers come to the listener's.
            Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => self
                .listener(hop.transport, |local| *local == hop.local)
                .or_else(|| self.listener(hop.transport, |local| local.ip() == hop.local.ip()))
                .or_else(|| self.listener(hop.transport, |local| local.is_ipv4() == hop.local.is_ipv4())),
        };
        let own = own.unwrap_or(hop.local);
        SocketAddr::new(self.seen_by(hop.remote.ip(), own.ip()), own.port())
    }

    /// What a peer knows our address `own` as.
    pub fn seen_by(&self, peer: IpAddr, own: IpAddr) -> IpAddr {
        let peer = peer.to_canonical();
        if self.local_networks.iter().any(|network| network.contains(peer)) {
            return own;
        }
        self.external.iter().copied().find(|external| external.is_ipv4() == own.is_ipv4()).unwrap_or(own)
    }

    /// A URI of ours, without user, as the peer of a hop may use it.
    pub fn uri(&self, hop: &Hop) -> SipUri {
        let uri = SipUri::at(self.advertised(hop));
        match hop.transport {
            Transport::Udp => uri,
            transport => uri.with_param("transport", Some(transport.uri_param())),
        }
    }

    /// Contact of ours for the peer of a hop.
    pub fn contact(&self, hop: &Hop) -> NameAddr {
        NameAddr::new(self.uri(hop))
    }

    /// Whether a host with its port, as a URI has them, is one of ours; a port that is not written is any.
    pub fn is_ours(&self, host: &Host, port: Option<u16>) -> bool {
        let Some(ip) = host.ip() else { return false };
        let same_port = |own: u16| port.is_none_or(|port| port == own);
        self.listeners.iter().any(|(_, own)| same_port(own.port()) && (own.ip() == ip || self.external.contains(&ip)))
    }

    fn listener(&self, transport: Transport, fits: impl Fn(&SocketAddr) -> bool) -> Option<SocketAddr> {
        self.listeners.iter().find(|(known, address)| *known == transport && fits(address)).map(|(_, address)| *address)
    }
}

/// Addresses that begin alike: `192.168.0.0/16`, `fd00::/8`, or one address alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address belongs to it. IPv4 written as IPv6 counts as IPv4.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.base, ip.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => begins_alike(base.to_bits().into(), ip.to_bits().into(), self.bits, 32),
            (IpAddr::V6(base), IpAddr::V6(ip)) => begins_alike(base.to_bits(), ip.to_bits(), self.bits, 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

fn begins_alike(a: u128, b: u128, bits: u8, width: u8) -> bool {
    bits == 0 || (a ^ b) >> (width - bits) == 0
}

/// The text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no network; write an address, or one with its bits as in 192.168.0.0/16")]
pub struct NotANetwork(String);

/// As it is written.
impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let wrong = || NotANetwork(text.to_owned());
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.parse().map_err(|_| wrong())?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), str::parse).map_err(|_| wrong())?;
        if bits <= width { Ok(Self { base, bits }) } else { Err(wrong()) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("address")
    }

    #[test]
    fn a_network_holds_what_begins_like_it() {
        let holds = |network: &str, ip: &str| network.parse::<Network>().expect("network").contains(ip.parse().expect("address"));
        assert!(holds("192.168.0.0/16", "192.168.255.1") && !holds("192.168.0.0/16", "192.169.0.1"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "2001:db8::1"));
        assert!(holds("10.1.2.3", "10.1.2.3") && holds("10.1.2.3", "::ffff:10.1.2.3") && !holds("10.1.2.3", "10.1.2.4"));
        assert!(["10.0.0.0/33", "10.0.0.0/x", "ten", ""].iter().all(|text| text.parse::<Network>().is_err()));
    }

    #[test]
    fn a_peer_outside_is_told_the_external_address_and_one_inside_our_own() {
        let reach = Reach::new()
            .listening(Transport::Udp, at("10.0.0.1:5060"))
            .listening(Transport::Tls, at("10.0.0.1:5061"))
            .behind(["203.0.113.5".parse().expect("ip")], ["10.0.0.0/8".parse().expect("network")]);
        let told = |transport, local: &str, remote: &str| {
            reach.uri(&Hop { transport, local: at(local), remote: at(remote), flow: None }).to_string()
        };
        assert_eq!(told(Transport::Udp, "10.0.0.1:5060", "198.51.100.7:5060"), "sip:203.0.113.5:5060");
        assert_eq!(told(Transport::Udp, "10.0.0.1:5060", "10.9.9.9:5060"), "sip:10.0.0.1:5060");
        assert_eq!(told(Transport::Tls, "10.0.0.1:40000", "198.51.100.7:5061"), "sip:203.0.113.5:5061;transport=tls");
        assert!(reach.is_ours(&"203.0.113.5".parse().expect("host"), Some(5061)));
        assert!(!reach.is_ours(&"203.0.113.5".parse().expect("host"), Some(9)));
    }

    #[test]
    fn each_family_and_transport_leaves_from_its_own_listener() {
        let reach = Reach::new()
            .listening(Transport::Udp, at("192.0.2.1:5060"))
            .listening(Transport::Udp, at("[2001:db8::1]:5060"))
            .listening(Transport::Wss, at("192.0.2.1:443"));
        let from = |transport, remote: &str| reach.hop_to(transport, at(remote)).map(|hop| hop.local);
        assert_eq!(from(Transport::Udp, "[2001:db8::9]:5060"), Some(at("[2001:db8::1]:5060")));
        assert_eq!(from(Transport::Udp, "192.0.2.9:5060"), Some(at("192.0.2.1:5060")));
        assert_eq!(from(Transport::Tcp, "192.0.2.9:5060"), None);
        assert_eq!(from(Transport::Wss, "192.0.2.9:5060"), None);
    }
}
