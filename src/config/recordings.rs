//! `[recordings]`

use std::path::PathBuf;

use serde::Deserialize;

/// Where recordings go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recordings {
    /// Folder below which the files are laid out by date.
    pub folder: PathBuf,
}

impl Default for Recordings {
    fn default() -> Self {
        Self { folder: PathBuf::from("recordings") }
    }
}
