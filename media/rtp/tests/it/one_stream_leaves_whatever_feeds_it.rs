use std::time::{Duration, Instant};

use carillon_media_rtp::{NtpTime, Outbound, RtpHeader};
use proptest::prelude::*;

use crate::origin;

const FRAME: Duration = Duration::from_millis(20);

fn incoming(ssrc: u32, sequence: u16, timestamp: u32) -> RtpHeader {
    RtpHeader { marker: false, payload_type: 8, sequence, timestamp, ssrc }
}

/// Sequence and timestamp relative to where [`leg`] begins, and the marker.
fn seen(header: RtpHeader) -> (u16, u32, bool) {
    assert_eq!(header.ssrc, 0xca11);
    (header.sequence.wrapping_sub(65_530), header.timestamp.wrapping_sub(u32::MAX - 1_000), header.marker)
}

fn leg() -> (Outbound, Instant) {
    (Outbound::new(0xca11, 65_530, u32::MAX - 1_000, 8000), origin())
}

#[test]
fn music_then_an_agent_then_a_prompt_is_one_unbroken_stream() {
    let (mut leg, start) = leg();
    let music: Vec<_> = (0..3).map(|frame| seen(leg.generate(start + FRAME * frame, 0, 160))).collect();
    assert_eq!(music, [(0, 0, true), (1, 160, false), (2, 320, false)]);

    // The agent answers: 70 ms after the last music frame, with numbers of its own.
    leg.switch();
    let answered = start + FRAME * 2 + Duration::from_millis(70);
    let agent: Vec<_> = [(900, 5_000), (901, 5_160), (903, 5_480), (902, 5_320)]
        .map(|(sequence, timestamp)| seen(leg.relay(answered, &incoming(1, sequence, timestamp)).expect("of this source")))
        .into();
    let first = 320 + 560;
    assert_eq!(agent, [(3, first, true), (4, first + 160, false), (6, first + 480, false), (5, first + 320, false)], "a gap stays a gap");

    // The agent leaves; a prompt follows at once. The last packet still had its 20 ms.
    leg.switch();
    assert_eq!(seen(leg.generate(answered, 0, 160)), (7, first + 480 + 160, true));
}

#[test]
fn a_late_packet_from_before_the_switch_does_not_reuse_a_number() {
    let (mut leg, start) = leg();
    leg.generate(start, 0, 160);
    assert_eq!(seen(leg.relay(start + FRAME, &incoming(1, 100, 0)).expect("the first")).0, 1);
    assert_eq!(leg.relay(start + FRAME, &incoming(1, 99, 0)), None, "99 would leave as 0, which was music");
    assert_eq!(seen(leg.relay(start + FRAME * 2, &incoming(1, 101, 160)).expect("in order")).0, 2);
    assert_eq!(seen(leg.relay(start + FRAME * 2, &incoming(1, 100, 0)).expect("not before the first")).0, 1);
}

#[test]
fn a_source_that_begins_again_or_changes_ssrc_is_followed_by_the_clock() {
    let (mut leg, start) = leg();
    leg.relay(start, &incoming(1, 100, 0));
    leg.relay(start + FRAME, &incoming(1, 101, 160));
    assert_eq!(seen(leg.relay(start + FRAME * 2, &incoming(1, 40_000, 777)).expect("followed")), (2, 320, true));
    assert_eq!(seen(leg.relay(start + FRAME * 3, &incoming(2, 5, 9_999_999)).expect("followed")), (3, 480, true));
    assert_eq!(seen(leg.relay(start + FRAME * 4, &incoming(2, 6, 9_999_999 + 160)).expect("followed")), (4, 640, false));
}

#[test]
fn audio_goes_on_by_the_clock_after_a_key_was_held() {
    let (mut leg, start) = leg();
    leg.generate(start, 0, 160);
    for packet in 1..=10 {
        let header = seen(leg.generate_event(start + FRAME * packet, 101, packet == 1));
        assert_eq!(header, (packet as u16, 160, packet == 1), "all of one event say when it began");
    }
    assert_eq!(seen(leg.generate(start + FRAME * 11, 0, 160)).1, 11 * 160);

    // The same for a relayed key.
    for packet in 12..=20u16 {
        leg.relay(start + FRAME * packet.into(), &incoming(1, packet, 50_000));
    }
    leg.switch();
    assert_eq!(seen(leg.generate(start + FRAME * 21, 0, 160)).1, 21 * 160);
}

#[test]
fn a_sender_report_is_on_the_clock_of_the_stream() {
    let (mut leg, start) = leg();
    assert_eq!(leg.sender_info(start, NtpTime(0)), None, "nothing sent, nothing to report");
    for frame in 0..50 {
        leg.generate(start + FRAME * frame, 0, 160);
        leg.sent(160);
    }
    let info = leg.sender_info(start + Duration::from_secs(5), NtpTime(77)).expect("packets were sent");
    assert_eq!((info.packets, info.octets, info.ntp), (50, 8_000, NtpTime(77)));
    assert_eq!(info.rtp_timestamp.wrapping_sub(u32::MAX - 1_000), 5 * 8000);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Own,
    Relay { source: u8, skip: u8 },
    Switch,
    Wait(u16),
}

proptest! {
    /// In-order sources, switched at will: numbers never repeat and never run back.
    #[test]
    fn no_number_leaves_twice(steps in prop::collection::vec(prop_oneof![
        4 => Just(Step::Own),
        8 => (0u8..3, 1u8..4).prop_map(|(source, skip)| Step::Relay { source, skip }),
        1 => Just(Step::Switch),
        2 => (0u16..3_000).prop_map(Step::Wait),
    ], 0..400)) {
        let (mut leg, mut now) = leg();
        let mut sources = [(65_000u16, 0u32), (10, u32::MAX - 500), (30_000, 1 << 31)];
        let mut last: Option<RtpHeader> = None;
        for step in steps {
            let header = match step {
                Step::Own => leg.generate(now, 0, 160),
                Step::Relay { source, skip } => {
                    let (sequence, timestamp) = &mut sources[usize::from(source)];
                    *sequence = sequence.wrapping_add(skip.into());
                    *timestamp = timestamp.wrapping_add(160 * u32::from(skip));
                    leg.relay(now, &incoming(source.into(), *sequence, *timestamp)).expect("in order")
                }
                Step::Switch => { leg.switch(); continue }
                Step::Wait(ms) => { now += Duration::from_millis(ms.into()); continue }
            };
            if let Some(last) = last {
                prop_assert!((header.sequence.wrapping_sub(last.sequence) as i16) > 0, "{last:?} then {header:?}");
                prop_assert!((header.timestamp.wrapping_sub(last.timestamp) as i32) > 0, "{last:?} then {header:?}");
            }
            last = Some(header);
        }
    }
}
