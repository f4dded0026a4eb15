//! The keys that recordings are sealed with.

use std::path::Path;

use anyhow::Context;

use super::sealed::SiteKey;
use crate::config;

/// The site's keys: one to seal with, if any, and all that are read.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    pub(super) seals: Option<SiteKey>,
    pub(super) known: Vec<SiteKey>,
}

impl Keys {
    /// Reads the files that the configuration names.
    ///
    /// # Errors
    /// One cannot be read, or does not hold 64 hexadecimal digits.
    pub fn load(config: &config::Recordings) -> anyhow::Result<Self> {
        let seals = if config.key_file.as_os_str().is_empty() { None } else { Some(read(&config.key_file)?) };
        let old = config.old_key_files.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Self { known: seals.iter().cloned().chain(old).collect(), seals })
    }
}

impl Keys {
    /// All that may open a sealed recording.
    pub(crate) fn known(&self) -> &[SiteKey] {
        &self.known
    }
}

fn read(path: &Path) -> anyhow::Result<SiteKey> {
    let text = std::fs::read_to_string(path).with_context(|| format!("the recordings' key {} cannot be read", path.display()))?;
    SiteKey::parse(&text).with_context(|| format!("the recordings' key {} is not 64 hexadecimal digits", path.display()))
}
