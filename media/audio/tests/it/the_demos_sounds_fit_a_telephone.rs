//! The committed masters, as a caller hears them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use carillon_media_audio::g711::Law;
use carillon_media_audio::{FRAME_SAMPLES, is_silent, level_dbfs, read_wav_mono, resample_loop};

fn sounds(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans/demo").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

fn names(files: &[PathBuf]) -> BTreeSet<String> {
    files.iter().map(|file| file.file_name().expect("a name").to_string_lossy().into_owned()).collect()
}

/// There and back through the codec.
fn through(law: Law, samples: &[i16]) -> Vec<i16> {
    samples.iter().map(|sample| law.decode(law.encode(*sample))).collect()
}

fn clips(samples: &[i16]) -> bool {
    samples.iter().any(|sample| sample.unsigned_abs() > 32_000)
}

#[test]
fn every_prompt_is_spoken_in_both_languages() {
    assert_eq!(names(&sounds("prompts/en")), names(&sounds("prompts/it")));
}

#[test]
fn a_prompt_is_as_loud_as_speech_does_not_clip_and_begins_and_ends_in_silence() {
    for file in [sounds("prompts/en"), sounds("prompts/it")].concat() {
        let pcm = read_wav_mono(&file).expect("a prompt");
        assert_eq!(pcm.rate, 16_000, "{} is a master", file.display());
        let line = pcm.to_telephone();
        for law in [Law::Ulaw, Law::Alaw] {
            let heard = through(law, &line);
            let level = level_dbfs(&heard);
            assert!((-27.0..=-17.0).contains(&level), "{} has {level:.1} dBFS", file.display());
            assert!(!clips(&heard), "{} clips", file.display());
            assert!(is_silent(&heard[..FRAME_SAMPLES]), "{} begins in a word", file.display());
            assert!(is_silent(&heard[heard.len() - FRAME_SAMPLES..]), "{} ends in a word", file.display());
        }
    }
}

#[test]
fn the_music_is_softer_than_speech_never_pauses_and_has_no_seam() {
    for file in sounds("music") {
        let pcm = read_wav_mono(&file).expect("music");
        let ring = resample_loop(&pcm.samples, pcm.rate, 8_000);
        assert_eq!(ring.len() % FRAME_SAMPLES, 0, "{} is whole frames", file.display());
        assert!((-28.0..=-20.0).contains(&level_dbfs(&ring)) && !clips(&ring), "{}", file.display());
        assert!(ring.chunks(FRAME_SAMPLES * 20).all(|part| !is_silent(part)), "{} pauses", file.display());
        let step = |pair: &[i16]| (i32::from(pair[0]) - i32::from(pair[1])).abs();
        let largest = ring.windows(2).map(step).max().expect("samples");
        assert!(step(&[ring[ring.len() - 1], ring[0]]) <= largest, "{} clicks where it begins again", file.display());
    }
}
