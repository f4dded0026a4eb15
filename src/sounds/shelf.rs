//! Where sounds lie.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Cursor, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context;
use carillon_media_audio::{Country, TELEPHONE_RATE, read_wav_from, read_wav_mono, resample_loop, wav_mono};
use carillon_media_engine::{SoundName, Sounds};
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};

use crate::config::{Config, Language};

/// What a sound is played as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Said once: a greeting, a consent, a menu.
    Prompts,
    /// Played over and over to whoever waits.
    Music,
}

/// A sound's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Whether an administrator uploaded it.
    pub uploaded: bool,
    /// Whether the dialplan has one of its own of this name.
    pub own: bool,
}

/// A dialplan's sounds in one language, and those that were uploaded.
#[derive(Debug, Clone)]
pub struct Shelf {
    dialplan: PathBuf,
    uploaded: Option<PathBuf>,
    language: Language,
    tones: Country,
}

impl Shelf {
    /// Those of a configuration.
    pub fn of(config: &Config) -> Self {
        let dialplan = &config.dialplan;
        Self {
            dialplan: dialplan.folder.clone(),
            uploaded: Some(dialplan.sounds.clone()),
            language: config.site.language,
            tones: config.site.tones.into(),
        }
    }

    /// A dialplan's own alone.
    pub fn of_dialplan(folder: &Path, language: Language) -> Self {
        Self { dialplan: folder.to_owned(), uploaded: None, language, tones: Country::default() }
    }

    /// Names of what there is.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn names(&self, kind: Kind) -> anyhow::Result<BTreeSet<String>> {
        Ok(self.files(kind)?.into_keys().collect())
    }

    /// Files by name, an uploaded one in place of the dialplan's of its name.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn files(&self, kind: Kind) -> anyhow::Result<BTreeMap<String, Found>> {
        let own = wavs(&self.below(&self.dialplan, kind))?;
        let mut files: BTreeMap<_, _> = own.into_iter().map(|(name, path)| (name, Found { path, uploaded: false, own: true })).collect();
        let uploaded = self.uploaded.as_ref().map(|folder| self.below(folder, kind)).filter(|folder| folder.exists());
        for (name, path) in uploaded.map_or_else(|| Ok(BTreeMap::new()), |folder| wavs(&folder))? {
            let own = files.contains_key(&name);
            files.insert(name, Found { path, uploaded: true, own });
        }
        Ok(files)
    }

    /// Loads what is played. Music is converted as the loop it is, so that its seam is not heard.
    ///
    /// # Errors
    /// A folder or a file in it cannot be read.
    pub fn load(&self) -> anyhow::Result<Sounds> {
        let mut sounds = Sounds::with_tones_of(self.tones);
        for (name, found) in self.files(Kind::Prompts)? {
            let prompt = read_wav_mono(&found.path).with_context(|| format!("the prompt {} cannot be read", found.path.display()))?;
            sounds.insert(name.into(), &prompt.to_telephone())?;
        }
        for (name, found) in self.files(Kind::Music)? {
            let music = read_wav_mono(&found.path).with_context(|| format!("the music {} cannot be read", found.path.display()))?;
            sounds.insert(name.into(), &resample_loop(&music.samples, music.rate, TELEPHONE_RATE))?;
        }
        add_service(&mut sounds, self.language)?;
        Ok(sounds)
    }

    /// Keeps an uploaded sound, 8 kHz mono; one of its name is replaced. The file is whole or not there. `name` must be plain: letters, digits, `-`, `_`.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn keep(&self, kind: Kind, name: &str, samples: &[i16]) -> io::Result<()> {
        let folder = self.folder(kind)?;
        fs::create_dir_all(&folder)?;
        let (partial, path) = (folder.join(format!("{name}.partial")), folder.join(format!("{name}.wav")));
        let mut file = fs::File::create(&partial)?;
        file.write_all(&wav_mono(samples))?;
        file.sync_all()?;
        fs::rename(partial, path)
    }

    /// Removes an uploaded sound; whether there was one.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove(&self, kind: Kind, name: &str) -> io::Result<bool> {
        match fs::remove_file(self.folder(kind)?.join(format!("{name}.wav"))) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn folder(&self, kind: Kind) -> io::Result<PathBuf> {
        let uploaded = self.uploaded.as_ref().ok_or_else(|| io::Error::other("nothing is uploaded here"))?;
        Ok(self.below(uploaded, kind))
    }

    fn below(&self, folder: &Path, kind: Kind) -> PathBuf {
        match kind {
            Kind::Prompts => folder.join("prompts").join(self.language.folder()),
            Kind::Music => folder.join("music"),
        }
    }
}

/// What the server says to agents at their telephones: there with every dialplan, after its own prompts of the same names.
#[derive(RustEmbed)]
#[folder = "dialplans/service/prompts"]
struct Service;

fn add_service(sounds: &mut Sounds, language: Language) -> anyhow::Result<()> {
    let ours = format!("{}/", language.folder());
    for file in Service::iter().filter(|file| file.starts_with(&ours)) {
        let path = Path::new(file.as_ref());
        let (Some(name), Some(wav)) = (path.file_stem(), Service::get(&file)) else { continue };
        let name = SoundName::from(name.to_string_lossy().into_owned());
        if !sounds.contains(&name) {
            sounds.insert(name, &read_wav_from(Cursor::new(&wav.data), path)?.to_telephone())?;
        }
    }
    Ok(())
}

/// Every sound that was uploaded, of whatever language: paths below the folder they lie in, in order.
///
/// # Errors
/// A folder cannot be read.
pub fn uploaded(folder: &Path) -> anyhow::Result<Vec<String>> {
    let languages = match fs::read_dir(folder.join("prompts")) {
        Ok(entries) => {
            entries.map(|entry| Ok(format!("prompts/{}", entry?.file_name().to_string_lossy()))).collect::<io::Result<Vec<_>>>()?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).with_context(|| format!("the sounds {} cannot be read", folder.display())),
    };
    let mut files = Vec::new();
    for below in languages.into_iter().chain(["music".to_owned()]).filter(|below| folder.join(below).is_dir()) {
        files.extend(wavs(&folder.join(&below))?.into_values().filter_map(|path| Some(format!("{below}/{}", path.file_name()?.to_str()?))));
    }
    files.sort();
    Ok(files)
}

/// The WAV files of a folder by their stems.
fn wavs(folder: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("the sounds {} cannot be read", folder.display()))?;
    let named = |path: PathBuf| {
        let is_wav = path.extension()?.eq_ignore_ascii_case("wav");
        is_wav.then(|| path.file_stem().map(|stem| (stem.to_string_lossy().into_owned(), path.clone())))?
    };
    Ok(entries.filter_map(|entry| named(entry.ok()?.path())).collect())
}

#[cfg(test)]
mod tests {
    use carillon_dialplan::{Saying, Situation};
    use jiff::civil::DateTime;

    use super::*;

    /// Every word that numbers, dates and money may need.
    #[test]
    fn the_words_are_there_in_both_languages() {
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans/demo");
        let situation = Situation { called: "+*#", caller: "0123456789", local: DateTime::constant(2026, 3, 2, 18, 5, 0, 0) };
        let numbers = (0..=130).chain([200, 305, 999, 1000, 2000, 1_000_000, 2_000_000, 1_000_000_000, 3_000_000_000_u64]);
        let mut sayings: Vec<String> = numbers.flat_map(|number| [format!("number:{number}"), format!("number:-{number}.5")]).collect();
        sayings.extend((100..1000).step_by(100).map(|number| format!("number:{number}")));
        sayings.extend(["digits:{called}".to_owned(), "digits:{caller}".to_owned()]);
        for currency in ["EUR", "USD", "GBP", "CHF"] {
            sayings.extend(["1.01", "2.02", "0.50", "0"].map(|amount| format!("money:{amount} {currency}")));
        }
        sayings.extend((1..=12).flat_map(|month| (1..=28).map(move |day| format!("date:2026-{month:02}-{day:02}"))));
        sayings.extend(["date:2026-01-29", "date:2026-01-30", "date:2026-01-31", "date:1906-01-01", "date:1900-01-01"].map(str::to_owned));
        sayings.extend((0..24).flat_map(|hour| ["00", "05", "10", "59"].map(|minute| format!("time:{hour:02}:{minute}"))));
        for (folder, language) in
            [(Language::En, carillon_dialplan::Language::English), (Language::It, carillon_dialplan::Language::Italian)]
        {
            let sounds = Shelf::of_dialplan(&demo, folder).load().expect("sounds");
            let mut used = BTreeSet::new();
            for text in &sayings {
                let said = Saying::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).sounds(language, &situation);
                assert!(!said.is_empty(), "{text}");
                used.extend(said);
            }
            let missing: Vec<_> = used.iter().filter(|name| !sounds.contains(&SoundName::from((*name).clone()))).collect();
            assert!(missing.is_empty(), "{language:?}: {missing:?}");
            let there: BTreeSet<_> = sounds.names().map(ToString::to_string).filter(|name| name.starts_with("say-")).collect();
            let needless: Vec<_> = there.difference(&used).collect();
            assert!(needless.is_empty(), "{language:?}: nothing says {needless:?}");
        }
    }

    #[test]
    fn an_uploaded_sound_stands_before_the_dialplans_until_it_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans/demo");
        let shelf =
            Shelf { dialplan: own, uploaded: Some(folder.path().join("sounds")), language: Language::En, tones: Country::default() };
        let before = shelf.files(Kind::Music).expect("music");
        assert!(before.values().all(|found| found.own && !found.uploaded), "{before:?}");
        shelf.keep(Kind::Music, "hold", &[100; 8000]).expect("kept");
        shelf.keep(Kind::Prompts, "hello", &[100; 4000]).expect("kept");
        let hold = &shelf.files(Kind::Music).expect("music")["hold"];
        assert!(hold.uploaded && hold.own);
        assert_eq!(uploaded(&folder.path().join("sounds")).expect("names"), ["music/hold.wav", "prompts/en/hello.wav"]);
        let sounds = shelf.load().expect("sounds");
        let ms = |name: &str| sounds.duration(&SoundName::from(name.to_owned())).map(|length| length.as_millis());
        assert_eq!((ms("hold"), ms("hello")), (Some(1000), Some(500)));
        assert!(shelf.remove(Kind::Music, "hold").expect("removed") && !shelf.remove(Kind::Music, "hold").expect("gone"));
        assert_eq!(shelf.files(Kind::Music).expect("music"), before);
    }
}
