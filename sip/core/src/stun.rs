//! STUN binding requests on the SIP port, by which phones keep a NAT's mapping alive and learn of a new one (RFC 5626 3.5.2 and 8, RFC 5389).

use std::net::{IpAddr, SocketAddr};

const HEADER: usize = 20;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const XOR_MAPPED_ADDRESS: [u8; 2] = [0x00, 0x20];

/// The answer to a binding request: the address it came from. `None` for anything else: no SIP message begins like one.
pub fn answer(packet: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
    let head = packet.get(..HEADER)?;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    if head[..2] != BINDING_REQUEST || head[4..8] != MAGIC_COOKIE || packet.len() != HEADER + length || length % 4 != 0 {
        return None;
    }
    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
    let mut value = match from.ip() {
        IpAddr::V4(ip) => [&[0, 1, 0, 0][..], &ip.octets()].concat(),
        IpAddr::V6(ip) => [&[0, 2, 0, 0][..], &ip.octets()].concat(),
    };
    value[2..4].copy_from_slice(&from.port().to_be_bytes());
    // Port and address are hidden from translators that rewrite what looks like an address: XOR with cookie and transaction.
    let mask = [&MAGIC_COOKIE[..2], &head[4..20]].concat();
    value[2..].iter_mut().zip(&mask).for_each(|(byte, mask)| *byte ^= mask);
    let length = (4 + value.len()) as u16;
    let size = (value.len() as u16).to_be_bytes();
    Some([&BINDING_SUCCESS[..], &length.to_be_bytes(), &head[4..20], &XOR_MAPPED_ADDRESS, &size, &value].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The transaction of RFC 5769 2.2 and 2.3, whose responses carry these addresses.
    const TRANSACTION: [u8; 12] = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

    fn request() -> Vec<u8> {
        [&BINDING_REQUEST[..], &[0, 0], &MAGIC_COOKIE, &TRANSACTION].concat()
    }

    #[test]
    fn a_binding_request_is_told_where_it_came_from_as_rfc_5769_writes_it() {
        let told = |from: &str| answer(&request(), from.parse().expect("address")).expect("an answer");
        let v4 = told("192.0.2.1:32853");
        assert_eq!(v4[..4], [0x01, 0x01, 0x00, 0x0c]);
        assert_eq!(v4[20..], [0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
        let v6 = told("[2001:db8:1234:5678:11:2233:4455:6677]:32853");
        let xored = [0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9];
        assert_eq!(v6[20..28], [0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47]);
        assert_eq!(v6[28..], xored);
        assert_eq!(told("[::ffff:192.0.2.1]:32853"), v4);
    }

    #[test]
    fn nothing_else_is_answered() {
        let from = "192.0.2.1:32853".parse().expect("address");
        let mut long = request();
        long.push(0);
        for packet in [&b"OPTIONS sip:a SIP/2.0\r\n\r\n"[..], &request()[..19], &long, &[0; 20], b"\r\n\r\n", b""] {
            assert_eq!(answer(packet, from), None);
        }
    }
}
