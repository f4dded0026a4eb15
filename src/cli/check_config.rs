//! `carillon check-config`

use std::path::PathBuf;

use super::{problems, say};
use crate::config::Config;

/// Reads a configuration and says what is wrong with it.
#[derive(Debug, clap::Args)]
pub(super) struct CheckConfig {
    /// The configuration.
    #[arg(default_value = "carillon.toml")]
    file: PathBuf,
}

impl CheckConfig {
    pub(super) fn run(self) -> anyhow::Result<()> {
        Config::load(&self.file).map_err(|found| problems(&found))?;
        say(&format!("{}: nothing wrong", self.file.display()));
        Ok(())
    }
}
