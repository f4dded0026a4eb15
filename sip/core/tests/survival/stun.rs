//! What must hold for any bytes on the SIP port that might be STUN.

use std::net::SocketAddr;

use carillon_sip_core::stun::answer;

/// Takes them for a binding request from an address of each IP version.
pub(crate) fn any(bytes: &[u8]) {
    for from in [SocketAddr::from(([192, 0, 2, 7], 40_000)), SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7], 40_000))] {
        let Some(answer) = answer(bytes, from) else { continue };
        // Nobody is made larger by us than by what they sent, but for the one address; and no SIP message is taken for STUN.
        assert!(answer.len() <= bytes.len() + 24, "{} bytes for {}", answer.len(), bytes.len());
        assert_eq!((&bytes[..2], &answer[..2], &answer[4..20]), (&[0, 1][..], &[1, 1][..], &bytes[4..20]));
        assert_eq!(usize::from(u16::from_be_bytes([answer[2], answer[3]])), answer.len() - 20);
    }
}
