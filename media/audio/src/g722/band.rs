//! One sub-band: the scale of its quantiser, and a predictor of two poles and six zeros.

use super::{
    saturate,
    tables::{ANTILOG, HIGH_CLASS, HIGH_SCALE_STEP, LOW_CLASS, LOW_SCALE_STEP},
};

#[derive(Debug, Clone)]
pub(super) struct Band {
    /// s: what the next sample is expected to be.
    predicted: i32,
    /// sz: the zeros' part of it.
    zeros: i32,
    /// r and p: the last two reconstructed and partly reconstructed signals, the newest first.
    reconstructed: [i32; 2],
    partial: [i32; 2],
    /// a: the poles' coefficients.
    poles: [i32; 2],
    /// d and b: the last six differences, the newest first, and the zeros' coefficients.
    differences: [i32; 6],
    zero_weights: [i32; 6],
    /// nb: the logarithm of the scale.
    log_scale: i32,
    /// det: the scale.
    scale: i32,
}

impl Band {
    pub(super) fn low() -> Self {
        Self::new(32)
    }

    pub(super) fn high() -> Self {
        Self::new(8)
    }

    fn new(scale: i32) -> Self {
        Self {
            predicted: 0,
            zeros: 0,
            reconstructed: [0; 2],
            partial: [0; 2],
            poles: [0; 2],
            differences: [0; 6],
            zero_weights: [0; 6],
            log_scale: 0,
            scale,
        }
    }

    pub(super) fn predicted(&self) -> i32 {
        self.predicted
    }

    pub(super) fn scale(&self) -> i32 {
        self.scale
    }

    /// LOGSCL and SCALEL.
    pub(super) fn adapt_low_scale(&mut self, coarse: usize) {
        self.log_scale = (((self.log_scale * 127) >> 7) + LOW_SCALE_STEP[LOW_CLASS[coarse]]).clamp(0, 18_432);
        self.scale = antilog(self.log_scale, 8);
    }

    /// LOGSCH and SCALEH.
    pub(super) fn adapt_high_scale(&mut self, code: usize) {
        self.log_scale = (((self.log_scale * 127) >> 7) + HIGH_SCALE_STEP[HIGH_CLASS[code]]).clamp(0, 22_528);
        self.scale = antilog(self.log_scale, 10);
    }

    /// Block 4: learns from the quantised difference, and predicts the next sample.
    pub(super) fn adapt(&mut self, difference: i32) {
        let reconstructed = saturate(self.predicted + difference);
        let partial = saturate(self.zeros + difference);
        self.adapt_poles(partial);
        self.adapt_zeros(difference);
        self.differences.copy_within(..5, 1);
        self.differences[0] = difference;
        self.reconstructed = [reconstructed, self.reconstructed[0]];
        self.partial = [partial, self.partial[0]];
        self.predict();
    }

    /// UPPOL2, then UPPOL1.
    fn adapt_poles(&mut self, partial: i32) {
        let [first, second] = self.poles;
        let alike = |before: i32| (partial < 0) == (before < 0);
        let towards = saturate(first << 2);
        let towards = if alike(self.partial[0]) { saturate(-towards) } else { towards };
        let lean = if alike(self.partial[1]) { 128 } else { -128 };
        let second = (lean + (towards >> 7) + ((second * 32_512) >> 15)).clamp(-12_288, 12_288);
        let lean = if alike(self.partial[0]) { 192 } else { -192 };
        let bound = saturate(15_360 - second);
        let first = saturate(lean + ((first * 32_640) >> 15)).clamp(-bound, bound);
        self.poles = [first, second];
    }

    /// UPZERO.
    fn adapt_zeros(&mut self, difference: i32) {
        let step = if difference == 0 { 0 } else { 128 };
        for (weight, before) in self.zero_weights.iter_mut().zip(self.differences) {
            let lean = if (before < 0) == (difference < 0) { step } else { -step };
            *weight = saturate(lean + ((*weight * 32_640) >> 15));
        }
    }

    /// FILTEP, FILTEZ and PREDIC.
    fn predict(&mut self) {
        let pole = |at: usize| (self.poles[at] * saturate(2 * self.reconstructed[at])) >> 15;
        let poles = saturate(pole(0) + pole(1));
        let terms = self.zero_weights.iter().zip(self.differences).map(|(weight, difference)| (weight * saturate(2 * difference)) >> 15);
        self.zeros = saturate(terms.sum());
        self.predicted = saturate(poles + self.zeros);
    }
}

fn antilog(log_scale: i32, shift: i32) -> i32 {
    let mantissa = ANTILOG[(log_scale >> 6 & 31) as usize];
    let shift = shift - (log_scale >> 11);
    (if shift < 0 { mantissa << -shift } else { mantissa >> shift }) << 2
}
