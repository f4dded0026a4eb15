//! Prompts, music and tones: loaded from WAV masters, brought to 8 kHz and encoded once for each codec.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use carillon_media_audio::{self as audio, Country, WavError, g711::Law, read_wav_mono};

use crate::{Codec, SoundName, Tone};

/// The sounds legs can be played, by name, and the tones of the network.
#[derive(Debug)]
pub struct Sounds {
    sound_by_name: BTreeMap<SoundName, Arc<Sound>>,
    ringback: Arc<Sound>,
    busy: Arc<Sound>,
}

/// One sound in both codecs: a sample is an octet, so both have the length of the original. Never empty.
#[derive(Debug)]
pub(crate) struct Sound {
    pcmu: Box<[u8]>,
    pcma: Box<[u8]>,
}

/// A sound that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// The folder cannot be read.
    #[error("the folder of sounds {} cannot be read", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no WAV we can read.
    #[error("the sound {} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: WavError,
    },
    /// There is no sound in it.
    #[error("the sound {name} is empty")]
    Empty {
        /// Its name.
        name: SoundName,
    },
}

impl Default for Sounds {
    /// No prompts and no music; tones are always there.
    fn default() -> Self {
        Self::with_tones_of(Country::default())
    }
}

impl Sounds {
    /// No prompts and no music, with the tones of a country.
    pub fn with_tones_of(country: Country) -> Self {
        let tone = |tone: audio::Tone| Arc::new(Sound::encode(&tone.period(country)));
        Self { sound_by_name: BTreeMap::new(), ringback: tone(audio::Tone::Ringback), busy: tone(audio::Tone::Busy) }
    }

    /// Loads every `*.wav` of a folder, of any sample rate; a sound's name is the file's stem.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read, or a file has no samples.
    pub fn load(folder: &Path) -> Result<Self, SoundError> {
        let unreadable = |source| SoundError::Folder { path: folder.to_owned(), source };
        let mut sounds = Self::default();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let is_wav = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wav"));
            let (true, Some(stem)) = (is_wav, path.file_stem()) else { continue };
            let name = SoundName(stem.to_string_lossy().into_owned());
            let pcm = read_wav_mono(&path).map_err(|source| SoundError::File { path, source })?;
            sounds.insert(name, &pcm.to_telephone())?;
        }
        Ok(sounds)
    }

    /// Adds a sound, or replaces it: 16-bit samples at 8 kHz.
    ///
    /// # Errors
    /// There are no samples.
    pub fn insert(&mut self, name: SoundName, samples: &[i16]) -> Result<(), SoundError> {
        let Some(sound) = Sound::from_samples(samples) else { return Err(SoundError::Empty { name }) };
        self.sound_by_name.insert(name, Arc::new(sound));
        Ok(())
    }

    /// Takes over what is in `others` and not in here.
    pub(crate) fn keep(&mut self, others: &Self) {
        for (name, sound) in &others.sound_by_name {
            self.sound_by_name.entry(name.clone()).or_insert_with(|| Arc::clone(sound));
        }
    }

    /// Whether there is a sound of that name.
    pub fn contains(&self, name: &SoundName) -> bool {
        self.sound_by_name.contains_key(name)
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &SoundName> {
        self.sound_by_name.keys()
    }

    /// How long a sound is.
    pub fn duration(&self, name: &SoundName) -> Option<Duration> {
        let samples = self.sound_by_name.get(name)?.pcmu.len() as u64;
        Some(Duration::from_micros(samples * 1_000_000 / u64::from(audio::TELEPHONE_RATE)))
    }

    pub(crate) fn get(&self, name: &SoundName) -> Option<Arc<Sound>> {
        self.sound_by_name.get(name).cloned()
    }

    pub(crate) fn tone(&self, tone: Tone) -> Arc<Sound> {
        match tone {
            Tone::Ringback => self.ringback.clone(),
            Tone::Busy => self.busy.clone(),
        }
    }
}

impl Sound {
    /// `None` when there are no samples.
    pub(crate) fn from_samples(samples: &[i16]) -> Option<Self> {
        (!samples.is_empty()).then(|| Self::encode(samples))
    }

    fn encode(samples: &[i16]) -> Self {
        let encoded = |law: Law| samples.iter().map(|sample| law.encode(*sample)).collect();
        Self { pcmu: encoded(Law::Ulaw), pcma: encoded(Law::Alaw) }
    }

    pub(crate) fn encoded(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcmu => &self.pcmu,
            // The others are encoded from this one.
            Codec::Pcma | Codec::G722 | Codec::Opus => &self.pcma,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carillon_media_audio::{StereoWavWriter, sine};

    #[test]
    fn a_folder_gives_its_wav_files_by_stem() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut writer = StereoWavWriter::create(&folder.path().join("welcome.wav")).expect("create");
        let half_a_second = sine(440.0, 0.5, 4000);
        writer.write(&half_a_second, &half_a_second).expect("write");
        writer.finish().expect("finish");
        std::fs::write(folder.path().join("README.md"), "not a sound").expect("write");
        let sounds = Sounds::load(folder.path()).expect("load");
        assert_eq!(sounds.names().map(ToString::to_string).collect::<Vec<_>>(), ["welcome"]);
        assert_eq!(sounds.duration(&"welcome".into()), Some(Duration::from_millis(500)));
    }

    #[test]
    fn a_file_that_is_no_wav_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("broken.wav"), "not a sound").expect("write");
        let error = Sounds::load(folder.path()).expect_err("broken");
        assert!(error.to_string().contains("broken.wav"), "{error}");
    }
}
