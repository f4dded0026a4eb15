//! How loud, and is that tone in it.

use std::f64::consts::TAU;

/// Below this a line is silent: under the noise of a quiet room, over that of A-law's smallest step.
pub const SILENCE_DBFS: f64 = -55.0;

/// Root mean square level in dB below full scale; a full-scale sine reads -3.01. Nothing, or only zeros, reads negative infinity.
pub fn level_dbfs(samples: &[i16]) -> f64 {
    let energy: u64 = samples.iter().map(|sample| u64::from(sample.unsigned_abs()).pow(2)).sum();
    let mean = energy as f64 / samples.len().max(1) as f64;
    10.0 * (mean / (32768.0 * 32768.0)).log10()
}

/// Whether the level is below [`SILENCE_DBFS`].
pub fn is_silent(samples: &[i16]) -> bool {
    level_dbfs(samples) < SILENCE_DBFS
}

/// Peak amplitude of the sine of `hz` in the samples, as a fraction of full scale (Goertzel). Exact for whole periods; for others the
/// nearer the longer. A full-scale sine of that frequency gives 1.0, half of full scale 0.5.
pub fn goertzel(samples: &[i16], rate: u32, hz: f64) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let coefficient = 2.0 * (TAU * hz / f64::from(rate)).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in samples {
        (last, before) = (f64::from(*sample) / 32768.0 + coefficient * last - before, last);
    }
    let power = last * last + before * before - coefficient * last * before;
    power.max(0.0).sqrt() * 2.0 / samples.len() as f64
}
