//! Which ports of the RTP range are taken: an even one for RTP and the odd one above it for RTCP (RFC 3550 11).

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Expedited forwarding (RFC 3246), as the TOS octet.
const DSCP_EXPEDITED: u32 = 46 << 2;

/// How often a system-chosen port may turn out odd, or its neighbour taken.
const SYSTEM_PORT_TRIES: usize = 64;

/// The range, shared by whoever opens legs.
#[derive(Debug)]
pub(crate) struct Ports {
    ip: IpAddr,
    /// Of the other IP version, where both are served.
    other_ip: Option<IpAddr>,
    /// `None`: the system chooses.
    first: Option<u16>,
    taken: Arc<[AtomicBool]>,
    starts: RandomState,
}

/// The sockets of one leg and the claim on their ports.
#[derive(Debug)]
pub(crate) struct PortPair {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
    pub(crate) claim: PortClaim,
    /// Their like of the other IP version: which of the two is used shows when the peer has said where it is.
    pub(crate) other: Option<Sockets>,
}

/// RTP and RTCP of one address.
#[derive(Debug)]
pub(crate) struct Sockets {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
}

/// A taken pair of ports; free again when dropped. Drop the sockets first.
#[derive(Debug)]
pub(crate) struct PortClaim(Option<(Arc<[AtomicBool]>, usize)>);

/// Why no pair was to be had.
#[derive(Debug)]
pub(crate) enum PortError {
    /// Every pair is taken, by us or by others.
    Exhausted,
    /// The system refuses sockets.
    System(io::Error),
}

impl Ports {
    /// A range without a single even-odd pair has no ports at all; `0..=0` lets the system choose.
    pub(crate) fn new(ip: IpAddr, other_ip: Option<IpAddr>, range: &RangeInclusive<u16>) -> Self {
        let by_system = (*range.start(), *range.end()) == (0, 0);
        let first = (*range.start()).clamp(2, u16::MAX - 1).next_multiple_of(2);
        let pairs = if by_system { 0 } else { (u32::from(*range.end()) + 1).saturating_sub(u32::from(first)) / 2 };
        Self {
            ip,
            other_ip,
            first: (!by_system).then_some(first),
            taken: (0..pairs).map(|_| AtomicBool::new(false)).collect(),
            starts: RandomState::new(),
        }
    }

    /// Binds a free pair. Starts looking at a random place: a port is hard to guess, and not used again at once.
    pub(crate) fn bind_pair(&self, nth: u64) -> Result<PortPair, PortError> {
        let Some(first) = self.first else {
            let Sockets { rtp, rtcp } = bind_system_pair(self.ip)?;
            let other = self.other_ip.map(bind_system_pair).transpose()?;
            return Ok(PortPair { rtp, rtcp, claim: PortClaim(None), other });
        };
        let pairs = self.taken.len();
        let start = if pairs == 0 { 0 } else { (self.starts.hash_one(nth) % pairs as u64) as usize };
        for ix in (start..pairs).chain(0..start) {
            let Some(claim) = self.claim(ix) else { continue };
            match self.bind_at(first + 2 * ix as u16, claim) {
                Ok(pair) => return Ok(pair),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(PortError::System(error)),
            }
        }
        Err(PortError::Exhausted)
    }

    fn claim(&self, ix: usize) -> Option<PortClaim> {
        let was_taken = self.taken[ix].swap(true, Ordering::AcqRel);
        (!was_taken).then(|| PortClaim(Some((self.taken.clone(), ix))))
    }

    fn bind_at(&self, port: u16, claim: PortClaim) -> io::Result<PortPair> {
        let at = |ip| Ok::<_, io::Error>(Sockets { rtp: bind(SocketAddr::new(ip, port))?, rtcp: bind(SocketAddr::new(ip, port + 1))? });
        let Sockets { rtp, rtcp } = at(self.ip)?;
        Ok(PortPair { rtp, rtcp, claim, other: self.other_ip.map(at).transpose()? })
    }
}

fn bind_system_pair(ip: IpAddr) -> Result<Sockets, PortError> {
    // Unsuitable sockets are held until the end, or the system would give the same port again.
    let mut unsuitable = Vec::new();
    for _ in 0..SYSTEM_PORT_TRIES {
        let rtp = bind(SocketAddr::new(ip, 0)).map_err(PortError::System)?;
        let port = rtp.local_addr().map_err(PortError::System)?.port();
        if port % 2 == 0
            && let Ok(rtcp) = bind(SocketAddr::new(ip, port + 1))
        {
            return Ok(Sockets { rtp, rtcp });
        }
        unsuitable.push(rtp);
    }
    Err(PortError::Exhausted)
}

impl Drop for PortClaim {
    fn drop(&mut self) {
        if let Some((taken, ix)) = self.0.take() {
            taken[ix].store(false, Ordering::Release);
        }
    }
}

/// A non-blocking UDP socket.
pub(crate) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    mark(&socket, address);
    Ok(socket)
}

/// A second socket on the port of the first, which is then to be dropped: a connected socket cannot be made to hear others.
pub(crate) fn bind_again(first: &impl AsFd) -> io::Result<UdpSocket> {
    let first = SockRef::from(first);
    let address = first.local_addr()?;
    // Both have to share the port for this moment, so that no other program can take it in between.
    first.set_reuse_address(true)?;
    let second =
        Socket::new(Domain::for_address(address.as_socket().ok_or(io::ErrorKind::Unsupported)?), Type::DGRAM, Some(Protocol::UDP))?;
    second.set_reuse_address(true)?;
    second.bind(&address)?;
    second.set_reuse_address(false)?;
    let second = UdpSocket::from(second);
    second.set_nonblocking(true)?;
    mark(&second, second.local_addr()?);
    Ok(second)
}

/// Marks for expedited forwarding where the system allows it.
fn mark(socket: &UdpSocket, address: SocketAddr) {
    let options = SockRef::from(socket);
    let marked = match address {
        SocketAddr::V4(_) => options.set_tos_v4(DSCP_EXPEDITED),
        SocketAddr::V6(_) => options.set_tclass_v6(DSCP_EXPEDITED),
    };
    if let Err(error) = marked {
        tracing::debug!(%error, "RTP is sent without DSCP");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn a_range_gives_only_whole_pairs_and_takes_them_back() {
        let ports = Ports::new(LOOPBACK, None, &(17_001..=17_007));
        for round in 0..200 {
            let held = [0, 1, 2].map(|n| ports.bind_pair(round * 3 + n).expect("a pair is free"));
            for pair in &held {
                let rtp = pair.rtp.local_addr().expect("bound").port();
                assert!(rtp % 2 == 0 && (17_002..=17_006).contains(&rtp), "{rtp}");
                assert_eq!(pair.rtcp.local_addr().expect("bound").port(), rtp + 1);
            }
            assert!(matches!(ports.bind_pair(0), Err(PortError::Exhausted)));
        }
    }

    #[test]
    fn a_port_another_program_holds_is_passed_over() {
        let ports = Ports::new(LOOPBACK, None, &(17_010..=17_013));
        let _other = UdpSocket::bind((LOOPBACK, 17_011)).expect("bind");
        for nth in 0..8 {
            let pair = ports.bind_pair(nth).expect("the other pair is free");
            assert_eq!(pair.rtp.local_addr().expect("bound").port(), 17_012);
        }
    }

    #[test]
    fn a_range_without_a_pair_has_no_ports() {
        assert!(matches!(Ports::new(LOOPBACK, None, &(17_021..=17_022)).bind_pair(0), Err(PortError::Exhausted)));
    }

    #[test]
    fn a_connected_socket_is_replaced_on_its_port_and_hears_others_again() {
        let [friend, stranger] = [0, 0].map(|port| UdpSocket::bind((LOOPBACK, port)).expect("bind"));
        let first = bind(SocketAddr::new(LOOPBACK, 0)).expect("bind");
        let address = first.local_addr().expect("bound");
        first.connect(friend.local_addr().expect("bound")).expect("connect");
        let second = bind_again(&first).expect("bind again");
        drop(first);
        assert_eq!(second.local_addr().expect("bound"), address);
        assert_eq!(UdpSocket::bind(address).expect_err("taken").kind(), io::ErrorKind::AddrInUse);
        stranger.send_to(b"hello", address).expect("send");
        second.set_nonblocking(false).expect("blocking");
        assert_eq!(second.recv(&mut [0; 16]).expect("receive"), 5);
    }

    #[test]
    fn a_pair_of_both_ip_versions_has_one_port_and_one_claim() {
        let ports = Ports::new(LOOPBACK, Some(Ipv6Addr::LOCALHOST.into()), &(17_030..=17_033));
        let held = [0, 1].map(|n| ports.bind_pair(n).expect("a pair is free"));
        for pair in &held {
            let other = pair.other.as_ref().expect("the other IP version");
            let port = |socket: &UdpSocket| socket.local_addr().expect("bound").port();
            assert_eq!((port(&pair.rtp), port(&pair.rtcp)), (port(&other.rtp), port(&other.rtcp)));
            assert!(other.rtp.local_addr().expect("bound").is_ipv6());
        }
        assert!(matches!(ports.bind_pair(0), Err(PortError::Exhausted)));
    }

    #[test]
    fn the_system_may_choose() {
        let pair = Ports::new(LOOPBACK, None, &(0..=0)).bind_pair(0).expect("a pair");
        assert_eq!(pair.rtp.local_addr().expect("bound").port() % 2, 0);
    }
}
