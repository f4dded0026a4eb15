//! Recordings that meet trouble.

use std::fs::OpenOptions;
use std::io::Read;
use std::path::Path;
use std::process::Command as Program;
use std::time::Instant;

use carillon_media_engine::{Codec, Command, Event, RecordingId};

use crate::lab::{Lab, Phone, read_recording, talk, tone};

#[test]
fn each_channel_is_whoever_is_there_and_silence_in_between() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("call.wav");
    let mut lab = Lab::new();
    let [mut caller, mut first, mut second] = [(); 3].map(|()| Phone::new(Codec::Pcma));
    let (a, b, c) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut first), lab.connect_latched(&mut second));
    let recording = lab.start_recording(a, Some(b), &path);
    talk(25, [(&mut caller, 500.0), (&mut first, 1300.0), (&mut second, 1900.0)]);
    lab.send(Command::SetRecordingLeft { recording, left: None });
    lab.send(Command::SetRecordingRight { recording, right: None });
    lab.send(Command::CloseLeg { leg: b });
    talk(25, [(&mut caller, 500.0), (&mut first, 1300.0), (&mut second, 1900.0)]);
    lab.send(Command::SetRecordingLeft { recording, left: Some(a) });
    lab.send(Command::SetRecordingRight { recording, right: Some(c) });
    talk(25, [(&mut caller, 500.0), (&mut first, 1300.0), (&mut second, 1900.0)]);
    let closed = lab.stop_recording(recording);
    assert_eq!(closed.error, None);

    let (left, right) = read_recording(&path);
    let third = right.len() / 3;
    // Away from the edges, which lie where the orders came.
    let [one, two, three] = [0, 1, 2].map(|n| &left[n * third + 800..(n + 1) * third - 800]);
    assert!(tone(one, 500.0) > 0.45 && tone(three, 500.0) > 0.45 && two.iter().all(|sample| *sample == 0));
    let [one, two, three] = [0, 1, 2].map(|n| &right[n * third + 800..(n + 1) * third - 800]);
    assert!(tone(one, 1300.0) > 0.45 && tone(one, 1900.0) < 0.005);
    assert!(two.iter().all(|sample| *sample == 0));
    assert!(tone(three, 1900.0) > 0.45 && tone(three, 1300.0) < 0.005);
}

#[test]
fn a_phone_that_falls_silent_leaves_silence_of_its_length() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("call.wav");
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    let recording = lab.start_recording(a, Some(b), &path);
    talk(20, [(&mut caller, 500.0), (&mut agent, 1300.0)]);
    talk(20, [(&mut agent, 1300.0)]);
    // Its clock ran on meanwhile, as phones' clocks do.
    caller.timestamp = caller.timestamp.wrapping_add(20 * 160);
    talk(20, [(&mut caller, 900.0), (&mut agent, 1300.0)]);
    let closed = lab.stop_recording(recording);
    let (left, right) = read_recording(&path);
    assert!((closed.frames as i64 - 60 * 160).abs() < 600, "{}", closed.frames);
    assert!(tone(&right[800..9000], 1300.0) > 0.45);
    assert!(tone(&left[400..2800], 500.0) > 0.45);
    assert!(left[3800..6000].iter().all(|sample| *sample == 0));
    assert!(tone(&left[7000..9000], 900.0) > 0.45);
}

#[test]
fn of_a_caller_who_has_just_hung_up_there_is_a_silent_file_with_the_other_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("call.wav");
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.close(a);
    let recording = lab.start_recording(a, Some(b), &path);
    talk(20, [(&mut agent, 1300.0)]);
    let closed = lab.stop_recording(recording);
    assert_eq!((closed.error, closed.gap_ms), (None, 0));
    let (left, right) = read_recording(&path);
    assert!(left.iter().all(|sample| *sample == 0));
    assert!(tone(&right[800..3000], 1300.0) > 0.45);
}

#[test]
fn a_full_disk_ends_the_recording_and_the_call_goes_on() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let mut lab = Lab::new();
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    let recording = lab.start_recording(a, Some(b), full);
    talk(20, [(&mut caller, 500.0), (&mut agent, 1300.0)]);
    assert!(tone(&agent.sound(), 500.0) > 0.4);
    lab.until("the refusal is known", |engine| engine.recordings_refused().is_some_and(|why| why.kind == std::io::ErrorKind::StorageFull));
    let closed = lab.stop_recording(recording);
    assert!(closed.error.as_deref().is_some_and(|error| error.contains("space")), "{closed:?}");
    assert!(closed.gap_ms >= 380 && closed.frames == 0, "all of it is missing: {closed:?}");
    lab.close(a);
    assert!(!lab.told().iter().any(|event| matches!(event, Event::RecordingClosed { .. })), "it was told once");
}

#[test]
fn a_file_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lab = Lab::new();
    let mut phone = Phone::new(Codec::Pcmu);
    let leg = lab.connect(&mut phone);
    let nowhere = lab.start_recording(leg, None, &folder.path().join("no/such/folder/call.wav"));
    assert!(lab.stop_recording(nowhere).error.is_some());
}

#[test]
fn a_disk_that_takes_files_again_gets_the_rest_of_the_call_with_silence_for_the_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("later/call.wav");
    let mut lab = Lab::in_real_time(|_| {});
    let mut caller = Phone::new(Codec::Pcmu);
    let a = lab.connect_latched(&mut caller);
    let recording = lab.start_recording(a, None, &path);
    let started = Instant::now();
    talk(30, [(&mut caller, 500.0)]);
    lab.until("the refusal is known", |engine| engine.recordings_refused().is_some());
    std::fs::create_dir(folder.path().join("later")).expect("a folder");
    while lab.engine.recordings_refused().is_some() {
        talk(5, [(&mut caller, 500.0)]);
    }
    talk(40, [(&mut caller, 500.0)]);
    let span = started.elapsed();
    let closed = lab.stop_recording(recording);
    assert_eq!(closed.error, None);
    assert!((400..2500).contains(&closed.gap_ms), "{closed:?}");
    assert!((closed.frames as i64 - span.as_millis() as i64 * 8).abs() <= 400, "{closed:?} for {span:?}");
    let (left, _) = read_recording(&path);
    let gap = closed.gap_ms as usize * 8;
    assert!(left[..gap].iter().all(|sample| *sample == 0), "the gap is silence");
    assert!(tone(&left[gap..], 500.0) > 0.4, "what came after it is there");
}

/// The writer is held up by a pipe nobody reads, which it cannot even open.
#[test]
fn a_stalled_writer_leaves_a_counted_gap_and_no_packet_late() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pipe, path) = (folder.path().join("pipe"), folder.path().join("call.wav"));
    assert!(Program::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let mut lab = Lab::in_real_time(|config| config.recorder_queue = 4);
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let (a, b) = (lab.connect_latched(&mut caller), lab.connect_latched(&mut agent));
    lab.send(Command::Bridge { a, b });
    let stalled = lab.start_recording(a, None, &pipe);
    let recording = lab.start_recording(a, Some(b), &path);
    let started = Instant::now();
    talk(120, [(&mut caller, 500.0), (&mut agent, 1300.0)]);
    assert!(agent.heard.len() >= 119 && caller.heard.len() >= 119, "media does not wait");

    // Somebody opens the other end: the writer goes on.
    let mut reader = OpenOptions::new().read(true).open(&pipe).expect("the pipe opens");
    assert!(lab.stop_recording(stalled).error.is_some(), "a pipe cannot be a recording");
    drop(reader.read(&mut [0; 64]));
    talk(40, [(&mut caller, 500.0), (&mut agent, 1300.0)]);
    let span = started.elapsed();
    let closed = lab.stop_recording(recording);
    assert!(closed.gap_ms >= 500, "{closed:?}");
    assert!((closed.frames as i64 - span.as_millis() as i64 * 8).abs() <= 400, "{closed:?} for {span:?}");
    let (left, right) = read_recording(&path);
    // The phones' clocks stood still while the pipe was stopped, so that their sound lies that much before the end.
    let end = left.len() - 5600..left.len() - 1600;
    assert!(tone(&left[end.clone()], 500.0) > 0.4 && tone(&right[end], 1300.0) > 0.4, "what came after the stall is there, in its place");
}

#[test]
fn an_engine_that_ends_finishes_its_recordings_and_closes_its_legs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("call.wav");
    let mut lab = Lab::new();
    let mut caller = Phone::new(Codec::Pcmu);
    let a = lab.connect_latched(&mut caller);
    let recording: RecordingId = lab.start_recording(a, None, &path);
    talk(20, [(&mut caller, 500.0)]);
    let told = lab.shut_down();
    assert!(told.iter().any(|event| matches!(event, Event::LegClosed { leg, .. } if *leg == a)), "{told:?}");
    let closed = |event: &Event| matches!(event, Event::RecordingClosed { recording: other, error: None, .. } if *other == recording);
    assert!(told.iter().any(closed), "{told:?}");
    assert!(tone(&read_recording(&path).0[..3000], 500.0) > 0.4);
}

#[test]
fn the_file_is_whole_while_it_grows() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("call.wav");
    let mut lab = Lab::new();
    let mut caller = Phone::new(Codec::Pcmu);
    let a = lab.connect_latched(&mut caller);
    let recording = lab.start_recording(a, None, &path);
    talk(110, [(&mut caller, 500.0)]);
    let length = carillon_media_audio::wav_length(&path).expect("a WAV file");
    assert!(length.duration_ms() >= 1000, "{} ms after 2200", length.duration_ms());
    lab.stop_recording(recording);
}
