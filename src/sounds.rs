//! A dialplan's prompts and music: `prompts/LANGUAGE/*.wav` and `music/*.wav` in its folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
    path::{Path, PathBuf},
};

use anyhow::Context;
use carillon_media_audio::{TELEPHONE_RATE, read_wav_from, read_wav_mono, resample_loop};
use carillon_media_engine::{SoundName, Sounds};
use rust_embed::RustEmbed;

use crate::config::Language;

/// Loads what a dialplan plays, in one language. Music is converted as the loop it is, so that its seam is not heard.
///
/// # Errors
/// A folder or a file in it cannot be read.
pub fn load(dialplan: &Path, language: Language) -> anyhow::Result<Sounds> {
    let mut sounds = Sounds::load(&dialplan.join("prompts").join(language.folder()))?;
    for (name, path) in wavs(&dialplan.join("music"))? {
        let music = read_wav_mono(&path).with_context(|| format!("the music {} cannot be read", path.display()))?;
        sounds.insert(name.into(), &resample_loop(&music.samples, music.rate, TELEPHONE_RATE))?;
    }
    add_service(&mut sounds, language)?;
    Ok(sounds)
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

/// Names of the prompts a dialplan has in one language.
///
/// # Errors
/// The folder cannot be read.
pub fn prompt_names(dialplan: &Path, language: Language) -> anyhow::Result<BTreeSet<String>> {
    Ok(wavs(&dialplan.join("prompts").join(language.folder()))?.into_keys().collect())
}

/// Names of the music a dialplan has.
///
/// # Errors
/// The folder cannot be read.
pub fn music_names(dialplan: &Path) -> anyhow::Result<BTreeSet<String>> {
    Ok(wavs(&dialplan.join("music"))?.into_keys().collect())
}

/// The WAV files of a folder by their stems.
fn wavs(folder: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("the sounds {} cannot be read", folder.display()))?;
    let named = |path: PathBuf| {
        let is_wav = path.extension()?.eq_ignore_ascii_case("wav");
        is_wav.then(|| path.file_stem().map(|stem| (stem.to_string_lossy().into_owned(), path.clone())))?
    };
    Ok(entries.filter_map(|entry| named(entry.ok()?.path())).collect())
}
