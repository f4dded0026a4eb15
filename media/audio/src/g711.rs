//! G.711: u-law and A-law by table, equal bit for bit to the algorithm of ITU-T G.191 (STL, module G711).
//!
//! G.191 takes the ones' complement of a negative sample before it drops the low bits. Much code negates instead and so puts
//! negative samples that lie on a decision value one step off; the tests here hold every one of the 65,536 inputs.

/// Which of the two laws of G.711.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// u-law, PCMU, RTP payload type 0.
    Ulaw,
    /// A-law, PCMA, RTP payload type 8.
    Alaw,
}

impl Law {
    /// The byte that says silence: the code nearest above zero, as idle lines carry it.
    pub const fn silence(self) -> u8 {
        match self {
            Law::Ulaw => 0xff,
            Law::Alaw => 0xd5,
        }
    }

    /// One sample to its code.
    #[inline]
    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Law::Ulaw => ulaw_encode(sample),
            Law::Alaw => alaw_encode(sample),
        }
    }

    /// One code to its sample.
    #[inline]
    pub fn decode(self, code: u8) -> i16 {
        match self {
            Law::Ulaw => ulaw_decode(code),
            Law::Alaw => alaw_decode(code),
        }
    }

    /// Encodes samples into `codes`, as many as the shorter of the two holds.
    pub fn encode_slice(self, samples: &[i16], codes: &mut [u8]) {
        let pairs = codes.iter_mut().zip(samples);
        match self {
            Law::Ulaw => pairs.for_each(|(code, sample)| *code = ulaw_encode(*sample)),
            Law::Alaw => pairs.for_each(|(code, sample)| *code = alaw_encode(*sample)),
        }
    }

    /// Decodes codes into `samples`, as many as the shorter of the two holds.
    pub fn decode_slice(self, codes: &[u8], samples: &mut [i16]) {
        let table = match self {
            Law::Ulaw => &ULAW_TO_LINEAR,
            Law::Alaw => &ALAW_TO_LINEAR,
        };
        samples.iter_mut().zip(codes).for_each(|(sample, code)| *sample = table[usize::from(*code)]);
    }

    /// Changes codes of this law into codes of `to`, in place; nothing when both are the same.
    pub fn transcode_in_place(self, to: Law, codes: &mut [u8]) {
        let table = match (self, to) {
            (Law::Ulaw, Law::Alaw) => &ULAW_TO_ALAW,
            (Law::Alaw, Law::Ulaw) => &ALAW_TO_ULAW,
            (Law::Ulaw, Law::Ulaw) | (Law::Alaw, Law::Alaw) => return,
        };
        codes.iter_mut().for_each(|code| *code = table[usize::from(*code)]);
    }
}

/// One sample to u-law. The low two bits do not matter.
#[inline]
pub fn ulaw_encode(sample: i16) -> u8 {
    LINEAR_TO_ULAW[usize::from(sample as u16 >> 2)]
}

/// One u-law code to its sample.
#[inline]
pub fn ulaw_decode(code: u8) -> i16 {
    ULAW_TO_LINEAR[usize::from(code)]
}

/// One sample to A-law. The low four bits do not matter: at 16 bits the smallest step is 16.
#[inline]
pub fn alaw_encode(sample: i16) -> u8 {
    LINEAR_TO_ALAW[usize::from(sample as u16 >> 4)]
}

/// One A-law code to its sample.
#[inline]
pub fn alaw_decode(code: u8) -> i16 {
    ALAW_TO_LINEAR[usize::from(code)]
}

/// Indexed by the upper 14 bits of the sample: 16 KiB, which stay in the first-level cache.
static LINEAR_TO_ULAW: [u8; 1 << 14] = {
    let mut table = [0; 1 << 14];
    let mut at = 0;
    while at < table.len() {
        table[at] = compress_ulaw((at << 2) as u16 as i16);
        at += 1;
    }
    table
};

/// Indexed by the upper 12 bits of the sample.
static LINEAR_TO_ALAW: [u8; 1 << 12] = {
    let mut table = [0; 1 << 12];
    let mut at = 0;
    while at < table.len() {
        table[at] = compress_alaw((at << 4) as u16 as i16);
        at += 1;
    }
    table
};

static ULAW_TO_LINEAR: [i16; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = expand_ulaw(code as u8);
        code += 1;
    }
    table
};

static ALAW_TO_LINEAR: [i16; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = expand_alaw(code as u8);
        code += 1;
    }
    table
};

static ULAW_TO_ALAW: [u8; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = compress_alaw(expand_ulaw(code as u8));
        code += 1;
    }
    table
};

static ALAW_TO_ULAW: [u8; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = compress_ulaw(expand_alaw(code as u8));
        code += 1;
    }
    table
};

/// The ones' complement magnitude: -1 is as far from the middle as 0.
const fn magnitude(sample: i16) -> u16 {
    if sample < 0 { !sample as u16 } else { sample as u16 }
}

/// G.711 table 2a: 14 bits, a bias of 33, eight segments that double.
const fn compress_ulaw(sample: i16) -> u8 {
    let biased = (magnitude(sample) >> 2) + 33;
    // Peak 8158: larger is clipped to the last interval.
    let biased = if biased > 0x1fff { 0x1fff } else { biased };
    let segment = 10 - biased.leading_zeros() as u16;
    let interval = biased >> (segment + 1) & 0x0f;
    let sign = if sample < 0 { 0 } else { 0x80 };
    // All bits are sent inverted.
    sign | !(segment << 4 | interval) as u8 & 0x7f
}

/// G.711 table 1a: 13 bits, a first segment as wide as the second, even bits inverted.
const fn compress_alaw(sample: i16) -> u8 {
    let level = magnitude(sample) >> 4;
    let code = if level < 32 {
        level
    } else {
        let segment = 12 - level.leading_zeros() as u16;
        segment << 4 | level >> (segment - 1) & 0x0f
    };
    let sign = if sample < 0 { 0 } else { 0x80 };
    (sign | code as u8) ^ 0x55
}

const fn expand_ulaw(code: u8) -> i16 {
    let bits = !code;
    let segment = (bits >> 4 & 7) as i16;
    let interval = (bits & 0x0f) as i16;
    // The middle of the interval, in 14 bits, less the bias.
    let value = (((2 * interval + 33) << segment) - 33) * 4;
    if code & 0x80 != 0 { value } else { -value }
}

const fn expand_alaw(code: u8) -> i16 {
    let bits = code ^ 0x55;
    let segment = (bits >> 4 & 7) as i16;
    let interval = (bits & 0x0f) as i16;
    let value = match segment {
        0 => (2 * interval + 1) * 8,
        _ => ((2 * interval + 33) << (segment - 1)) * 8,
    };
    if bits & 0x80 != 0 { value } else { -value }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G.711 tables 1a and 2a as they are printed: where each interval begins, segment by segment, in units of the law (2 and 1 of the
    /// smallest step for A-law and u-law). Independent of the shifts above.
    fn decision_values(first_width: &[u32], widths_double_from: usize) -> Vec<u32> {
        let mut values = vec![0];
        let mut at = 0;
        for width in first_width {
            at += width;
            values.push(at);
        }
        let mut width = *first_width.last().expect("a first segment");
        for segment in 1..8 {
            if segment >= widths_double_from {
                width *= 2;
            }
            for _ in 0..16 {
                at += width;
                values.push(at);
            }
        }
        values
    }

    /// How many decision values lie at or below a magnitude, less one: the interval it falls in.
    fn interval(values: &[u32], magnitude: u32) -> u8 {
        (values.iter().filter(|value| **value <= magnitude).count() - 1).min(127) as u8
    }

    fn ones_complement(sample: i16) -> u32 {
        if sample < 0 { (-(i32::from(sample)) - 1) as u32 } else { sample as u32 }
    }

    #[test]
    fn every_sample_gets_the_ulaw_code_of_the_printed_decision_values() {
        // 0, 1, 3, 5 .. 31, then 35, 39 .. 95 and so on to 8159 (14 bits).
        let values = decision_values(&[1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2], 1);
        assert_eq!((values[16], values[32], values[128]), (31, 95, 8159));
        for sample in i16::MIN..=i16::MAX {
            let number = interval(&values, ones_complement(sample) >> 2);
            let expected = if sample < 0 { 0x7f - number } else { 0xff - number };
            assert_eq!(ulaw_encode(sample), expected, "sample {sample}");
        }
    }

    #[test]
    fn every_sample_gets_the_alaw_code_of_the_printed_decision_values() {
        // 0, 2 .. 32, 34 .. 64, then 68 .. 128 and so on to 4096 (13 bits).
        let values = decision_values(&[2; 16], 2);
        assert_eq!((values[16], values[32], values[48], values[128]), (32, 64, 128, 4096));
        for sample in i16::MIN..=i16::MAX {
            let number = interval(&values, ones_complement(sample) >> 3);
            let expected = if sample < 0 { number } else { number | 0x80 } ^ 0x55;
            assert_eq!(alaw_encode(sample), expected, "sample {sample}");
        }
    }

    #[test]
    fn a_code_decodes_to_the_middle_of_its_interval_and_encodes_back() {
        let ulaw = decision_values(&[1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2], 1);
        let alaw = decision_values(&[2; 16], 2);
        for code in 0..=255u8 {
            let number = usize::from(!code & 0x7f);
            // The first u-law interval runs from -1 to 1: its value is 0, not a half.
            let middle = if number == 0 { 0 } else { 2 * (ulaw[number] + ulaw[number + 1]) };
            assert_eq!(ulaw_decode(code).unsigned_abs(), middle as u16, "u-law {code:#04x}");
            let number = usize::from((code ^ 0x55) & 0x7f);
            assert_eq!(u32::from(alaw_decode(code).unsigned_abs()), 4 * (alaw[number] + alaw[number + 1]), "A-law {code:#04x}");

            assert_eq!(alaw_encode(alaw_decode(code)), code);
            // Negative zero has no sample of its own.
            assert_eq!(ulaw_encode(ulaw_decode(code)), if code == 0x7f { 0xff } else { code });
        }
        assert_eq!((ulaw_decode(0x80), ulaw_decode(0x00)), (32124, -32124));
        assert_eq!((alaw_decode(0xaa), alaw_decode(0x2a)), (32256, -32256));
        assert_eq!((alaw_decode(Law::Alaw.silence()), ulaw_decode(Law::Ulaw.silence())), (8, 0));
    }

    #[test]
    fn the_other_law_changes_a_sample_by_no_more_than_its_own_step() {
        for code in 0..=255u8 {
            let mut one = [code];
            Law::Ulaw.transcode_in_place(Law::Alaw, &mut one);
            let (before, after) = (i32::from(ulaw_decode(code)), i32::from(alaw_decode(one[0])));
            assert!((before - after).abs() <= 8 + before.abs() / 32, "u-law {code:#04x}: {before} became {after}");
            let mut one = [code];
            Law::Alaw.transcode_in_place(Law::Ulaw, &mut one);
            let (before, after) = (i32::from(alaw_decode(code)), i32::from(ulaw_decode(one[0])));
            assert!((before - after).abs() <= 8 + before.abs() / 32, "A-law {code:#04x}: {before} became {after}");
        }
    }
}
