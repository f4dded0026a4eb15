//! Opening the sockets.

use crate::{
    Counters, Limits, NetConfig, TrustedSources,
    arrival::{Arrival, Door},
    tls::Tls,
};
use carillon_sip_core::Transport;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::mpsc,
};

/// Open sockets, ready for [`crate::drive`].
#[derive(Debug)]
pub struct Net {
    pub(crate) udp: Vec<UdpSocket>,
    pub(crate) listeners: Vec<(Transport, TcpListener)>,
    pub(crate) arrivals: mpsc::Receiver<Arrival>,
    pub(crate) door: Door,
    pub(crate) tls: Tls,
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
    let mut listeners = vec![];
    let wanted = [(Transport::Tcp, &config.tcp), (Transport::Tls, &config.tls), (Transport::Ws, &config.ws), (Transport::Wss, &config.wss)];
    for (transport, addresses) in wanted {
        for address in addresses {
            if transport.is_secure() && config.tls_server.is_none() {
                return Err(naming(transport.name(), *address, io::Error::other("there is no certificate")));
            }
            let listener = bind_tcp(*address).map_err(|error| naming(transport.name(), *address, error))?;
            listeners.push((transport, listener));
        }
    }
    let tls = Tls {
        server: config.tls_server,
        server_of_trusted: config.tls_server_of_trusted,
        trusted: config.trusted.clone(),
        client: config.tls_client,
        names: config.server_names,
    };
    let (door, arrivals) = mpsc::channel(64);
    let door = Door(door);
    Ok(Net { udp, listeners, arrivals, door, tls, trusted: config.trusted, limits: config.limits, counters: Arc::default() })
}

impl Net {
    /// The addresses of a transport that are listened on, in the order of the configuration.
    pub fn local(&self, transport: Transport) -> Vec<SocketAddr> {
        match transport {
            Transport::Udp => self.udp.iter().filter_map(|socket| socket.local_addr().ok()).collect(),
            _ => {
                let listeners = self.listeners.iter().filter(|(known, _)| *known == transport);
                listeners.filter_map(|(_, listener)| listener.local_addr().ok()).collect()
            }
        }
    }

    /// Where an HTTP server hands in WebSockets that came to its own port.
    pub fn door(&self) -> Door {
        self.door.clone()
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
