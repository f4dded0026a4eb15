//! Threat 22: calls over lines of 40 ± 15 ms that lose 5 % of all packets, both ways, stay up to their end; their recordings are as long as the
//! talk, and what was said is in them. `CARILLON_BAD_LINES=100` sets how many calls; they go twenty at a time.
#![expect(clippy::print_stdout, reason = "what was measured is shown when it fails, or with --nocapture")]

use std::{path::Path, sync::Arc};

use carillon_kit::{
    phone::{BadLine, Call, Phone},
    sound,
};
use carillon_media_audio::g711;
use serde_json::Value;

use crate::site::{Site, both_sides};

/// Calls at a time.
const AT_ONCE: usize = 20;
const FRAME: usize = 160;
/// Frames quieter than this (RMS) say nothing about a line.
const LOUD: f64 = 300.0;
/// What the line loses, and a little for chance: 1,000 frames of which 95 in a hundred are there differ by 2.1 at three standard deviations.
const LEAST_INTACT: f64 = 0.92;
/// The longest hole, in frames.
const LONGEST_HOLE: usize = 10;

const ROUTES: &str = r#"
[[outbound_route]]
prefix = "+39"
trunk = "lab"
record = true
"#;

#[tokio::test(flavor = "multi_thread")]
async fn loses_packets_and_no_call_and_what_was_said_is_in_the_recording() {
    let calls = std::env::var("CARILLON_BAD_LINES").ok().and_then(|calls| calls.parse().ok()).unwrap_or(AT_ONCE);
    let mut site = Site::start_with(|config, setup| {
        config.limits.calls = 200;
        setup.push_str(ROUTES);
        *setup = setup.replace("password = \"phone-1001\"", "password = \"phone-1001\"\ndials = [\"internal\", \"national\"]");
        *setup = setup.replace("[[trunk]]\nname = \"lab\"", "[[trunk]]\nname = \"lab\"\nmax_calls = 200");
    })
    .await;
    let phone = Phone::registered("1001", site.sip).await;
    phone.is_on(BadLine::of_the_tests(1));
    site.trunk.is_on(BadLine::of_the_tests(1_000_000));
    let speech: Arc<[i16]> = speech().into();
    let seconds = speech.len() as f64 / 8000.0;

    let mut left = calls;
    while left > 0 {
        let now = left.min(AT_ONCE);
        left -= now;
        let mut talks = Vec::new();
        for _ in 0..now {
            talks.push(begin(&phone, &mut site.trunk).await);
        }
        for (caller, callee) in &talks {
            caller.audio.say_sound(&speech);
            callee.audio.say_sound(&speech);
        }
        if let Some((last, _)) = talks.last_mut() {
            last.audio.hears_more(seconds).await;
        }
        for (caller, callee) in &mut talks {
            assert!(!caller.has_ended() && !callee.has_ended(), "a call was lost");
        }
        for (mut caller, mut callee) in talks {
            caller.hang_up().await;
            callee.is_ended().await;
        }
    }

    let records = site.records(calls).await;
    let mut intact = Vec::new();
    for record in &records {
        assert_eq!(record["ending"]["reason"], "hung_up", "{record:#}");
        as_long_as_the_talk(record);
        let (left, right) = both_sides(&site.recording_of(record));
        intact.extend([("caller", heard(&left, &speech)), ("callee", heard(&right, &speech))]);
    }
    let mean = intact.iter().map(|(_, heard)| heard.intact).sum::<f64>() / intact.len() as f64;
    println!("{calls} calls: {:.1} % of the frames of speech are as they were said", mean * 100.0);
    for (side, heard) in &intact {
        assert!(heard.intact >= LEAST_INTACT, "{:.3} of the {side}'s speech is there", heard.intact);
        assert!(heard.longest_hole <= LONGEST_HOLE, "{} frames of the {side} in a row are not there", heard.longest_hole);
    }
    // A line that lost nothing would prove nothing.
    assert!(mean < 0.98, "{mean}");
}

async fn begin(phone: &Phone, trunk: &mut Phone) -> (Call, Call) {
    let mut caller = phone.dial("+39021234567").await;
    let mut callee = trunk.rings().await;
    callee.answer().await;
    caller.is_answered().await;
    (caller, callee)
}

/// Twenty seconds of it, through G.711 as every phone's.
fn speech() -> Vec<i16> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans/demo/prompts/en");
    let names =
        ["welcome", "menu-sales-support", "all-agents-busy", "nobody-available", "consent", "number-unknown", "goodbye", "invalid-choice"];
    let said = names.iter().flat_map(|name| sound::read(&folder.join(format!("{name}.wav"))));
    said.map(|sample| g711::ulaw_decode(g711::ulaw_encode(sample))).collect()
}

/// By its time stamps and by the facts, within half a hundredth and what a tick of both clocks is.
fn as_long_as_the_talk(record: &Value) {
    let recording = &record["recordings"][0];
    let (span, length) = (recording["span_ms"].as_i64().expect("a span"), recording["length_ms"].as_i64().expect("a length"));
    assert!((span - length).abs() <= span / 200 + 20, "{length} ms of audio for {span} ms");
    assert_eq!(recording["gap_ms"], 0, "{recording}");
}

struct Heard {
    /// Which part of the loud frames is as it was said.
    intact: f64,
    longest_hole: usize,
}

/// Lays what was said beside what was recorded, and counts frames that are the same.
fn heard(recorded: &[i16], said: &[i16]) -> Heard {
    let begins = begins_at(recorded, said).expect("something of it is there");
    let (mut loud, mut intact, mut hole, mut longest_hole) = (0_usize, 0_usize, 0, 0);
    for (number, frame) in said.chunks_exact(FRAME).enumerate() {
        let at = begins + (number * FRAME) as isize;
        let there = usize::try_from(at).ok().and_then(|at| recorded.get(at..at + FRAME));
        if rms(frame) < LOUD {
            continue;
        }
        loud += 1;
        if there == Some(frame) {
            intact += 1;
            hole = 0;
        } else {
            hole += 1;
            longest_hole = longest_hole.max(hole);
        }
    }
    Heard { intact: intact as f64 / loud as f64, longest_hole }
}

/// Where it begins, by loud frames found again: the place most of them agree on.
fn begins_at(recorded: &[i16], said: &[i16]) -> Option<isize> {
    let loud = said.chunks_exact(FRAME).enumerate().filter(|(_, frame)| rms(frame) > 4.0 * LOUD).step_by(40).take(8);
    let mut places: Vec<isize> = loud
        .filter_map(|(number, frame)| {
            let found = recorded
                .get(number * FRAME..)?
                .windows(FRAME)
                .position(|window| window[0] == frame[0] && window[80] == frame[80] && window == frame);
            found.map(|at| at as isize)
        })
        .collect();
    places.sort_unstable();
    places.chunk_by(|a, b| a == b).max_by_key(|same| same.len()).map(|same| same[0])
}

fn rms(frame: &[i16]) -> f64 {
    (frame.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / frame.len() as f64).sqrt()
}

#[test]
fn a_good_line_is_told_from_it() {
    let said = speech();
    let mut recorded = vec![0; 1234];
    recorded.extend_from_slice(&said);
    assert!(heard(&recorded, &said).intact > 0.999);
    recorded[1234 + 100 * FRAME..1234 + 115 * FRAME].fill(0);
    let holed = heard(&recorded, &said);
    assert!(holed.intact < 1.0 && holed.longest_hole > LONGEST_HOLE, "{}", holed.longest_hole);
}
