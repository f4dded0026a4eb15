//! Changing the sample rate by a polyphase FIR: for prompts and music at load time, where quality counts and time does not.

use std::f64::consts::PI;

/// How far aliases and images are held down, in dB.
const STOP_BAND_DB: f64 = 80.0;
/// Width of the transition as a fraction of the lower rate: the pass band ends at 0.44 of it (3.5 kHz at 8 kHz), the stop band begins at its half.
const TRANSITION: f64 = 0.06;

/// Resamples a recording from one rate to another, in samples a second. Before its start and after its end there is silence.
/// The filter's delay is taken out: what was at one second still is. Equal rates give a copy; a rate of zero gives nothing.
pub fn resample(samples: &[i16], from: u32, to: u32) -> Vec<i16> {
    convert(samples, from, to, |at| usize::try_from(at).ok().and_then(|at| samples.get(at)).copied().unwrap_or(0))
}

/// Resamples music that repeats: the end runs into the start, so that a seamless loop stays one.
pub fn resample_loop(samples: &[i16], from: u32, to: u32) -> Vec<i16> {
    convert(samples, from, to, |at| samples[at.rem_euclid(samples.len() as i64) as usize])
}

/// `beyond` says what lies at any position, before the start and after the end too.
fn convert(samples: &[i16], from: u32, to: u32, beyond: impl Fn(i64) -> i16) -> Vec<i16> {
    if from == 0 || to == 0 || samples.is_empty() {
        return Vec::new();
    }
    if from == to {
        return samples.to_vec();
    }
    let filter = Polyphase::new(from, to);
    let margin = filter.margin as i64;
    let around: Vec<f32> = (-margin..samples.len() as i64 + margin).map(|at| f32::from(beyond(at))).collect();
    let length = (samples.len() as u64 * u64::from(to)).div_ceil(from.into());
    (0..length).map(|at| filter.output(at, &around)).collect()
}

/// A low-pass prototype at `up` times the source's rate, cut into `up` phases; every `down`-th of its outputs is kept.
struct Polyphase {
    up: u64,
    down: u64,
    /// Half the prototype's length, in its steps: the delay to take out.
    delay: u64,
    /// Source samples a phase reaches to either side.
    margin: usize,
    /// The weights of each phase, for the oldest source sample first.
    phases: Vec<Vec<f32>>,
}

impl Polyphase {
    fn new(from: u32, to: u32) -> Self {
        let divisor = gcd(from, to);
        let (up, down) = (to / divisor, from / divisor);
        let prototype_rate = f64::from(from) * f64::from(up);
        let lower = f64::from(from.min(to));
        let taps = kaiser_low_pass(lower * (0.5 - TRANSITION / 2.0) / prototype_rate, lower * TRANSITION / prototype_rate);
        let phase = |first: usize| {
            let mut weights: Vec<f32> = taps.iter().skip(first).step_by(up as usize).map(|tap| (tap * f64::from(up)) as f32).collect();
            weights.reverse();
            weights
        };
        let margin = taps.len() / up as usize + 1;
        Polyphase { up: up.into(), down: down.into(), delay: taps.len() as u64 / 2, margin, phases: (0..up as usize).map(phase).collect() }
    }

    /// One output. `around` begins `margin` samples before the source.
    fn output(&self, at: u64, around: &[f32]) -> i16 {
        let position = at * self.down + self.delay;
        let weights = &self.phases[(position % self.up) as usize];
        let end = (position / self.up) as usize + self.margin + 1;
        let window = &around[end.saturating_sub(weights.len())..end.min(around.len())];
        let sum: f32 = weights.iter().zip(window).map(|(weight, sample)| weight * sample).sum();
        // `as` saturates: an overshoot is clipped, not wrapped.
        sum.round() as i16
    }
}

/// A windowed sinc of odd length: cut-off and transition width as fractions of its rate, [`STOP_BAND_DB`] down (Kaiser 1974).
pub(crate) fn kaiser_low_pass(cutoff: f64, transition: f64) -> Vec<f64> {
    let beta = 0.1102 * (STOP_BAND_DB - 8.7);
    let half = ((STOP_BAND_DB - 7.95) / (2.285 * 2.0 * PI * transition) / 2.0).ceil() as i64;
    let mut taps: Vec<f64> = (-half..=half)
        .map(|at| {
            let x = at as f64;
            let ideal = if at == 0 { 2.0 * cutoff } else { (2.0 * PI * cutoff * x).sin() / (PI * x) };
            let window = bessel_i0(beta * (1.0 - (x / half as f64).powi(2)).max(0.0).sqrt()) / bessel_i0(beta);
            ideal * window
        })
        .collect();
    let gain: f64 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= gain);
    taps
}

/// Modified Bessel function of the first kind, order zero, by its series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-16 {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
