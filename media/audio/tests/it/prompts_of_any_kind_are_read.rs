use std::path::{Path, PathBuf};

use carillon_media_audio::{WavError, goertzel, read_wav_mono, wav_length};
use hound::{SampleFormat, WavSpec, WavWriter};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::sine_at;

/// One second of 440 Hz at half scale, the same in every channel.
fn prompt(folder: &Path, rate: u32, channels: u16, bits: u16, format: SampleFormat) -> PathBuf {
    let path = folder.join(format!("{rate}-{channels}-{bits}-{format:?}.wav"));
    let spec = WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: format };
    let mut wav = WavWriter::create(&path, spec).expect("a new file");
    for sample in sine_at(rate, 440.0, 0.5, rate as usize) {
        for _ in 0..channels {
            match format {
                SampleFormat::Float => wav.write_sample(f32::from(sample) / 32767.0),
                SampleFormat::Int if bits < 16 => wav.write_sample(i32::from(sample) >> (16 - bits)),
                SampleFormat::Int => wav.write_sample(i32::from(sample) << (bits - 16)),
            }
            .expect("a sample");
        }
    }
    wav.finalize().expect("a valid file");
    path
}

#[test]
fn whatever_rate_width_or_channels() {
    let folder = TempDir::new().expect("a folder");
    for (rate, channels, bits, format) in [
        (16_000, 1, 16, SampleFormat::Int),
        (8_000, 1, 16, SampleFormat::Int),
        (48_000, 2, 16, SampleFormat::Int),
        (48_000, 1, 24, SampleFormat::Int),
        (44_100, 2, 32, SampleFormat::Int),
        (8_000, 1, 8, SampleFormat::Int),
        (16_000, 2, 32, SampleFormat::Float),
    ] {
        let path = prompt(folder.path(), rate, channels, bits, format);
        let pcm = read_wav_mono(&path).expect("a prompt");
        assert_eq!((pcm.rate, pcm.samples.len(), pcm.duration_ms()), (rate, rate as usize, 1_000));
        let length = wav_length(&path).expect("a prompt");
        assert_eq!((length.frames, length.rate, length.channels, length.duration_ms()), (rate, rate, channels, 1_000));
        let line = pcm.to_telephone();
        let heard = goertzel(&line[2_000..6_000], 8_000, 440.0);
        assert!((heard - 0.5).abs() < 0.004, "{}: {heard}", path.display());
    }
}

#[test]
fn what_cannot_be_played_says_why_and_names_the_file() {
    let folder = TempDir::new().expect("a folder");
    let missing = read_wav_mono(&folder.path().join("gone.wav")).expect_err("nothing there");
    assert!(matches!(missing, WavError::File { .. }) && missing.to_string().contains("gone.wav"), "{missing}");

    let text = folder.path().join("text.wav");
    std::fs::write(&text, "this is no sound").expect("a new file");
    let error = read_wav_mono(&text).expect_err("not WAV");
    assert!(matches!(error, WavError::Format { .. }) && error.to_string().contains("text.wav"), "{error}");

    let slow = prompt(folder.path(), 4_000, 1, 16, SampleFormat::Int);
    assert!(matches!(read_wav_mono(&slow), Err(WavError::Unfit { .. })));

    let cut = prompt(folder.path(), 8_000, 1, 16, SampleFormat::Int);
    let bytes = std::fs::read(&cut).expect("the file");
    std::fs::write(&cut, &bytes[..1_000]).expect("a shorter file");
    assert!(matches!(read_wav_mono(&cut), Err(WavError::Format { .. })), "half a prompt is not played");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_header_is_an_error_or_sound_and_never_a_panic(changes in prop::collection::vec((0usize..48, any::<u8>()), 1..6)) {
        let folder = TempDir::new().expect("a folder");
        let path = prompt(folder.path(), 8_000, 2, 16, SampleFormat::Int);
        let mut bytes = std::fs::read(&path).expect("the file");
        bytes.truncate(400);
        for (at, value) in changes {
            bytes[at] = value;
        }
        std::fs::write(&path, &bytes).expect("the file");
        let (read, length) = (read_wav_mono(&path), wav_length(&path));
        prop_assert!(read.is_err() || length.is_ok());
        if let Ok(repaired) = carillon_media_audio::repair(&path) {
            prop_assert!(repaired.frames <= 400);
        }
    }
}
