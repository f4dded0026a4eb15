use std::time::Duration;

use carillon_media_rtp::{
    NtpTime, PacketKind, ReceiveStats, Report, ReportBlock, RtcpError, RtcpPacket, RtcpPackets, RtpHeader, SenderInfo, kind_of,
};
use proptest::prelude::*;

use crate::origin;

fn read(bytes: &[u8]) -> Vec<RtcpPacket<'_>> {
    RtcpPackets::new(bytes).collect::<Result<_, _>>().expect("a valid compound")
}

fn blocks() -> impl Strategy<Value = ReportBlock> {
    (any::<(u32, u8, u32, u32, u32, u32)>(), ReportBlock::MIN_LOST..=ReportBlock::MAX_LOST).prop_map(
        |((ssrc, fraction_lost, highest_sequence, jitter, last_sender_report, delay_since_last_sender_report), cumulative_lost)| {
            ReportBlock {
                ssrc,
                fraction_lost,
                cumulative_lost,
                highest_sequence,
                jitter,
                last_sender_report,
                delay_since_last_sender_report,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        ssrc: u32,
        sender in prop::option::of(any::<(u64, u32, u32, u32)>()),
        blocks in prop::collection::vec(blocks(), 0..35),
        cname in "[ -~]{0,300}",
        goodbye: bool,
    ) {
        let sender = sender.map(|(ntp, rtp_timestamp, packets, octets)| SenderInfo { ntp: NtpTime(ntp), rtp_timestamp, packets, octets });
        let mut bytes = Vec::new();
        Report { ssrc, sender, blocks: &blocks, cname: &cname, goodbye }.write(&mut bytes);
        prop_assert_eq!(bytes.len() % 4, 0);
        prop_assert_eq!(kind_of(&bytes), PacketKind::Rtcp);

        let packets = read(&bytes);
        match (packets[0], sender) {
            (RtcpPacket::SenderReport { ssrc: from, info, .. }, Some(sender)) => prop_assert_eq!((from, info), (ssrc, sender)),
            (RtcpPacket::ReceiverReport { ssrc: from, .. }, None) => prop_assert_eq!(from, ssrc),
            other => prop_assert!(false, "{:?}", other),
        }
        prop_assert_eq!(packets[0].blocks().collect::<Vec<_>>(), &blocks[..blocks.len().min(31)]);
        prop_assert_eq!(packets[1], RtcpPacket::Cname { ssrc, cname: &cname.as_bytes()[..cname.len().min(255)] });
        prop_assert_eq!(packets.get(2).copied(), goodbye.then_some(RtcpPacket::Goodbye { ssrc }));

        // Cut anywhere, a compound is an error or ends between two packets; it is never read wrongly.
        for cut in 0..bytes.len() {
            let whole: Vec<_> = RtcpPackets::new(&bytes[..cut]).take_while(Result::is_ok).flatten().collect();
            prop_assert_eq!(&whole[..], &packets[..whole.len()]);
        }
    }
}

#[test]
fn a_packet_longer_than_the_datagram_or_of_another_version_ends_the_reading() {
    let goodbye = [0x81, 203, 0, 1, 0, 0, 0, 9];
    assert_eq!(read(&goodbye), [RtcpPacket::Goodbye { ssrc: 9 }]);
    let mut long = goodbye;
    long[3] = 2;
    assert_eq!(RtcpPackets::new(&long).collect::<Vec<_>>(), [Err(RtcpError::Short)]);
    let mut other = goodbye;
    other[0] = 0x41;
    assert_eq!(RtcpPackets::new(&other).collect::<Vec<_>>(), [Err(RtcpError::Version)]);
    // A report that counts more blocks than it carries.
    assert_eq!(RtcpPackets::new(&[0x82, 201, 0, 1, 0, 0, 0, 9]).collect::<Vec<_>>(), [Err(RtcpError::Short)]);
    assert_eq!(RtcpPackets::new(&goodbye.repeat(40)).count(), 16, "a datagram full of goodbyes is read so far");
}

fn packet(number: u32) -> RtpHeader {
    RtpHeader { marker: false, payload_type: 0, sequence: number as u16, timestamp: number * 160, ssrc: 7 }
}

#[test]
fn a_block_tells_the_loss_of_its_interval_and_of_the_whole() {
    let start = origin();
    let at = |number: u32| start + Duration::from_millis(20) * number;
    let mut stats = ReceiveStats::new(8000);
    assert_eq!(stats.report_block(start), None, "nothing heard yet");
    for number in (65_500..65_600).filter(|number| number % 4 != 1) {
        stats.record(at(number), &packet(number));
    }
    let first = stats.report_block(at(65_600)).expect("a stream");
    assert_eq!((first.ssrc, first.cumulative_lost, first.highest_sequence), (7, 25, 65_599));
    assert_eq!(first.fraction_lost, 64, "a quarter");
    for number in 65_600..65_700 {
        stats.record(at(number), &packet(number));
    }
    let second = stats.report_block(at(65_700)).expect("a stream");
    assert_eq!((second.fraction_lost, second.cumulative_lost), (0, 25));
    assert_eq!((second.last_sender_report, second.delay_since_last_sender_report), (0, 0));
}

#[test]
fn two_reports_measure_the_round_trip() {
    let start = origin();
    let wall = Duration::from_secs(1_800_000_000);
    // We report at second 0; the phone answers half a second later; it takes 80 ms both ways together.
    let (mut ours, mut phones) = (ReceiveStats::new(8000), ReceiveStats::new(8000));
    let sent = NtpTime::from_unix(wall);
    phones.record(start, &packet(1));
    phones.sender_report(start, &SenderInfo { ntp: sent, ..SenderInfo::default() });
    let block = phones.report_block(start + Duration::from_millis(500)).expect("a stream");
    let trip = ours.round_trip(NtpTime::from_unix(wall + Duration::from_millis(580)), &block).expect("it refers to our report");
    assert!(trip.abs_diff(Duration::from_millis(80)) < Duration::from_micros(50), "{trip:?}");

    let elsewhere = ReportBlock { last_sender_report: 0, ..block };
    assert_eq!(elsewhere.round_trip(sent), None, "the phone has heard no report");
    assert_eq!(block.round_trip(sent), None, "before it was sent: the clocks disagree");
}

#[test]
fn ntp_counts_from_1900() {
    assert_eq!(NtpTime::from_unix(Duration::ZERO).0, 2_208_988_800 << 32);
    assert_eq!(NtpTime::from_unix(Duration::from_millis(500)).0 as u32, 1 << 31);
    assert_eq!(NtpTime::short_units(Duration::from_millis(1500)), 98_304);
}
