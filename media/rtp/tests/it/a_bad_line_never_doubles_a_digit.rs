use std::time::Duration;

use carillon_media_rtp::{Digit, DtmfFrame, DtmfPayload, DtmfReceiver, DtmfSender, END_TIMEOUT, Outbound, RtpHeader};
use proptest::prelude::*;

use crate::origin;

const FRAME_MS: u64 = 20;

/// One packet on its way: when it was sent, of which press it is, its header and payload.
#[derive(Debug, Clone, Copy)]
struct Sent {
    at_ms: u64,
    press: usize,
    header: RtpHeader,
    payload: [u8; 4],
}

/// What a phone sends for these presses.
fn phone(presses: &[(char, u32)]) -> Vec<Sent> {
    let (mut sender, mut outbound) = (DtmfSender::new(), Outbound::new(9, 65_500, u32::MAX - 5_000, 8000));
    let start = origin();
    let mut waiting = presses.iter();
    let (mut sent, mut press, mut at_ms) = (Vec::new(), 0, 0);
    loop {
        if sender.is_idle() {
            let Some((digit, duration_ms)) = waiting.next() else { return sent };
            assert!(sender.push(*digit, *duration_ms));
        }
        let now = start + Duration::from_millis(at_ms);
        match sender.next_frame() {
            Some(DtmfFrame { payload, first }) => {
                press += usize::from(first);
                let header = outbound.generate_event(now, 101, first);
                sent.push(Sent { at_ms, press: press - 1, header, payload: payload.to_bytes() });
            }
            None => _ = outbound.generate(now, 0, 160),
        }
        at_ms += FRAME_MS;
    }
}

/// What the server makes of packets that arrive at these times.
fn server(arrivals: &[(u64, Sent)]) -> Vec<Digit> {
    let start = origin();
    let mut receiver = DtmfReceiver::new(8000);
    let mut heard = Vec::new();
    for (at_ms, packet) in arrivals {
        let now = start + Duration::from_millis(*at_ms);
        while let Some(at) = receiver.poll_timeout().filter(|at| *at <= now) {
            receiver.handle_timeout(at);
        }
        receiver.receive(now, &packet.header, &packet.payload);
        heard.extend(std::iter::from_fn(|| receiver.poll_digit()));
    }
    if let Some(at) = receiver.poll_timeout() {
        receiver.handle_timeout(at);
    }
    heard.extend(std::iter::from_fn(|| receiver.poll_digit()));
    assert_eq!(receiver.poll_timeout(), None);
    heard
}

fn keys(digits: &[Digit]) -> String {
    digits.iter().map(|digit| digit.digit).collect()
}

/// The packets of these indexes within each press are lost.
fn without(sent: &[Sent], lost: impl Fn(usize, usize, usize) -> bool) -> Vec<(u64, Sent)> {
    let count = |press| sent.iter().filter(|packet| packet.press == press).count();
    let mut kept = Vec::new();
    let mut index = 0;
    for (at, packet) in sent.iter().enumerate() {
        index = if at > 0 && sent[at - 1].press == packet.press { index + 1 } else { 0 };
        if !lost(packet.press, index, count(packet.press)) {
            kept.push((packet.at_ms, *packet));
        }
    }
    kept
}

#[test]
fn every_key_is_heard_once_with_its_length() {
    let presses: Vec<(char, u32)> = "0123456789*#ABCD".chars().map(|digit| (digit, 120)).collect();
    let heard = server(&without(&phone(&presses), |_, _, _| false));
    assert_eq!(keys(&heard), "0123456789*#ABCD");
    assert!(heard.iter().all(|digit| digit.duration_ms == 120), "{heard:?}");
}

#[test]
fn the_first_packets_may_be_lost() {
    let sent = phone(&[('5', 200), ('5', 200)]);
    assert_eq!(keys(&server(&without(&sent, |_, index, _| index < 6))), "55");
}

#[test]
fn a_digit_without_its_end_packets_ends_with_the_next_or_by_time() {
    let sent = phone(&[('5', 200), ('5', 160), ('7', 100)]);
    let heard = server(&without(&sent, |_, index, count| index >= count - 3));
    assert_eq!(keys(&heard), "557");
    assert!(heard[0].duration_ms >= 160, "what was heard of it: {heard:?}");
}

#[test]
fn a_digit_of_one_packet_is_a_digit() {
    let sent = phone(&[('1', 400), ('1', 400)]);
    assert_eq!(keys(&server(&without(&sent, |_, index, _| index != 3))), "11");
}

#[test]
fn the_rest_of_an_event_that_was_given_up_is_not_another() {
    // Ten packets of a long press are lost in a row, more than the time-out.
    let sent = phone(&[('9', 1000)]);
    let hole = (END_TIMEOUT.as_millis() as u64 / FRAME_MS) as usize + 2;
    assert_eq!(keys(&server(&without(&sent, |_, index, _| (5..5 + hole).contains(&index)))), "9");
}

#[test]
fn a_key_held_longer_than_sixteen_bits_is_one_digit() {
    // RFC 4733 2.5.1.3: full segments have no end; the last one has.
    let packet = |timestamp, duration, end| {
        let header = RtpHeader { marker: false, payload_type: 101, sequence: 0, timestamp, ssrc: 9 };
        let payload = DtmfPayload { event: 3, end, volume: 10, duration }.to_bytes();
        (0, Sent { at_ms: 0, press: 0, header, payload })
    };
    let heard = server(&[
        packet(1_000, 160, false),
        packet(1_000, 0xffff, false),
        packet(1_000 + 0xffff, 8_000, false),
        packet(1_000, 0xffff, false),
        packet(1_000 + 2 * 0xffff, 800, false),
        packet(1_000 + 2 * 0xffff, 1_600, true),
    ]);
    assert_eq!(heard, [Digit { digit: '3', duration_ms: (2 * 0xffff + 1_600) / 8 }]);
}

#[test]
fn a_phone_that_sets_its_clock_back_or_changes_ssrc_is_still_heard() {
    let packet = |ssrc, timestamp, event| {
        let header = RtpHeader { marker: true, payload_type: 101, sequence: 0, timestamp, ssrc };
        (0, Sent { at_ms: 0, press: 0, header, payload: DtmfPayload { event, end: true, volume: 10, duration: 800 }.to_bytes() })
    };
    let heard = server(&[packet(9, 1_000_000, 1), packet(9, 500, 2), packet(8, 400, 3), packet(8, 400, 3)]);
    assert_eq!(keys(&heard), "123");
}

#[test]
fn flash_and_short_payloads_are_no_digits() {
    let mut receiver = DtmfReceiver::new(8000);
    let header = RtpHeader::default();
    receiver.receive(origin(), &header, &[16, 0x8a, 0, 160]);
    receiver.receive(origin(), &header, &[1, 0x8a, 0]);
    assert_eq!((receiver.poll_digit(), receiver.poll_timeout()), (None, None));
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    Lost,
    Twice,
    Late(u64),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![5 => Just(Fate::Arrives), 4 => Just(Fate::Lost), 1 => Just(Fate::Twice), 2 => (1u64..120).prop_map(Fate::Late)]
}

proptest! {
    /// Whatever is lost, doubled or late: what is heard are presses in their order, each at most once, and each of which a packet came
    /// on time is there.
    #[test]
    fn on_any_line(
        presses in prop::collection::vec((prop::sample::select("0123456789*#".chars().collect::<Vec<_>>()), 40u32..900), 1..12),
        fates in prop::collection::vec(fate(), 700),
    ) {
        let sent = phone(&presses);
        let mut arrivals = Vec::new();
        let mut on_time = vec![false; presses.len()];
        for (packet, fate) in sent.iter().zip(&fates) {
            match fate {
                Fate::Arrives => arrivals.push((packet.at_ms, *packet)),
                Fate::Lost => {}
                Fate::Twice => arrivals.extend([(packet.at_ms, *packet), (packet.at_ms + 50, *packet)]),
                Fate::Late(by_ms) => arrivals.push((packet.at_ms + by_ms, *packet)),
            }
            on_time[packet.press] |= matches!(fate, Fate::Arrives | Fate::Twice);
        }
        arrivals.sort_by_key(|(at_ms, packet)| (*at_ms, packet.header.sequence));
        let heard = keys(&server(&arrivals));

        // The greedy match of a subsequence: presses of which nothing came on time may be missing, the others may not.
        let mut rest = heard.chars().peekable();
        let mut missing = Vec::new();
        for ((digit, _), on_time) in presses.iter().zip(&on_time) {
            if rest.peek() == Some(digit) {
                rest.next();
            } else if *on_time {
                missing.push(*digit);
            }
        }
        let certain = on_time.iter().filter(|on_time| **on_time).count();
        prop_assert_eq!(rest.next(), None, "more than was pressed: {} for {:?}", heard, presses);
        prop_assert!(heard.len() >= certain, "{} for {:?}, of which {} had a packet on time", heard, presses, certain);
        if certain == presses.len() {
            prop_assert!(missing.is_empty(), "{:?} are missing from {}", missing, heard);
        }
    }
}
