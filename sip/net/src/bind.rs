//! Opening the sockets.

use crate::{Counters, Limits, NetConfig, TrustedSources};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::net::{TcpListener, UdpSocket};

/// Open sockets, ready for [`crate::drive`].
#[derive(Debug)]
pub struct Net {
    pub(crate) udp: Vec<UdpSocket>,
    pub(crate) tcp: Vec<TcpListener>,
    pub(crate) trusted: TrustedSources,
    pub(crate) limits: Limits,
    pub(crate) counters: Arc<Counters>,
}

/// Opens every socket of the configuration.
///
/// # Errors
/// When one cannot be opened; the message names it.
pub async fn bind(config: NetConfig) -> io::Result<Net> {
    let udp = config.udp.iter().map(|address| bind_udp(*address, config.limits.udp_buffer).map_err(|error| naming("udp", *address, error)));
    let udp = udp.collect::<io::Result<Vec<_>>>()?;
    let tcp = config.tcp.iter().map(|address| bind_tcp(*address).map_err(|error| naming("tcp", *address, error)));
    let tcp = tcp.collect::<io::Result<Vec<_>>>()?;
    Ok(Net { udp, tcp, trusted: config.trusted, limits: config.limits, counters: Arc::default() })
}

impl Net {
    /// The addresses datagrams are received on, in the order of the configuration.
    pub fn local_udp(&self) -> Vec<SocketAddr> {
        self.udp.iter().filter_map(|socket| socket.local_addr().ok()).collect()
    }

    /// The addresses connections are accepted on, in the order of the configuration.
    pub fn local_tcp(&self) -> Vec<SocketAddr> {
        self.tcp.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Counts that go on while the loop runs.
    pub fn counters(&self) -> Arc<Counters> {
        self.counters.clone()
    }
}

fn bind_udp(address: SocketAddr, buffer: usize) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // The system caps what it grants; a burst of registrations must not overflow the default of some 200 KiB.
    socket.set_recv_buffer_size(buffer)?;
    socket.set_send_buffer_size(buffer)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::from(address))?;
    UdpSocket::from_std(socket.into())
}

fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted server must get its port back while old connections linger in TIME_WAIT.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::from(address))?;
    socket.listen(1024)?;
    TcpListener::from_std(socket.into())
}

fn naming(protocol: &str, address: SocketAddr, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{protocol} {address}: {error}"))
}
