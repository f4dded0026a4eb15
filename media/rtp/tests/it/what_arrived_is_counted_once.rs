use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use carillon_media_rtp::{Arrival, ReceiveStats, RtpHeader};
use proptest::prelude::*;

use crate::origin;

const FRAME: Duration = Duration::from_millis(20);

/// A phone that sends a packet every 20 ms; `number` runs on over the wraps.
fn packet(number: u32) -> RtpHeader {
    RtpHeader { marker: false, payload_type: 0, sequence: number as u16, timestamp: number.wrapping_mul(160), ssrc: 7 }
}

fn at(start: Instant, number: u32) -> Instant {
    start + FRAME * number
}

/// What a line does to one packet.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    Lost,
    Twice,
    Delayed(u8),
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![6 => Just(Fate::Arrives), 2 => Just(Fate::Lost), 1 => Just(Fate::Twice), 2 => (1u8..30).prop_map(Fate::Delayed)];
    prop::collection::vec(fate, 1..600)
}

/// The numbers in the order they arrive.
fn arrivals(first: u32, fates: &[Fate]) -> Vec<u32> {
    let mut slots: Vec<(u32, u32)> = Vec::new();
    for (index, fate) in (0u32..).zip(fates) {
        match fate {
            Fate::Arrives => slots.push((index, first + index)),
            Fate::Lost => {}
            Fate::Twice => slots.extend([(index, first + index), (index + 2, first + index)]),
            Fate::Delayed(places) => slots.push((index + u32::from(*places), first + index)),
        }
    }
    slots.sort_by_key(|(slot, _)| *slot);
    slots.into_iter().map(|(_, number)| number).collect()
}

proptest! {
    /// Against a set that remembers everything. Starts near a wrap, so that most runs cross it.
    #[test]
    fn loss_and_duplicates_are_those_of_a_perfect_memory(first in 65_200u32..65_600, fates in fates()) {
        let order = arrivals(first, &fates);
        let Some(begin) = order.first().copied() else { return Ok(()) };
        let mut stats = ReceiveStats::new(8000);
        let mut seen = BTreeSet::new();
        let mut duplicates = 0;
        for (slot, number) in (0u32..).zip(&order) {
            let arrival = stats.record(at(origin(), slot), &packet(*number));
            if *number < begin {
                prop_assert_eq!(arrival, Arrival::Stray, "{} came before the stream began at {}", number, begin);
            } else if !seen.insert(*number) {
                duplicates += 1;
                prop_assert_eq!(arrival, Arrival::Duplicate, "{}", number);
            } else {
                prop_assert!(matches!(arrival, Arrival::First | Arrival::Next { .. } | Arrival::Late), "{} was {:?}", number, arrival);
            }
        }
        let newest = seen.last().expect("at least the first");
        let quality = stats.quality();
        prop_assert_eq!((quality.received, quality.duplicates), (seen.len() as u64, duplicates));
        prop_assert_eq!(quality.lost, u64::from(newest - begin + 1) - seen.len() as u64);
    }
}

#[test]
fn a_phone_that_begins_again_keeps_its_totals() {
    let start = origin();
    let mut stats = ReceiveStats::new(8000);
    for number in (0..10).filter(|number| *number != 4) {
        stats.record(at(start, number), &packet(number));
    }
    // The same SSRC with other numbers: believed at the second packet in a row.
    assert_eq!(stats.record(at(start, 10), &packet(30_000)), Arrival::Stray);
    assert_eq!(stats.record(at(start, 11), &packet(30_001)), Arrival::First);
    assert_eq!(stats.record(at(start, 12), &packet(30_002)), Arrival::Next { missing: 0 });
    // Another SSRC is another stream at once.
    assert_eq!(stats.record(at(start, 13), &RtpHeader { ssrc: 8, ..packet(100) }), Arrival::First);
    assert_eq!(stats.record(at(start, 14), &RtpHeader { ssrc: 8, ..packet(103) }), Arrival::Next { missing: 2 });
    let quality = stats.quality();
    assert_eq!((quality.received, quality.lost), (9 + 2 + 2, 1 + 2));
}

#[test]
fn one_stray_packet_does_not_move_a_stream() {
    let mut stats = ReceiveStats::new(8000);
    for number in 0..5 {
        stats.record(at(origin(), number), &packet(number));
    }
    assert_eq!(stats.record(at(origin(), 5), &packet(40_000)), Arrival::Stray);
    assert_eq!(stats.record(at(origin(), 5), &packet(5)), Arrival::Next { missing: 0 });
    assert_eq!(stats.record(at(origin(), 6), &packet(40_001)), Arrival::Stray, "not in a row");
    assert_eq!(stats.quality().lost, 0);
}

#[test]
fn jitter_settles_at_the_mean_change_of_delay() {
    let start = origin();
    let mut stats = ReceiveStats::new(8000);
    // Every other packet 5 ms late: the delay changes by 5 ms each time.
    for number in 0..400 {
        stats.record(at(start, number) + Duration::from_millis(5) * (number % 2), &packet(number));
    }
    let jitter = stats.quality().jitter_us;
    assert!((4_700..=5_000).contains(&jitter), "5 ms of change read {jitter} us");
}

#[test]
fn steady_packets_have_no_jitter_and_a_perfect_score() {
    let start = origin();
    let mut stats = ReceiveStats::new(8000);
    for number in 0..100 {
        stats.record(at(start, number), &packet(number));
    }
    let quality = stats.quality();
    assert_eq!((quality.jitter_us, quality.lost, quality.mos_x100), (0, 0, 439));
}

#[test]
fn neither_a_held_key_nor_a_clock_set_anew_is_jitter() {
    let start = origin();
    let mut stats = ReceiveStats::new(8000);
    for number in 0..50 {
        stats.record(at(start, number), &packet(number));
    }
    // A key held for a second: fifty packets of one timestamp.
    for number in 50..100 {
        stats.record_untimed(&RtpHeader { timestamp: 50 * 160, ..packet(number) });
    }
    for number in 100..150 {
        stats.record(at(start, number), &packet(number));
    }
    // After a hold the phone's timestamps begin elsewhere.
    for number in 150..200 {
        let header = packet(number);
        stats.record(at(start, number), &RtpHeader { timestamp: header.timestamp.wrapping_add(3_000_000_000), ..header });
    }
    assert_eq!(stats.quality().max_jitter_us, 0);
}
