//! Sockets, in the test's own network or in another namespace.

use std::{fs::File, io, net::IpAddr};

use nix::sched::{CloneFlags, setns};
use tokio::net::UdpSocket;

/// Binds a port of its own at an address, which is there or in the network namespace of that name.
pub(super) async fn bind(ip: IpAddr, namespace: Option<&str>) -> UdpSocket {
    match namespace {
        None => UdpSocket::bind((ip, 0)).await.expect("a UDP socket"),
        Some(namespace) => bind_inside(ip, namespace).unwrap_or_else(|error| panic!("a UDP socket at {ip} in {namespace}: {error}")),
    }
}

/// A socket stays in the namespace of the thread that made it; the thread goes there for good.
fn bind_inside(ip: IpAddr, namespace: &str) -> io::Result<UdpSocket> {
    let file = File::open(format!("/run/netns/{namespace}"))?;
    let bound = std::thread::spawn(move || {
        setns(file, CloneFlags::CLONE_NEWNET)?;
        let socket = std::net::UdpSocket::bind((ip, 0))?;
        socket.set_nonblocking(true)?;
        Ok::<_, io::Error>(socket)
    });
    let socket = bound.join().map_err(|_| io::Error::other("the thread failed"))??;
    UdpSocket::from_std(socket)
}
