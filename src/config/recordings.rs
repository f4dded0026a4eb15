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
    /// A file of 64 hexadecimal digits: the key that closed recordings are sealed with. Empty: they stay as they are.
    pub key_file: PathBuf,
    /// Keys that older recordings were sealed with.
    pub old_key_files: Vec<PathBuf>,
}

impl Default for Recordings {
    fn default() -> Self {
        Self { folder: PathBuf::from("recordings"), keep_days: 0, key_file: PathBuf::new(), old_key_files: Vec::new() }
    }
}
