//! Telephone audio as pure functions: G.711, G.722, Opus, resampling, tones, measuring, and WAV files.
//!
//! Samples are `i16`, mono unless a name says stereo; a level of 0 dBFS is a square wave at full scale, so that a sine at full scale reads -3.

pub mod g711;
pub mod g722;
mod halfband;
mod measure;
pub mod opus;
mod resample;
mod tones;
mod wav;

pub use halfband::{Doubler, Halver};
pub use measure::{SILENCE_DBFS, goertzel, is_silent, level_dbfs};
pub use resample::{resample, resample_loop};
pub use tones::{Country, Tone, dtmf_frequencies, dtmf_tone, sine};
pub use wav::{Pcm, Repaired, StereoWavWriter, WavError, WavLength, read_wav_from, read_wav_mono, repair, wav_length, wav_mono};

/// The rate of a telephone line, and of everything inside the server, in samples a second.
pub const TELEPHONE_RATE: u32 = 8000;
/// Samples in the usual packet of 20 ms at [`TELEPHONE_RATE`].
pub const FRAME_SAMPLES: usize = 160;
