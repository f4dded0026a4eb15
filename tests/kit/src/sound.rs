//! Ears: what is in a piece of audio. Everything at 8 kHz.

use std::{io::Cursor, path::Path};

use carillon_media_audio::{TELEPHONE_RATE, goertzel, level_dbfs, read_wav_mono, resample_loop, sine};

/// Samples in a second.
pub const SECOND: usize = TELEPHONE_RATE as usize;

/// Reads a file as a telephone hears it.
///
/// # Panics
/// When it is no WAV file.
pub fn read(file: &Path) -> Vec<i16> {
    read_wav_mono(file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).to_telephone()
}

/// Reads as much as there is of a mono file at 8 kHz that a phone is still writing, whatever its header says; `None` before there is any.
pub fn read_unfinished(file: &Path) -> Option<Vec<i16>> {
    const HEADER: usize = 44;
    let bytes = std::fs::read(file).ok()?;
    let samples = bytes.get(HEADER..)?.chunks_exact(2).map(|sample| i16::from_le_bytes([sample[0], sample[1]]));
    Some(samples.collect())
}

/// Reads music that loops.
///
/// # Panics
/// When it is no WAV file.
pub fn read_music(file: &Path) -> Vec<i16> {
    let music = read_wav_mono(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    resample_loop(&music.samples, music.rate, TELEPHONE_RATE)
}

/// Writes a tone for a phone to play.
///
/// # Panics
/// When the file cannot be written.
pub fn write_tone(file: &Path, hz: f64, seconds: f64) {
    let spec = hound::WavSpec { channels: 1, sample_rate: TELEPHONE_RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(file, spec).expect("a WAV file");
    for sample in sine(hz, 0.3, (seconds * SECOND as f64) as usize) {
        writer.write_sample(sample).expect("a sample");
    }
    writer.finalize().expect("a whole file");
}

/// A recording of two sides.
#[derive(Debug)]
pub struct Recording {
    /// The caller's side.
    pub left: Vec<i16>,
    /// The other side.
    pub right: Vec<i16>,
}

impl Recording {
    /// Reads the bytes of a recording.
    ///
    /// # Panics
    /// When they are not 16-bit stereo at 8 kHz.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut reader = hound::WavReader::new(Cursor::new(bytes)).expect("a WAV file");
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, TELEPHONE_RATE, 16), "a recording's format");
        let samples: Vec<i16> = reader.samples::<i16>().map(|sample| sample.expect("a whole sample")).collect();
        let side = |skip| samples.iter().copied().skip(skip).step_by(2).collect();
        Self { left: side(0), right: side(1) }
    }

    /// How long it is.
    pub fn seconds(&self) -> f64 {
        self.left.len() as f64 / SECOND as f64
    }
}

/// Seconds in which a tone of `hz` is the greater part of what is heard, by frames of 50 ms.
pub fn seconds_of_tone(samples: &[i16], hz: f64) -> f64 {
    let frame = SECOND / 20;
    let sounding = samples.chunks_exact(frame).filter(|frame| is_tone(frame, hz)).count();
    sounding as f64 / 20.0
}

/// Whether a tone of `hz` is the greater part of it. A sine's level is its amplitude's less 3 dB.
fn is_tone(samples: &[i16], hz: f64) -> bool {
    let amplitude = goertzel(samples, TELEPHONE_RATE, hz);
    amplitude > 0.02 && 20.0 * amplitude.log10() - 3.01 > level_dbfs(samples) - 1.5
}

/// Where `wanted` is heard best in `heard`: the second it begins, and how alike they are there (1: the same shape).
pub fn find(heard: &[i16], wanted: &[i16]) -> (f64, f64) {
    let energy = |samples: &[i16]| samples.iter().map(|sample| i64::from(*sample).pow(2)).sum::<i64>() as f64;
    let wanted_energy = energy(wanted);
    let likeness = |window: &[i16]| {
        let product: i64 = window.iter().zip(wanted).map(|(a, b)| i64::from(*a) * i64::from(*b)).sum();
        product as f64 / (energy(window) * wanted_energy).sqrt().max(1.0)
    };
    let best = heard.windows(wanted.len()).map(likeness).enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
    best.map_or((0.0, 0.0), |(at, likeness)| (at as f64 / SECOND as f64, likeness))
}
