//! The messages of a call as a capture file that Wireshark reads: each one a UDP datagram in an IP packet of its own, whatever it
//! really came by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use carillon_store::sip_message::SipMessage;

/// Packets begin with their IP header (LINKTYPE_RAW).
const LINK_TYPE: u32 = 101;
/// More does not fit a UDP datagram over IPv4.
const LONGEST: usize = 65_507;
const UDP: u8 = 17;

/// The whole file.
pub fn file(messages: &[SipMessage]) -> Vec<u8> {
    let mut out = Vec::with_capacity(24 + messages.len() * 1024);
    // Magic of a file in microseconds, version 2.4, time zone, accuracy, longest packet.
    for word in [0xa1b2_c3d4_u32, 2 | 4 << 16, 0, 0, 65_535, LINK_TYPE] {
        out.extend(word.to_le_bytes());
    }
    for message in messages {
        let Some(packet) = packet(message) else { continue };
        let micros = message.at.as_microsecond();
        let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
        for word in [(micros.div_euclid(1_000_000)) as u32, micros.rem_euclid(1_000_000) as u32, length, length] {
            out.extend(word.to_le_bytes());
        }
        out.extend(packet);
    }
    out
}

fn packet(message: &SipMessage) -> Option<Vec<u8>> {
    let (local, remote): (SocketAddr, SocketAddr) = (message.local.parse().ok()?, message.remote.parse().ok()?);
    let (from, to) = if message.sent { (local, remote) } else { (remote, local) };
    let body = message.message.as_bytes().get(..LONGEST).unwrap_or(message.message.as_bytes());
    match (from.ip(), to.ip()) {
        (IpAddr::V4(source), IpAddr::V4(target)) => Some(v4(source, target, datagram(from, to, body))),
        (source, target) => Some(v6(six(source), six(target), datagram(from, to, body))),
    }
}

fn six(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

/// UDP header and body. The checksum is computed over both and a header of sorts that IP lends (RFC 768).
fn datagram(from: SocketAddr, to: SocketAddr, body: &[u8]) -> Vec<u8> {
    let length = (body.len() + 8) as u16;
    let mut udp = Vec::with_capacity(body.len() + 8);
    for word in [from.port(), to.port(), length, 0] {
        udp.extend(word.to_be_bytes());
    }
    udp.extend(body);
    let mut lent: Vec<u8> = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => [from.octets(), to.octets()].concat(),
        (from, to) => [six(from).octets(), six(to).octets()].concat(),
    };
    lent.extend([0, UDP]);
    lent.extend(length.to_be_bytes());
    let sum = match checksum(&[&lent, &udp]) {
        // Zero would say that there is none.
        0 => 0xffff,
        sum => sum,
    };
    udp[6..8].copy_from_slice(&sum.to_be_bytes());
    udp
}

fn v4(from: Ipv4Addr, to: Ipv4Addr, udp: Vec<u8>) -> Vec<u8> {
    let mut header = vec![0x45, 0];
    header.extend(((udp.len() + 20) as u16).to_be_bytes());
    header.extend([0, 0, 0, 0, 64, UDP, 0, 0]);
    header.extend(from.octets());
    header.extend(to.octets());
    let sum = checksum(&[&header]);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    [header, udp].concat()
}

fn v6(from: Ipv6Addr, to: Ipv6Addr, udp: Vec<u8>) -> Vec<u8> {
    let mut header = vec![0x60, 0, 0, 0];
    header.extend((udp.len() as u16).to_be_bytes());
    header.extend([UDP, 64]);
    header.extend(from.octets());
    header.extend(to.octets());
    [header, udp].concat()
}

/// RFC 1071, over parts that have an even length but for the last.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2)).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.fold(0, |sum, word| sum.wrapping_add(word));
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use carillon_model::{CallId, LegId};
    use jiff::Timestamp;

    fn message(local: &str, remote: &str, sent: bool) -> SipMessage {
        SipMessage {
            call: CallId::from_u128(1),
            leg: LegId::from_u128(2),
            seq: 1,
            at: Timestamp::from_microsecond(1_700_000_000_123_456).expect("a time"),
            sent,
            transport: "udp".to_owned(),
            local: local.to_owned(),
            remote: remote.to_owned(),
            message: "OPTIONS sip:a SIP/2.0\r\n\r\n".to_owned(),
        }
    }

    #[test]
    fn packets_have_sound_headers_and_the_time_they_went_by() {
        let file = file(&[message("192.0.2.1:5060", "192.0.2.2:5070", true), message("[2001:db8::1]:5060", "[2001:db8::2]:5070", false)]);
        let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes"));
        assert_eq!((word(0), word(20)), (0xa1b2_c3d4, LINK_TYPE));
        assert_eq!((word(24), word(28), word(32)), (1_700_000_000, 123_456, 20 + 8 + 25));
        let first = &file[40..40 + 53];
        assert_eq!(checksum(&[&first[..20]]), 0, "the IP header's sum");
        assert_eq!((first[0], first[9], &first[12..16], &first[20..24]), (0x45, UDP, &[192, 0, 2, 1][..], &[0x13, 0xc4, 0x13, 0xce][..]));
        let lent = [&first[12..20], &[0, UDP, 0, 33]].concat();
        assert_eq!(checksum(&[&lent, &first[20..]]), 0, "the UDP sum");
        let second = &file[40 + 53 + 16..];
        assert_eq!((second[0], second[6], second.len()), (0x60, UDP, 40 + 8 + 25));
        assert_eq!(&second[40..44], &[0x13, 0xce, 0x13, 0xc4], "received: from the peer to us");
    }
}
