//! G.722 at 64 kbit/s (ITU-T G.722, mode 1): wide-band audio of 16 kHz in the bandwidth of G.711.
//!
//! Two sub-bands, each an adaptive differential quantiser: six bits for 0 to 4 kHz, two for 4 to 8 kHz. All arithmetic is
//! the recommendation's, in whole numbers, so that encoder and decoder agree bit for bit with every other one. Names in
//! capitals are those of its blocks (sections 3 to 5, tables 7 to 22).

mod band;
mod tables;

use band::Band;
use tables::{HIGH_CODE_MINUS, HIGH_CODE_PLUS, LOW_CODE_MINUS, LOW_CODE_PLUS, LOW_LEVELS, MIRROR, QUANTISER_2, QUANTISER_4, QUANTISER_6};

/// Samples a second of the audio. RTP counts 8000 all the same (RFC 3551 section 4.5.2).
pub const RATE: u32 = 16_000;

/// Where the high band's quantiser changes from its inner to its outer code, in steps of its scale.
const HIGH_LEVEL: i32 = 564;

/// One direction's encoder.
#[derive(Debug, Clone)]
pub struct Encoder {
    low: Band,
    high: Band,
    history: [i32; 24],
}

/// One direction's decoder.
#[derive(Debug, Clone)]
pub struct Decoder {
    low: Band,
    high: Band,
    history: [i32; 24],
}

impl Default for Encoder {
    fn default() -> Self {
        Self { low: Band::low(), high: Band::high(), history: [0; 24] }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self { low: Band::low(), high: Band::high(), history: [0; 24] }
    }
}

impl Encoder {
    /// Encodes pairs of samples, one octet a pair, as many as the shorter of the two holds.
    pub fn encode(&mut self, samples: &[i16], codes: &mut [u8]) {
        for (pair, code) in samples.chunks_exact(2).zip(codes) {
            let (low, high) = self.split(pair[0], pair[1]);
            *code = encode_high(&mut self.high, high) << 6 | encode_low(&mut self.low, low);
        }
    }

    /// The transmit QMF: the lower and the upper half of the band.
    fn split(&mut self, first: i16, second: i16) -> (i32, i32) {
        shift(&mut self.history, i32::from(first), i32::from(second));
        let (even, odd) = mirrored(&self.history);
        ((odd + even) >> 14, (odd - even) >> 14)
    }
}

impl Decoder {
    /// Decodes octets, a pair of samples each, as many as the shorter of the two holds.
    pub fn decode(&mut self, codes: &[u8], samples: &mut [i16]) {
        for (code, pair) in codes.iter().zip(samples.chunks_exact_mut(2)) {
            let (low, high) = (decode_low(&mut self.low, code & 63), decode_high(&mut self.high, code >> 6));
            shift(&mut self.history, low + high, low - high);
            let (even, odd) = mirrored(&self.history);
            pair[0] = saturate(odd >> 11) as i16;
            pair[1] = saturate(even >> 11) as i16;
        }
    }
}

fn shift(history: &mut [i32; 24], first: i32, second: i32) {
    history.copy_within(2.., 0);
    history[22] = first;
    history[23] = second;
}

/// The two halves of the mirror filter over a window: its even and its odd places.
fn mirrored(history: &[i32; 24]) -> (i32, i32) {
    let places = history.chunks_exact(2);
    let weights = MIRROR.iter().zip(MIRROR.iter().rev());
    places.zip(weights).fold((0, 0), |(first, second), (pair, (weight, mirrored))| (first + pair[0] * weight, second + pair[1] * mirrored))
}

fn encode_low(band: &mut Band, sample: i32) -> u8 {
    let error = saturate(sample - band.predicted());
    let magnitude = magnitude(error);
    // QUANTL: the first level that is not reached.
    let at = (1..30).find(|at| magnitude < (LOW_LEVELS[*at] * band.scale()) >> 12).unwrap_or(30);
    let code = if error < 0 { LOW_CODE_MINUS[at] } else { LOW_CODE_PLUS[at] };
    adapt_low(band, code);
    code
}

fn encode_high(band: &mut Band, sample: i32) -> u8 {
    let error = saturate(sample - band.predicted());
    let at = if magnitude(error) >= (HIGH_LEVEL * band.scale()) >> 12 { 2 } else { 1 };
    let code = if error < 0 { HIGH_CODE_MINUS[at] } else { HIGH_CODE_PLUS[at] };
    adapt_high(band, code);
    code
}

fn decode_low(band: &mut Band, code: u8) -> i32 {
    // INVQBL, RECONS, LIMIT: all six bits for the sound, four of them for the adaptation.
    let sample = limit(band.predicted() + ((band.scale() * QUANTISER_6[usize::from(code)]) >> 15));
    adapt_low(band, code);
    sample
}

fn decode_high(band: &mut Band, code: u8) -> i32 {
    let sample = limit(band.predicted() + ((band.scale() * QUANTISER_2[usize::from(code)]) >> 15));
    adapt_high(band, code);
    sample
}

fn adapt_low(band: &mut Band, code: u8) {
    let coarse = usize::from(code >> 2);
    let difference = (band.scale() * QUANTISER_4[coarse]) >> 15;
    band.adapt_low_scale(coarse);
    band.adapt(difference);
}

fn adapt_high(band: &mut Band, code: u8) {
    let difference = (band.scale() * QUANTISER_2[usize::from(code)]) >> 15;
    band.adapt_high_scale(usize::from(code));
    band.adapt(difference);
}

/// A negative number's ones' complement, as the recommendation takes it.
fn magnitude(value: i32) -> i32 {
    if value < 0 { -(value + 1) } else { value }
}

fn saturate(value: i32) -> i32 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX))
}

fn limit(value: i32) -> i32 {
    value.clamp(-16384, 16383)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{goertzel, level_dbfs};

    fn tone(hz: f64, samples: usize) -> Vec<i16> {
        (0..samples).map(|at| (8000.0 * (std::f64::consts::TAU * hz * at as f64 / f64::from(RATE)).sin()) as i16).collect()
    }

    fn round(samples: &[i16]) -> Vec<i16> {
        let mut codes = vec![0; samples.len() / 2];
        Encoder::default().encode(samples, &mut codes);
        let mut heard = vec![0; samples.len()];
        Decoder::default().decode(&codes, &mut heard);
        heard
    }

    /// Noise and saw teeth in eight loudnesses, silence among them: what `fixtures/audio/noise_and_saw.g722` was made of.
    fn noise_and_saw() -> Vec<i16> {
        let mut state = 1u32;
        let sample = |at: i32| {
            state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345) & 0x7fff_ffff;
            let noise = (state >> 15 & 0xffff) as i32 - 32_768;
            let loudness = [15, 3, 8, 1, 0, 16, 5, 2][at as usize / 1000 % 8];
            let saw = if at / 500 % 3 == 1 { ((at * 37) % 2000 - 1000) * 8 } else { 0 };
            if loudness == 16 { 0 } else { saturate((noise >> loudness) + saw) as i16 }
        };
        (0..16_000).map(sample).collect()
    }

    #[test]
    fn every_bit_is_that_of_another_implementation() {
        let expected = include_bytes!("../../../fixtures/audio/noise_and_saw.g722");
        let mut codes = vec![0; 8000];
        Encoder::default().encode(&noise_and_saw(), &mut codes);
        assert_eq!(codes.iter().zip(expected).position(|(ours, theirs)| ours != theirs), None);
        let decoded = include_bytes!("../../../fixtures/audio/noise_and_saw_decoded.s16");
        let mut samples = vec![0; 16_000];
        Decoder::default().decode(expected, &mut samples);
        let theirs = decoded.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
        assert_eq!(samples.iter().zip(theirs).position(|(ours, theirs)| *ours != theirs), None);
    }

    #[test]
    fn tones_of_both_bands_come_back_as_loud_as_they_were() {
        for hz in [300.0, 1000.0, 3400.0, 5000.0, 6500.0] {
            let tone = tone(hz, 16_000);
            let heard = round(&tone);
            let (before, after) = (goertzel(&tone[1600..], RATE, hz), goertzel(&heard[1600..], RATE, hz));
            assert!((20.0 * (after / before).log10()).abs() < 1.0, "{hz} Hz: {before} became {after}");
        }
    }

    #[test]
    fn silence_stays_silent_and_the_loudest_square_does_not_wrap() {
        assert!(level_dbfs(&round(&[0; 3200])[320..]) < -70.0);
        let square: Vec<i16> = (0..3200).map(|at| if at / 40 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
        let heard = round(&square);
        let agree = square.iter().zip(&heard[22..]).filter(|(a, b)| (**a > 0) == (**b > 0)).count();
        assert!(agree > 2900, "{agree} of 3178 samples have the right sign");
    }
}
