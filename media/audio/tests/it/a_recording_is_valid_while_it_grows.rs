use std::io::Cursor;

use carillon_media_audio::{StereoWavWriter, goertzel, wav_length};
use hound::WavReader;
use tempfile::TempDir;

use crate::sine_at;

#[test]
fn both_sides_stand_in_their_channels_and_a_short_side_is_silent() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("call.wav");
    let (caller, agent) = (sine_at(8_000, 400.0, 0.5, 8_000), sine_at(8_000, 1_000.0, 0.25, 4_000));
    let mut recording = StereoWavWriter::create(&path).expect("a new file");
    recording.write(&caller, &agent).expect("room on disk");
    recording.write(&[], &agent).expect("room on disk");
    assert_eq!(recording.duration_ms(), 1_500);
    assert_eq!(recording.finish().expect("complete"), 12_000);

    let mut reader = WavReader::open(&path).expect("a WAV file");
    let spec = reader.spec();
    assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, 8_000, 16));
    let samples: Vec<i16> = reader.samples().collect::<Result<_, _>>().expect("samples");
    let (left, right): (Vec<i16>, Vec<i16>) = samples.chunks_exact(2).map(|frame| (frame[0], frame[1])).unzip();
    assert_eq!((&left[..8_000], &left[8_000..]), (&caller[..], &[0; 4_000][..]));
    assert_eq!((&right[..4_000], &right[4_000..8_000], &right[8_000..]), (&agent[..], &[0; 4_000][..], &agent[..]));
    assert!((goertzel(&left[..8_000], 8_000, 400.0) - 0.5).abs() < 0.001);
    assert!(goertzel(&left[..8_000], 8_000, 1_000.0) < 0.001, "the agent is not heard on the left");
}

#[test]
fn at_every_flush_a_reader_finds_all_of_it() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("call.wav");
    let mut recording = StereoWavWriter::create(&path).expect("a new file");
    assert_eq!(wav_length(&path).expect("valid before the first word").frames, 0);
    for second in 1..=5 {
        for _ in 0..50 {
            recording.write(&[1_000; 160], &[-1_000; 160]).expect("room on disk");
        }
        recording.flush().expect("room on disk");
        let length = wav_length(&path).expect("valid while it is written");
        assert_eq!((length.frames, length.duration_ms()), (second * 8_000, u64::from(second) * 1_000));
    }
}

#[test]
fn it_writes_into_anything_that_can_seek() {
    let mut memory = Cursor::new(Vec::new());
    let mut recording = StereoWavWriter::new(&mut memory).expect("memory");
    recording.write(&[1, 2, 3], &[4, 5, 6]).expect("memory");
    assert_eq!((recording.frames(), recording.finish().expect("memory")), (3, 3));
    assert_eq!(&memory.get_ref()[44..], [1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0]);
}
