//! From 16 kHz to 8 and back, as speech comes: what one call leaves is kept for the next.

use crate::resample::kaiser_low_pass;

/// Where the band ends: 3.4 kHz passes, 4.6 kHz does not.
const TRANSITION: f64 = 0.075;

/// Wide-band speech for a telephone line: every other sample of what a telephone can carry of it.
#[derive(Debug, Clone)]
pub struct Halver {
    taps: Vec<f32>,
    line: Vec<f32>,
}

/// Speech of a telephone line at twice its rate.
#[derive(Debug, Clone)]
pub struct Doubler {
    taps: Vec<f32>,
    line: Vec<f32>,
}

/// Samples a call may bring without asking for memory: 120 ms at 16 kHz.
const USUAL: usize = 1920;

fn taps() -> Vec<f32> {
    kaiser_low_pass(0.25, TRANSITION).into_iter().map(|tap| tap as f32).collect()
}

fn line(history: usize) -> Vec<f32> {
    let mut line = Vec::with_capacity(history + USUAL);
    line.resize(history, 0.0);
    line
}

impl Default for Halver {
    fn default() -> Self {
        let taps = taps();
        Self { line: line(taps.len() - 1), taps }
    }
}

impl Default for Doubler {
    fn default() -> Self {
        let taps = taps();
        Self { line: line(taps.len() / 2), taps }
    }
}

impl Halver {
    /// Puts half as many samples into `narrow`.
    pub fn halve(&mut self, wide: &[i16], narrow: &mut Vec<i16>) {
        self.line.extend(wide.iter().map(|sample| f32::from(*sample)));
        for at in 0..wide.len() / 2 {
            let window = &self.line[2 * at + 1..];
            let sum: f32 = self.taps.iter().zip(window).map(|(tap, sample)| tap * sample).sum();
            narrow.push(sum.round() as i16);
        }
        self.line.drain(..wide.len());
    }
}

impl Doubler {
    /// Puts twice as many samples into `wide`.
    pub fn double(&mut self, narrow: &[i16], wide: &mut Vec<i16>) {
        let history = self.taps.len() / 2;
        self.line.extend(narrow.iter().map(|sample| f32::from(*sample)));
        for at in 0..narrow.len() {
            let newest = at + history;
            for phase in 0..2 {
                let taps = self.taps.iter().skip(phase).step_by(2);
                let sum: f32 = taps.zip(self.line[..=newest].iter().rev()).map(|(tap, sample)| tap * sample).sum();
                wide.push((2.0 * sum).round() as i16);
            }
        }
        self.line.drain(..narrow.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{goertzel, level_dbfs};

    fn tone(hz: f64, rate: f64, samples: usize) -> Vec<i16> {
        (0..samples).map(|at| (16_000.0 * (std::f64::consts::TAU * hz * at as f64 / rate).sin()) as i16).collect()
    }

    #[test]
    fn what_a_telephone_carries_stays_and_the_rest_does_not_fold_into_it() {
        for (hz, stays) in [(300.0, true), (1000.0, true), (3300.0, true), (4800.0, false), (7000.0, false)] {
            let (mut halver, mut narrow) = (Halver::default(), Vec::new());
            // In pieces, as packets bring it.
            tone(hz, 16_000.0, 16_000).chunks(320).for_each(|piece| halver.halve(piece, &mut narrow));
            assert_eq!(narrow.len(), 8000);
            if stays {
                let heard = goertzel(&narrow[800..], 8000, hz);
                assert!((0.46..0.52).contains(&heard), "{hz} Hz: {heard}");
            } else {
                assert!(level_dbfs(&narrow[800..]) < -60.0, "{hz} Hz: {}", level_dbfs(&narrow[800..]));
            }
        }
    }

    #[test]
    fn twice_the_rate_has_the_same_tone_and_no_image_of_it() {
        for hz in [300.0, 1000.0, 3300.0] {
            let (mut doubler, mut wide) = (Doubler::default(), Vec::new());
            tone(hz, 8000.0, 8000).chunks(160).for_each(|piece| doubler.double(piece, &mut wide));
            assert_eq!(wide.len(), 16_000);
            let (heard, image) = (goertzel(&wide[1600..], 16_000, hz), goertzel(&wide[1600..], 16_000, 8000.0 - hz));
            assert!((0.46..0.52).contains(&heard), "{hz} Hz: {heard}");
            assert!(image < 0.001, "{hz} Hz: {image}");
        }
    }
}
