//! What the kernel puts before a datagram received by a multishot request: lengths, then the sender's address in a field of fixed size.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// `struct io_uring_recvmsg_out`: lengths of name, control data and payload, and flags; four times 32 bits.
const LENGTHS: usize = 16;

/// Room for the longest address of UDP, `struct sockaddr_in6`.
pub(crate) const NAME: usize = 28;

/// Octets before the datagram.
pub(crate) const BEFORE: usize = LENGTHS + NAME;

/// Who sent it and where in the buffer it lies; `None` when it is not from an address of IP.
pub(crate) fn read(filled: &[u8]) -> Option<(SocketAddr, std::ops::Range<usize>)> {
    let name_len = word(filled, 0)?;
    let payload_len = word(filled, 8)? as usize;
    let name = filled.get(LENGTHS..BEFORE)?;
    let from = socket_address(name.get(..(name_len as usize).min(NAME))?)?;
    // A datagram longer than its buffer is told in full and stored in part.
    let end = (BEFORE + payload_len).min(filled.len());
    (BEFORE <= end).then_some((from, BEFORE..end))
}

fn socket_address(name: &[u8]) -> Option<SocketAddr> {
    let family = u16::from_ne_bytes(*name.first_chunk()?);
    let port = u16::from_be_bytes(*name.get(2..)?.first_chunk()?);
    let ip = match i32::from(family) {
        libc::AF_INET => IpAddr::V4(Ipv4Addr::from(*name.get(4..)?.first_chunk::<4>()?)),
        libc::AF_INET6 => IpAddr::V6(Ipv6Addr::from(*name.get(8..)?.first_chunk::<16>()?)),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

fn word(filled: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*filled.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(name: &[u8], payload: &[u8], told: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [name.len() as u32, 0, told, 0] {
            bytes.extend_from_slice(&number.to_ne_bytes());
        }
        bytes.extend_from_slice(name);
        bytes.resize(BEFORE, 0);
        bytes.extend_from_slice(payload);
        bytes
    }

    fn v4() -> Vec<u8> {
        let mut name = (libc::AF_INET as u16).to_ne_bytes().to_vec();
        name.extend_from_slice(&[0x13, 0xc4, 192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0]);
        name
    }

    #[test]
    fn both_kinds_of_address_are_read() {
        let (from, range) = read(&filled(&v4(), b"hello", 5)).expect("an address");
        assert_eq!((from, range), ("192.0.2.7:5060".parse().expect("an address"), BEFORE..BEFORE + 5));
        let mut name = (libc::AF_INET6 as u16).to_ne_bytes().to_vec();
        name.extend_from_slice(&[0, 9, 0, 0, 0, 0]);
        name.extend_from_slice(&Ipv6Addr::LOCALHOST.octets());
        name.extend_from_slice(&[0; 4]);
        let (from, _) = read(&filled(&name, b"", 0)).expect("an address");
        assert_eq!(from, "[::1]:9".parse().expect("an address"));
    }

    #[test]
    fn what_is_cut_short_or_foreign_is_no_packet() {
        let whole = filled(&v4(), b"hello", 5);
        for len in 0..BEFORE {
            assert_eq!(read(&whole[..len]), None, "{len} octets");
        }
        assert_eq!(read(&filled(&[1, 0, b'/', b'x'], b"hello", 5)), None, "a socket of another family");
        let (_, range) = read(&filled(&v4(), b"hello", 9000)).expect("an address");
        assert_eq!(range.len(), 5, "no more than there is");
    }
}
