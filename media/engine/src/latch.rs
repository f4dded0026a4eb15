//! Whose packets a leg takes (the guard against RTP bleed and injection).
//!
//! Before a source is known, only packets from the address in SDP or from where the leg's signalling comes are looked at; the
//! first of them decides, and from then on nobody else is heard until a re-INVITE says otherwise.

use std::net::SocketAddr;

use crate::{LegMedia, Sources};

/// Where a leg's packets come from and where ours go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Latch {
    source: Option<SocketAddr>,
    destination: SocketAddr,
}

impl Latch {
    pub(crate) fn new(media: &LegMedia) -> Self {
        Self { source: None, destination: media.remote }
    }

    /// Whether a packet from there is taken.
    pub(crate) fn admits(&self, media: &LegMedia, from: SocketAddr) -> bool {
        match self.source {
            Some(source) => source == from,
            None => from == media.remote || signalled_from(media, from),
        }
    }

    /// Whether RTCP from there is taken: the same host, since its port is another.
    pub(crate) fn admits_rtcp(&self, media: &LegMedia, from: SocketAddr) -> bool {
        match self.source {
            Some(source) => source.ip() == from.ip(),
            None => from.ip() == media.remote.ip() || signalled_from(media, from),
        }
    }

    pub(crate) fn is_latched(&self) -> bool {
        self.source.is_some()
    }

    /// This is the source from now on; media goes back to it (symmetric RTP, RFC 4961).
    pub(crate) fn latch(&mut self, from: SocketAddr) {
        self.source = Some(from);
        self.destination = from;
    }

    /// A re-INVITE: the next packet decides anew. Until then media goes to the new address, if there is one;
    /// an unchanged SDP behind NAT says less than where packets came from.
    pub(crate) fn reopen(&mut self, before: &LegMedia, media: &LegMedia) {
        self.source = None;
        if before.remote != media.remote {
            self.destination = media.remote;
        }
    }

    /// Where our packets go; `None` for the null address of an old-style hold.
    pub(crate) fn destination(&self) -> Option<SocketAddr> {
        (self.destination.port() != 0 && !self.destination.ip().is_unspecified()).then_some(self.destination)
    }
}

fn signalled_from(media: &LegMedia, from: SocketAddr) -> bool {
    match &media.allowed_sources {
        Sources::Only(addresses) => addresses.contains(&from.ip()),
        Sources::Any => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Codec;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn media(remote: &str, allowed_sources: Sources) -> LegMedia {
        LegMedia {
            remote: address(remote),
            codec: Codec::Pcmu,
            codec_pt: 0,
            dtmf_pt: None,
            dtmf_hz: 8000,
            allowed_sources,
            send: true,
            recv: true,
            security: None,
        }
    }

    #[test]
    fn only_the_sdp_address_and_the_signalling_host_may_latch() {
        let natted = media("10.0.0.5:4000", Sources::Only(vec![address("192.0.2.7:5060").ip()]));
        let latch = Latch::new(&natted);
        assert!(latch.admits(&natted, address("10.0.0.5:4000")));
        assert!(latch.admits(&natted, address("192.0.2.7:31234")));
        assert!(!latch.admits(&natted, address("10.0.0.5:4002")), "same host, another port than SDP says");
        assert!(!latch.admits(&natted, address("192.0.2.66:4000")));
    }

    #[test]
    fn a_latched_leg_hears_one_source_only_even_where_any_may_latch() {
        let open = media("10.0.0.5:4000", Sources::Any);
        let mut latch = Latch::new(&open);
        assert!(latch.admits(&open, address("192.0.2.66:9")));
        latch.latch(address("192.0.2.66:9"));
        assert!(!latch.admits(&open, address("10.0.0.5:4000")));
        assert_eq!(latch.destination(), Some(address("192.0.2.66:9")));
    }

    #[test]
    fn a_re_invite_with_the_same_address_keeps_sending_where_packets_came_from() {
        let natted = media("10.0.0.5:4000", Sources::Only(vec![address("192.0.2.7:0").ip()]));
        let mut latch = Latch::new(&natted);
        latch.latch(address("192.0.2.7:31234"));
        latch.reopen(&natted, &natted);
        assert_eq!(latch.destination(), Some(address("192.0.2.7:31234")));
        let moved = media("10.0.0.9:4000", Sources::Only(Vec::new()));
        latch.reopen(&natted, &moved);
        assert_eq!(latch.destination(), Some(address("10.0.0.9:4000")));
        assert!(!latch.admits(&moved, address("192.0.2.7:31234")));
    }

    #[test]
    fn nothing_is_sent_to_the_null_address_of_a_hold() {
        assert_eq!(Latch::new(&media("0.0.0.0:4000", Sources::Any)).destination(), None);
    }
}
