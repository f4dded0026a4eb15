use std::path::Path;

use carillon_media_audio::{Repaired, StereoWavWriter, WavError, repair, wav_length};
use hound::WavReader;
use proptest::prelude::*;
use tempfile::TempDir;

/// A finished recording whose frames count up, as bytes.
fn recording(folder: &Path, frames: i16) -> Vec<u8> {
    let path = folder.join("whole.wav");
    let mut recording = StereoWavWriter::create(&path).expect("a new file");
    let left: Vec<i16> = (0..frames).collect();
    let right: Vec<i16> = left.iter().map(|sample| -sample).collect();
    recording.write(&left, &right).expect("room on disk");
    recording.finish().expect("complete");
    std::fs::read(path).expect("the file")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the last flush wrote into the header, and wherever the power went.
    #[test]
    fn wherever_it_was_cut(flushed in 0u32..1_000, cut in 44usize..4_044) {
        let folder = TempDir::new().expect("a folder");
        let mut bytes = recording(folder.path(), 1_000);
        bytes[4..8].copy_from_slice(&(36 + 4 * flushed).to_le_bytes());
        bytes[40..44].copy_from_slice(&(4 * flushed).to_le_bytes());
        bytes.truncate(cut);
        let path = folder.path().join("crashed.wav");
        std::fs::write(&path, &bytes).expect("a new file");

        let frames = (cut as u32 - 44) / 4;
        prop_assert_eq!(repair(&path).expect("a header"), Repaired { frames, changed: frames != flushed || cut % 4 != 0 });
        prop_assert_eq!(wav_length(&path).expect("valid").frames, frames);
        let samples: Vec<i16> = WavReader::open(&path).expect("valid").samples().collect::<Result<_, _>>().expect("all of it");
        let expected: Vec<i16> = (0..frames as i16).flat_map(|sample| [sample, -sample]).collect();
        prop_assert_eq!(samples, expected);
        prop_assert_eq!(repair(&path).expect("a header"), Repaired { frames, changed: false }, "a second time there is nothing to do");
    }
}

#[test]
fn a_finished_recording_is_left_alone() {
    let folder = TempDir::new().expect("a folder");
    let before = recording(folder.path(), 500);
    let path = folder.path().join("whole.wav");
    assert_eq!(repair(&path).expect("a header"), Repaired { frames: 500, changed: false });
    assert_eq!(std::fs::read(&path).expect("the file"), before);
}

#[test]
fn what_has_no_header_is_not_touched() {
    let folder = TempDir::new().expect("a folder");
    let whole = recording(folder.path(), 10);
    for length in [0, 3, 11, 20, 43] {
        let path = folder.path().join("cut.wav");
        std::fs::write(&path, &whole[..length]).expect("a new file");
        assert!(matches!(repair(&path), Err(WavError::NoHeader { .. })), "{length} bytes");
        assert_eq!(std::fs::read(&path).expect("the file"), &whole[..length]);
    }
    assert!(matches!(repair(&folder.path().join("gone.wav")), Err(WavError::File { .. })));
}
