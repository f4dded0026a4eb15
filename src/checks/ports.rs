//! Addresses and ports: ours, free, and not in each other's way.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
    path::Path,
};

use super::Finding;
use crate::config::Config;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Udp,
    Tcp,
}

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let http = std::iter::once(("HTTP (http.listen)", Protocol::Tcp, config.http.listen));
    let udp = config.sip.udp.iter().map(|address| ("SIP (sip.udp)", Protocol::Udp, *address));
    let tcp = config.sip.tcp.iter().map(|address| ("SIP (sip.tcp)", Protocol::Tcp, *address));
    let others = [("SIP (sip.tls)", &config.sip.tls), ("SIP (sip.ws)", &config.sip.ws), ("SIP (sip.wss)", &config.sip.wss)];
    let others = others.into_iter().flat_map(|(who, addresses)| addresses.iter().map(move |address| (who, Protocol::Tcp, *address)));
    let listeners = http.chain(udp).chain(tcp).chain(others).filter_map(|(who, protocol, address)| listen(who, protocol, address));
    listeners.chain(media(config)).collect()
}

fn listen(who: &str, protocol: Protocol, address: SocketAddr) -> Option<Finding> {
    let error = try_bind(protocol, address).err()?;
    let name = match protocol {
        Protocol::Udp => "UDP",
        Protocol::Tcp => "TCP",
    };
    let why = match error.kind() {
        ErrorKind::AddrInUse => match holder(Path::new("/proc"), protocol, address) {
            Some((process, name)) => format!("the port is in use by {name} (process {process})"),
            None => "the port is in use by another program".to_owned(),
        },
        ErrorKind::AddrNotAvailable => "that is no address of this machine".to_owned(),
        ErrorKind::PermissionDenied => "ports below 1024 need a privilege: CAP_NET_BIND_SERVICE".to_owned(),
        _ => error.to_string(),
    };
    Some(Finding::grave(format!("{who} cannot listen on {address} over {name}: {why}")))
}

fn try_bind(protocol: Protocol, address: SocketAddr) -> io::Result<()> {
    match protocol {
        Protocol::Udp => UdpSocket::bind(address).map(|_| ()),
        Protocol::Tcp => TcpListener::bind(address).map(|_| ()),
    }
}

fn media(config: &Config) -> Vec<Finding> {
    let (address, range) = (config.media.address, &config.media.rtp_ports.0);
    let mut found = Vec::new();
    for (key, address) in [("address", Some(address)), ("other_address", config.media.other_address)] {
        if let Some(address) = address
            && let Err(error) = try_bind(Protocol::Udp, SocketAddr::new(address, 0))
        {
            found.push(Finding::grave(format!("media.{key} {address} cannot be used: {}", plain(&error))));
        }
    }
    // Any port the system chooses: only tests have that.
    if *range.end() == 0 {
        return found;
    }
    let is_medias = |ip| ip == address || Some(ip) == config.media.other_address;
    for sip in config.sip.udp.iter().filter(|sip| is_medias(sip.ip()) && range.contains(&sip.port())) {
        found.push(Finding::grave(format!(
            "media.rtp_ports {}-{} holds {sip}, which is SIP's own: choose another range",
            range.start(),
            range.end()
        )));
    }
    let room = range.len() / 4;
    if room < config.limits.calls {
        found.push(Finding::warning(format!(
            "media.rtp_ports has {} ports, enough for {room} calls of two legs; limits.calls allows {}: a call beyond has no audio",
            range.len(),
            config.limits.calls
        )));
    }
    found
}

fn plain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrNotAvailable => "that is no address of this machine".to_owned(),
        _ => error.to_string(),
    }
}

/// The process that has a port, and its name: as far as the system tells us, which for others' processes it tells root alone.
fn holder(proc: &Path, protocol: Protocol, address: SocketAddr) -> Option<(u32, String)> {
    let tables = match protocol {
        Protocol::Udp => ["net/udp", "net/udp6"],
        Protocol::Tcp => ["net/tcp", "net/tcp6"],
    };
    let tables = tables.into_iter().filter_map(|table| std::fs::read_to_string(proc.join(table)).ok());
    let inodes: Vec<String> =
        tables.flat_map(|table| table.lines().skip(1).filter_map(|line| inode(line, protocol, address)).collect::<Vec<_>>()).collect();
    for entry in std::fs::read_dir(proc).ok()?.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(files) = std::fs::read_dir(entry.path().join("fd")) else { continue };
        let mut sockets = files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok());
        if sockets.any(|target| inodes.iter().any(|inode| target.as_os_str() == format!("socket:[{inode}]").as_str())) {
            let name = std::fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            return Some((process, name.trim().to_owned()));
        }
    }
    None
}

/// The socket of a line of /proc/net, if it is what stands in the way of `address`.
fn inode(line: &str, protocol: Protocol, address: SocketAddr) -> Option<String> {
    /// `TCP_LISTEN` of the kernel.
    const LISTENING: &str = "0A";
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (host, port) = fields.get(1)?.rsplit_once(':')?;
    let same_port = u16::from_str_radix(port, 16) == Ok(address.port());
    let listens = protocol == Protocol::Udp || *fields.get(3)? == LISTENING;
    let is_any = host.bytes().all(|digit| digit == b'0');
    let own = match address.ip() {
        // Each word in the machine's order.
        IpAddr::V4(ip) => format!("{:08X}", u32::from_ne_bytes(ip.octets())),
        IpAddr::V6(ip) => {
            let words = ip
                .octets()
                .chunks(4)
                .map(|word| format!("{:08X}", u32::from_ne_bytes([word[0], word[1], word[2], word[3]])))
                .collect::<Vec<_>>();
            words.concat()
        }
    };
    (same_port && listens && (is_any || host == own || address.ip().is_unspecified()))
        .then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_port_is_named() {
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
        let udp = UdpSocket::bind("[::1]:0").or_else(|_| UdpSocket::bind("127.0.0.1:0")).expect("a port");
        for (protocol, address) in [(Protocol::Tcp, tcp.local_addr().expect("bound")), (Protocol::Udp, udp.local_addr().expect("bound"))] {
            let said = listen("SIP", protocol, address).expect("taken").message;
            assert!(said.contains(&format!("(process {})", std::process::id())) && said.contains(&address.to_string()), "{said}");
        }
    }

    #[test]
    fn an_address_of_another_machine_is_told_from_a_busy_port() {
        let said = listen("HTTP", Protocol::Tcp, "192.0.2.1:0".parse().expect("an address")).expect("not ours").message;
        assert!(said.contains("no address of this machine"), "{said}");
    }
}
