use carillon_media_audio::{Country, FRAME_SAMPLES, Tone, dtmf_frequencies, dtmf_tone, goertzel, is_silent, level_dbfs, sine};

use crate::decibels;

#[test]
fn a_level_is_in_db_below_full_scale() {
    assert!((level_dbfs(&sine(1_000.0, 1.0, 8_000)) + 3.01).abs() < 0.01);
    assert!((level_dbfs(&sine(1_000.0, 0.1, 8_000)) + 23.01).abs() < 0.01);
    assert_eq!(level_dbfs(&[i16::MIN; 10]), 0.0);
    assert_eq!((level_dbfs(&[]), level_dbfs(&[0; 160])), (f64::NEG_INFINITY, f64::NEG_INFINITY));
    assert!(is_silent(&[8; 160]) && !is_silent(&sine(300.0, 0.01, 160)), "the smallest step of A-law is silence, -43 dB is not");
}

#[test]
fn goertzel_tells_the_amplitude_of_one_tone_among_others() {
    let mixed: Vec<i16> = sine(400.0, 0.5, 8_000).iter().zip(sine(2_000.0, 0.1, 8_000)).map(|(a, b)| a + b).collect();
    for (hz, amplitude) in [(400.0, 0.5), (2_000.0, 0.1), (1_000.0, 0.0)] {
        let found = goertzel(&mixed, 8_000, hz);
        assert!((found - amplitude).abs() < 0.001, "{hz} Hz: {found}");
    }
    assert_eq!(goertzel(&[], 8_000, 400.0), 0.0);
}

#[test]
fn progress_tones_are_425_hz_in_their_cadence_and_repeat_without_a_click() {
    for (tone, on, off) in [(Tone::Ringback, 8_000, 32_000), (Tone::Busy, 4_000, 4_000), (Tone::Congestion, 1_600, 1_600)] {
        let period = tone.period(Country::Italy);
        assert_eq!(period.len(), on + off, "{tone:?}");
        assert_eq!(period.len() % FRAME_SAMPLES, 0, "{tone:?} is whole frames");
        // 320 samples are 17 periods of 425 Hz.
        let sounding = &period[400..400 + 1_120 / 320 * 320];
        assert!((goertzel(sounding, 8_000, 425.0) - 0.22).abs() < 0.002, "{tone:?}");
        assert!(period[on..].iter().all(|sample| *sample == 0), "{tone:?} pauses");
        assert!(period[0].abs() < 100 && period[on - 1].abs() < 200, "{tone:?} is switched softly");
    }
}

#[test]
fn every_country_has_its_own_pitch_and_cadence() {
    use Country::{France, Germany, Italy, NorthAmerica, Spain, UnitedKingdom};
    for country in [Italy, Germany, France, Spain, UnitedKingdom, NorthAmerica] {
        for tone in [Tone::Ringback, Tone::Busy, Tone::Congestion] {
            let (frequencies, cadence) = tone.of(country);
            let period = tone.period(country);
            assert_eq!(period.len() as u32, cadence.iter().map(|(on, off)| 8 * (on + off)).sum::<u32>(), "{country:?} {tone:?}");
            let mut at = 0;
            for (on, off) in cadence {
                let (on, off) = (8 * *on as usize, 8 * *off as usize);
                // The inside of each sounding part, in whole 40 ms: whole periods of every frequency here but nearly.
                let sounding = &period[at + 80..at + 80 + (on - 160) / 320 * 320];
                assert!((level_dbfs(sounding) + 16.2).abs() < 0.6, "{country:?} {tone:?}: {}", level_dbfs(sounding));
                for hz in [400.0, 425.0, 440.0, 450.0, 480.0, 620.0] {
                    if sounding.len() >= 1280 && frequencies.contains(&hz) {
                        let amplitude = goertzel(sounding, 8_000, hz);
                        assert!(amplitude > 0.12, "{country:?} {tone:?} {hz}: {amplitude}");
                    }
                }
                assert!(period[at + on..at + on + off].iter().all(|sample| *sample == 0), "{country:?} {tone:?} pauses");
                at += on + off;
            }
        }
    }
}

#[test]
fn every_key_has_its_own_pair() {
    let grid = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];
    for digit in "0123456789*#ABCD".chars() {
        let tone = dtmf_tone(digit, 100).expect("a key");
        assert_eq!(tone.len(), 800);
        let (low, high) = dtmf_frequencies(digit).expect("a key");
        let strength = |hz| goertzel(&tone, 8_000, hz);
        for hz in grid {
            let below = decibels(strength(hz) / strength(low).min(strength(high)));
            assert_eq!(below > -10.0, hz == low || hz == high, "{digit}: {hz} Hz at {below:.1} dB");
        }
    }
    assert_eq!(dtmf_frequencies('5'), Some((770.0, 1336.0)));
    assert_eq!((dtmf_tone('x', 100), dtmf_frequencies(' ')), (None, None));
    assert_eq!(dtmf_tone('1', 0), Some(Vec::new()));
}
