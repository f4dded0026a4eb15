use std::time::Duration;

use carillon_media_rtp::{DtmfReceiver, Outbound, ReceiveStats, RtcpPackets, RtpHeader, RtpView, kind_of};
use proptest::prelude::*;

use crate::origin;

/// Garbage, and garbage that begins as RTP or RTCP does, so that it gets past the first check.
fn datagrams() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![Just(None), (0x80u8..=0xbf).prop_map(Some)];
    (first, prop::option::of(200u8..=204), prop::collection::vec(any::<u8>(), 0..200)).prop_map(|(first, kind, mut bytes)| {
        if let (Some(first), Some(at)) = (first, bytes.get_mut(0)) {
            *at = first;
        }
        if let (Some(kind), Some(at)) = (kind, bytes.get_mut(1)) {
            *at = kind;
            // A length that often fits.
            if let Some(length) = bytes.get_mut(2..4) {
                length.copy_from_slice(&[0, length[1] % 16]);
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn a_datagram(mut bytes in datagrams()) {
        kind_of(&bytes);
        for packet in RtcpPackets::new(&bytes).flatten() {
            prop_assert!(packet.blocks().count() <= 31);
        }
        if let Ok(mut view) = RtpView::parse(&mut bytes[..]) {
            let header = view.header();
            prop_assert!(view.payload().len() + RtpHeader::LEN + 4 * view.csrcs().count() <= 200);
            view.rewrite(header);
            prop_assert_eq!(view.header(), header);
            view.payload_mut().fill(0);
        }
    }

    #[test]
    fn a_stream_of_nonsense(packets in prop::collection::vec((any::<(bool, u16, u32, u8)>(), prop::collection::vec(any::<u8>(), 0..6), 0u64..500), 0..300)) {
        let mut now = origin();
        let (mut stats, mut digits, mut outbound) = (ReceiveStats::new(0), DtmfReceiver::new(0), Outbound::new(1, 65_535, u32::MAX, 0));
        for ((marker, sequence, timestamp, ssrc), payload, wait_ms) in packets {
            now += Duration::from_millis(wait_ms);
            let header = RtpHeader { marker, payload_type: 101, sequence, timestamp, ssrc: (ssrc % 3).into() };
            stats.record(now, &header);
            digits.receive(now, &header, &payload);
            digits.handle_timeout(now);
            outbound.relay(now, &header);
            if sequence % 7 == 0 {
                outbound.generate(now, 0, 160);
                stats.report_block(now);
            }
        }
        let quality = stats.quality();
        prop_assert!(quality.received == 0 || (100..=439).contains(&quality.mos_x100));
        while digits.poll_digit().is_some() {}
    }
}
