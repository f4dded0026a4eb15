//! `[recordings]`

use std::path::PathBuf;

use serde::Deserialize;

/// Where recordings go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recordings {
    /// Folder below which the files are laid out by date.
    pub folder: PathBuf,
    /// Days after which recordings are removed, where their queue says nothing else; 0: never.
    pub keep_days: u32,
}

impl Default for Recordings {
    fn default() -> Self {
        Self { folder: PathBuf::from("recordings"), keep_days: 0 }
    }
}
