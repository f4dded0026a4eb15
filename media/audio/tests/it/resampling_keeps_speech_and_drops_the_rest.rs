use carillon_media_audio::{goertzel, level_dbfs, resample, resample_loop};

use crate::{decibels, sine_at};

/// The middle of a converted second, where the filter does not meet the ends: whole periods of every multiple of 10 Hz.
fn middle(samples: &[i16]) -> &[i16] {
    &samples[2_000..6_000]
}

#[test]
fn from_16_khz_what_a_telephone_carries_passes_unchanged() {
    for hz in [300.0, 1000.0, 2000.0, 3000.0, 3400.0, 3500.0] {
        let narrow = resample(&sine_at(16_000, hz, 0.5, 16_000), 16_000, 8_000);
        assert_eq!(narrow.len(), 8_000);
        let change = decibels(goertzel(middle(&narrow), 8_000, hz) / 0.5);
        assert!(change.abs() < 0.05, "{hz} Hz changed by {change:.3} dB");
    }
}

#[test]
fn from_16_khz_what_would_fold_back_is_gone() {
    for hz in [4_000.0, 4_100.0, 4_600.0, 5_000.0, 6_000.0, 7_000.0, 7_900.0] {
        let narrow = resample(&sine_at(16_000, hz, 0.9, 16_000), 16_000, 8_000);
        let folded = 8_000.0 - hz;
        let alias = decibels(goertzel(middle(&narrow), 8_000, folded) / 0.9);
        assert!(alias < -75.0, "{hz} Hz came back at {folded} Hz with {alias:.1} dB");
        assert!(level_dbfs(middle(&narrow)) < -75.0, "{hz} Hz left {:.1} dBFS of anything", level_dbfs(middle(&narrow)));
    }
}

#[test]
fn other_rates_come_down_and_up_as_well() {
    for from in [8_000, 11_025, 22_050, 24_000, 44_100, 48_000] {
        let narrow = resample(&sine_at(from, 1_000.0, 0.5, from as usize), from, 8_000);
        assert_eq!(narrow.len(), 8_000, "a second at {from} is a second");
        let change = decibels(goertzel(middle(&narrow), 8_000, 1_000.0) / 0.5);
        assert!(change.abs() < 0.05, "from {from}: {change:.3} dB");
    }
    let wide = resample(&sine_at(8_000, 1_000.0, 0.5, 8_000), 8_000, 16_000);
    assert_eq!(wide.len(), 16_000);
    assert!(decibels(goertzel(&wide[4_000..12_000], 16_000, 7_000.0) / 0.5) < -75.0, "the image of 1 kHz at 7 kHz");
}

#[test]
fn nothing_is_delayed() {
    let mut click = vec![0; 4_001];
    click[2_000] = 20_000;
    let narrow = resample(&click, 16_000, 8_000);
    let loudest = narrow.iter().enumerate().max_by_key(|(_, sample)| sample.unsigned_abs()).map(|(at, _)| at);
    assert_eq!((narrow.len(), loudest), (2_001, Some(1_000)));
    assert_eq!(narrow[990..1_000], narrow[1_001..1_011].iter().rev().copied().collect::<Vec<_>>(), "symmetrical about the click");
}

#[test]
fn a_seamless_loop_stays_one() {
    // 440 Hz for a tenth of a second: 44 whole periods.
    let tone = sine_at(16_000, 440.0, 0.5, 1_600);
    let ring = resample_loop(&tone, 16_000, 8_000);
    let expected = sine_at(8_000, 440.0, 0.5, 800);
    assert_eq!(ring.len(), expected.len());
    for (at, (got, wanted)) in ring.iter().zip(&expected).enumerate() {
        assert!((got - wanted).abs() <= 3, "sample {at}: {got}, not {wanted}: the seam is audible");
    }
    let cut = resample(&tone, 16_000, 8_000);
    let off = cut.iter().zip(&expected).map(|(got, wanted)| (got - wanted).abs()).max();
    assert!(off > Some(100), "as a prompt it comes out of silence instead");
}

#[test]
fn nothing_in_nothing_out() {
    assert!(resample(&[], 16_000, 8_000).is_empty() && resample_loop(&[], 48_000, 8_000).is_empty());
    assert!(resample(&[1], 0, 8_000).is_empty() && resample(&[1], 8_000, 0).is_empty());
    assert_eq!(resample(&[1, 2, 3], 8_000, 8_000), [1, 2, 3]);
}

#[test]
fn the_loudest_music_is_clipped_and_not_wrapped() {
    let square: Vec<i16> = (0..16_000).map(|at| if at / 20 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
    let narrow = resample(&square, 16_000, 8_000);
    assert_eq!(narrow.iter().max(), Some(&i16::MAX), "the filter overshoots at an edge");
    // A wrap would jump from one end of the range to the other between neighbours.
    assert!(narrow[100..].windows(2).all(|pair| i32::from(pair[0]) * i32::from(pair[1]) > -(25_000 * 25_000)));
}
