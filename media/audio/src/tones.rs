//! Tones of the telephone network: ringback, busy, congestion, the digits' pairs, and plain sines.

use std::f64::consts::TAU;

use crate::TELEPHONE_RATE;

/// Europe's call progress tone (ETSI TR 101 041; Italy and most neighbours).
const PROGRESS_HZ: f64 = 425.0;
/// Peak of a progress tone as a fraction of full scale: -10 dBm0, where 0 dBm0 is 3.14 dB below a full-scale sine.
const PROGRESS_AMPLITUDE: f64 = 0.22;
/// Peak of each of the two sines of a digit: -9 and -9 dBm0.
const DTMF_AMPLITUDE: f64 = 0.247;
/// Rise and fall of a tone that is switched: 5 ms, so that it does not click.
const RAMP_SAMPLES: usize = 40;

/// A call progress tone with its cadence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// The called phone rings: 1 s on, 4 s off.
    Ringback,
    /// The called phone is busy: 0.5 s on, 0.5 s off.
    Busy,
    /// No line is free: 0.2 s on, 0.2 s off.
    Congestion,
}

impl Tone {
    /// On and off, in milliseconds.
    pub const fn cadence_ms(self) -> (u32, u32) {
        match self {
            Tone::Ringback => (1000, 4000),
            Tone::Busy => (500, 500),
            Tone::Congestion => (200, 200),
        }
    }

    /// One period at [`TELEPHONE_RATE`], to be repeated without end: whole frames of 20 ms.
    pub fn period(self) -> Vec<i16> {
        let (on, off) = self.cadence_ms();
        let mut samples = sine(PROGRESS_HZ, PROGRESS_AMPLITUDE, samples_of(on));
        soften(&mut samples);
        samples.resize(samples_of(on + off), 0);
        samples
    }
}

/// A sine at [`TELEPHONE_RATE`], from phase zero; `amplitude` is its peak as a fraction of full scale, 0 to 1.
pub fn sine(hz: f64, amplitude: f64, samples: usize) -> Vec<i16> {
    (0..samples).map(|at| quantise(amplitude * wave(hz, at))).collect()
}

/// The low and high frequency of a digit (Q.23): `0` to `9`, `*`, `#`, `A` to `D`.
pub fn dtmf_frequencies(digit: char) -> Option<(f64, f64)> {
    const LOW: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
    const HIGH: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
    const KEYS: &str = "123A456B789C*0#D";
    let at = KEYS.find(digit.to_ascii_uppercase())?;
    Some((LOW[at / 4], HIGH[at % 4]))
}

/// A digit as a tone pair at [`TELEPHONE_RATE`]; `None` when it is no digit.
pub fn dtmf_tone(digit: char, duration_ms: u32) -> Option<Vec<i16>> {
    let (low, high) = dtmf_frequencies(digit)?;
    let mut samples: Vec<i16> =
        (0..samples_of(duration_ms)).map(|at| quantise(DTMF_AMPLITUDE * (wave(low, at) + wave(high, at)))).collect();
    soften(&mut samples);
    Some(samples)
}

fn wave(hz: f64, at: usize) -> f64 {
    (TAU * hz * at as f64 / f64::from(TELEPHONE_RATE)).sin()
}

fn samples_of(ms: u32) -> usize {
    (ms * (TELEPHONE_RATE / 1000)) as usize
}

fn quantise(value: f64) -> i16 {
    // `as` saturates: a sum over full scale is clipped, not wrapped.
    (value * 32767.0).round() as i16
}

fn soften(samples: &mut [i16]) {
    let ramp = RAMP_SAMPLES.min(samples.len() / 2);
    let last = samples.len().saturating_sub(1);
    for at in 0..ramp {
        let gain = (at as f64 + 0.5) / ramp as f64;
        for edge in [at, last - at] {
            samples[edge] = (f64::from(samples[edge]) * gain).round() as i16;
        }
    }
}
