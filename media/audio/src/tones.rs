//! Tones of the telephone network: ringback, busy, congestion, the digits' pairs, and plain sines.

use std::f64::consts::TAU;

use crate::TELEPHONE_RATE;

/// Peak of a progress tone as a fraction of full scale: -10 dBm0, where 0 dBm0 is 3.14 dB below a full-scale sine.
const PROGRESS_AMPLITUDE: f64 = 0.22;
/// Peak of each of the two sines of a digit: -9 and -9 dBm0.
const DTMF_AMPLITUDE: f64 = 0.247;
/// Rise and fall of a tone that is switched: 5 ms, so that it does not click.
const RAMP_SAMPLES: usize = 40;

/// Whose tones a site plays, as ITU-T E.180 Supplement 2 lists them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Country {
    /// Italy, and as ETSI TR 101 041 has it for most of Europe; Switzerland's are the same.
    #[default]
    Italy,
    /// Germany.
    Germany,
    /// France.
    France,
    /// Spain.
    Spain,
    /// The United Kingdom.
    UnitedKingdom,
    /// The United States and Canada.
    NorthAmerica,
}

/// A call progress tone: its cadence and its frequencies are those of a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// The called phone rings.
    Ringback,
    /// The called phone is busy.
    Busy,
    /// No line is free.
    Congestion,
}

impl Tone {
    /// Frequencies that sound together, and times on and off in milliseconds, in turn.
    pub const fn of(self, country: Country) -> (&'static [f64], &'static [(u32, u32)]) {
        match (country, self) {
            (Country::Italy | Country::Germany, Tone::Ringback) => (&[425.0], &[(1000, 4000)]),
            (Country::Italy, Tone::Busy) => (&[425.0], &[(500, 500)]),
            (Country::Italy, Tone::Congestion) => (&[425.0], &[(200, 200)]),
            (Country::Germany, Tone::Busy) => (&[425.0], &[(480, 480)]),
            (Country::Germany, Tone::Congestion) => (&[425.0], &[(240, 240)]),
            (Country::France, Tone::Ringback) => (&[440.0], &[(1500, 3500)]),
            (Country::France, Tone::Busy | Tone::Congestion) => (&[440.0], &[(500, 500)]),
            (Country::Spain, Tone::Ringback) => (&[425.0], &[(1500, 3000)]),
            (Country::Spain, Tone::Busy) => (&[425.0], &[(200, 200)]),
            (Country::Spain, Tone::Congestion) => (&[425.0], &[(200, 200), (200, 200), (200, 600)]),
            (Country::UnitedKingdom, Tone::Ringback) => (&[400.0, 450.0], &[(400, 200), (400, 2000)]),
            (Country::UnitedKingdom, Tone::Busy) => (&[400.0], &[(375, 375)]),
            (Country::UnitedKingdom, Tone::Congestion) => (&[400.0], &[(400, 350), (225, 525)]),
            (Country::NorthAmerica, Tone::Ringback) => (&[440.0, 480.0], &[(2000, 4000)]),
            (Country::NorthAmerica, Tone::Busy) => (&[480.0, 620.0], &[(500, 500)]),
            (Country::NorthAmerica, Tone::Congestion) => (&[480.0, 620.0], &[(250, 250)]),
        }
    }

    /// One period at [`TELEPHONE_RATE`], to be repeated without end.
    pub fn period(self, country: Country) -> Vec<i16> {
        let (frequencies, cadence) = self.of(country);
        // Together they are as loud as one would be.
        let amplitude = PROGRESS_AMPLITUDE / (frequencies.len() as f64).sqrt();
        let mut period = Vec::new();
        for (on, off) in cadence {
            let sum = |at| frequencies.iter().map(|hz| amplitude * wave(*hz, at)).sum::<f64>();
            let mut sounding: Vec<i16> = (0..samples_of(*on)).map(|at| quantise(sum(at))).collect();
            soften(&mut sounding);
            period.append(&mut sounding);
            period.resize(period.len() + samples_of(*off), 0);
        }
        period
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
