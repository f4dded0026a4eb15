//! The `rtp` crate as the oracle: what it writes we read alike, what we write it reads alike.

use carillon_media_rtp::{RtpError, RtpHeader, RtpView};
use proptest::prelude::*;
use rtp::header::{Extension, Header};
use webrtc_util::marshal::{Marshal, Unmarshal};

prop_compose! {
    fn our_headers()(marker: bool, payload_type in 0u8..128, sequence: u16, timestamp: u32, ssrc: u32) -> RtpHeader {
        RtpHeader { marker, payload_type, sequence, timestamp, ssrc }
    }
}

/// A packet of theirs with CSRCs, an RFC 3550 extension of whole words, and padding, each or none; and its payload.
fn their_packets() -> impl Strategy<Value = (Header, Vec<u8>, u8)> {
    let extension = prop::option::of((1u16..0x1000, prop::collection::vec(any::<u8>(), 0..8).prop_map(|words| words.repeat(4))));
    (our_headers(), prop::collection::vec(any::<u32>(), 0..16), extension, prop::collection::vec(any::<u8>(), 0..180), 0u8..20).prop_map(
        |(ours, csrc, extension, payload, padding)| {
            let (extension_profile, extensions) = match &extension {
                Some((profile, bytes)) => (*profile, vec![Extension { id: 0, payload: bytes.clone().into() }]),
                None => (0, Vec::new()),
            };
            let header = Header {
                version: 2,
                padding: padding > 0,
                extension: extension.is_some(),
                marker: ours.marker,
                payload_type: ours.payload_type,
                sequence_number: ours.sequence,
                timestamp: ours.timestamp,
                ssrc: ours.ssrc,
                csrc,
                extension_profile,
                extensions,
                extensions_padding: 0,
            };
            (header, payload, padding)
        },
    )
}

fn fields(header: &Header) -> RtpHeader {
    RtpHeader {
        marker: header.marker,
        payload_type: header.payload_type,
        sequence: header.sequence_number,
        timestamp: header.timestamp,
        ssrc: header.ssrc,
    }
}

fn wire(header: &Header, payload: &[u8], padding: u8) -> Vec<u8> {
    let mut bytes = header.marshal().expect("a valid header").to_vec();
    bytes.extend_from_slice(payload);
    bytes.extend(std::iter::repeat_n(padding, padding.into()));
    bytes
}

proptest! {
    #[test]
    fn what_they_write_is_read_and_rewritten_in_place((header, payload, padding) in their_packets(), new in our_headers()) {
        let mut bytes = wire(&header, &payload, padding);
        let mut view = RtpView::parse(&mut bytes[..]).expect("a valid packet");
        prop_assert_eq!(view.header(), fields(&header));
        prop_assert_eq!(view.payload(), &payload[..]);
        prop_assert_eq!(view.csrcs().collect::<Vec<_>>(), header.csrc.clone());

        view.rewrite(new);
        let read = Header::unmarshal(&mut &bytes[..]).expect("still a valid packet");
        prop_assert_eq!(fields(&read), new);
        prop_assert_eq!((read.csrc, read.extensions, read.padding), (header.csrc, header.extensions, header.padding), "the rest is as it came");
    }

    #[test]
    fn what_we_write_is_read_by_them(header in our_headers(), payload in prop::collection::vec(any::<u8>(), 0..180)) {
        let mut packet = vec![0xee; RtpHeader::LEN + payload.len()];
        header.write(&mut packet).expect("room").copy_from_slice(&payload);
        let read = rtp::packet::Packet::unmarshal(&mut &packet[..]).expect("a valid packet");
        prop_assert_eq!(fields(&read.header), header);
        prop_assert_eq!(&read.payload[..], &payload[..]);
    }

    #[test]
    fn a_packet_cut_anywhere_before_its_payload_is_short((header, _, _) in their_packets(), cut in 0.0f64..1.0) {
        let header = Header { padding: false, ..header };
        let bytes = wire(&header, &[], 0);
        let cut = (cut * bytes.len() as f64) as usize;
        prop_assert_eq!(RtpView::parse(&bytes[..cut]).map(|_| ()), Err(RtpError::Short));
    }
}

#[test]
fn padding_that_reaches_into_the_header_or_is_zero_is_refused() {
    let mut bytes = RtpHeader::default().to_bytes().to_vec();
    bytes[0] |= 0x20;
    for (padding, payload) in [(0u8, 4), (5, 4), (200, 4)] {
        let mut packet = bytes.clone();
        packet.resize(RtpHeader::LEN + payload, padding);
        assert!(matches!(RtpView::parse(&packet[..]), Err(RtpError::Short)), "padding of {padding} in {payload} bytes");
    }
}
