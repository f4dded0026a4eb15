//! Late, lost and doubled packets of a tone: what is heard stays the tone, without a click.

use std::f64::consts::TAU;

use carillon_media_rtp::{JitterBuffer, RtpHeader, Taken};

const HZ: f64 = 400.0;
/// The most a tone of half scale moves from one sample to the next, twice over: more would be heard as a click.
const STEEPEST: i32 = (2.0 * 16_000.0 * TAU * HZ / 8000.0) as i32;

const CLOSE_TO_WRAPPING: u32 = u32::MAX - 800;

struct Line {
    buffer: JitterBuffer,
    heard: Vec<i16>,
    taken: Vec<Taken>,
}

impl Line {
    fn new() -> Self {
        Self { buffer: JitterBuffer::default(), heard: Vec::new(), taken: Vec::new() }
    }

    fn put(&mut self, frame: u32) {
        self.put_of(7, 1_000_000u32.wrapping_add(frame * 160), frame);
    }

    fn put_of(&mut self, ssrc: u32, timestamp: u32, frame: u32) {
        let samples: Vec<i16> = (0..160).map(|n| (16_000.0 * (TAU * HZ * f64::from(frame * 160 + n) / 8000.0).sin()) as i16).collect();
        self.buffer.put(&RtpHeader { ssrc, timestamp, ..RtpHeader::default() }, &samples);
    }

    fn take(&mut self) {
        let mut frame = [0; 160];
        self.taken.push(self.buffer.take(&mut frame));
        self.heard.extend_from_slice(&frame);
    }

    fn count(&self, kind: Taken) -> usize {
        self.taken.iter().filter(|taken| **taken == kind).count()
    }

    /// Mean level of the tone's frames, apart from the first ones and as a share of what was sent.
    fn level(&self, from: usize) -> f64 {
        let heard = &self.heard[from * 160..];
        let power = heard.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / heard.len() as f64;
        power.sqrt() / (16_000.0 / 2f64.sqrt())
    }

    fn assert_no_click(&self, from: usize) {
        let steepest = self.heard[from * 160..].windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max();
        assert!(steepest <= Some(STEEPEST), "{steepest:?} of {STEEPEST}");
    }
}

#[test]
fn a_steady_stream_is_heard_as_it_was_sent_and_its_delay_shrinks() {
    let mut line = Line::new();
    for frame in 0..300 {
        line.put(frame);
        line.take();
    }
    assert_eq!((line.count(Taken::Concealed), line.taken[0]), (0, Taken::Silence));
    assert!(line.level(3) > 0.98, "{}", line.level(3));
    line.assert_no_click(2);
    assert!((80..=160).contains(&line.buffer.depth()), "{} samples wait after a frame was taken", line.buffer.depth());
}

#[test]
fn lost_packets_are_made_up_for() {
    let mut line = Line::new();
    for frame in 0..500 {
        if frame % 17 != 5 {
            line.put(frame);
        }
        line.take();
    }
    assert!(line.count(Taken::Concealed) >= 28, "{}", line.count(Taken::Concealed));
    assert_eq!(line.count(Taken::Silence), 1);
    assert!(line.level(3) > 0.93, "{}", line.level(3));
    line.assert_no_click(3);
}

#[test]
fn jitter_makes_the_delay_grow_until_nothing_is_missing() {
    let mut line = Line::new();
    // Each packet up to 60 ms late, in a fixed disorder, and many come twice.
    let mut on_the_way: Vec<(u32, u32)> = Vec::new();
    for frame in 0..600u32 {
        on_the_way.push((frame + (frame * 7 + frame / 3) % 4, frame));
        on_the_way.retain(|(at, sent)| {
            let here = *at <= frame;
            if here {
                line.put(*sent);
                if sent % 5 == 0 {
                    line.put(*sent);
                }
            }
            !here
        });
        line.take();
    }
    let late = &line.taken[100..];
    let concealed = late.iter().filter(|taken| **taken != Taken::Sound).count();
    assert!(concealed <= 25, "{concealed} of {}", late.len());
    assert!(line.level(20) > 0.9, "{}", line.level(20));
    line.assert_no_click(3);
}

#[test]
fn a_stream_that_ends_dies_away_and_another_begins() {
    let mut line = Line::new();
    for frame in 0..50 {
        line.put(frame);
        line.take();
    }
    (0..30).for_each(|_| line.take());
    assert_eq!(line.taken[79], Taken::Silence);
    line.assert_no_click(2);
    assert!(line.heard[70 * 160..].iter().all(|sample| *sample == 0));
    for frame in 0..50 {
        line.put_of(8, CLOSE_TO_WRAPPING.wrapping_add(frame * 160), frame);
        line.take();
    }
    assert!(line.taken[85..].iter().all(|taken| *taken == Taken::Sound), "{:?}", &line.taken[80..]);
    // After a pause the same sender goes on further ahead, as its clock ran on.
    line.put_of(8, CLOSE_TO_WRAPPING.wrapping_add(400 * 160), 400);
    line.put_of(8, CLOSE_TO_WRAPPING.wrapping_add(401 * 160), 401);
    line.put_of(8, CLOSE_TO_WRAPPING.wrapping_add(402 * 160), 402);
    line.take();
    line.take();
    assert_eq!(line.taken[line.taken.len() - 1], Taken::Sound);
}

#[test]
fn a_heap_of_packets_is_cut_to_the_longest_delay() {
    let mut line = Line::new();
    for frame in 0..20 {
        line.put(frame);
        line.take();
    }
    for frame in 20..34 {
        line.put(frame);
    }
    line.take();
    assert!(line.buffer.depth() <= 320, "{}", line.buffer.depth());
    line.assert_no_click(2);
}
