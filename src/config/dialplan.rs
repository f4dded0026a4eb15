//! `[dialplan]`

use std::path::PathBuf;

use serde::Deserialize;

/// What callers meet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialplan {
    /// Folder with `plan.toml`, `prompts/LANGUAGE/` and `music/`.
    pub folder: PathBuf,
    /// Folder of the prompts and the music that administrators upload.
    #[serde(default = "sounds")]
    pub sounds: PathBuf,
}

fn sounds() -> PathBuf {
    PathBuf::from("sounds")
}
