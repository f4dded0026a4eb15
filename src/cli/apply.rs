//! `carillon apply`

use std::path::PathBuf;

use super::{problems, say};
use crate::{config::Config, setup};

/// Brings the database in line with a setup file.
#[derive(Debug, clap::Args)]
pub(super) struct Apply {
    /// The setup file.
    setup: PathBuf,
    /// The configuration of the server it is for.
    #[arg(long, default_value = "carillon.toml", env = "CARILLON_CONFIG")]
    config: PathBuf,
}

impl Apply {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config).map_err(|found| problems(&found))?;
        let text =
            std::fs::read_to_string(&self.setup).map_err(|error| anyhow::anyhow!("{}: cannot be read: {error}", self.setup.display()))?;
        let changes = setup::apply_file(&config, &self.setup, &text).await.map_err(|found| problems(&found))?;
        for (what, names) in [("created", &changes.created), ("updated", &changes.updated)] {
            names.iter().for_each(|name| say(&format!("{what} {name}")));
        }
        say(&format!("{} created, {} updated, {} unchanged", changes.created.len(), changes.updated.len(), changes.unchanged.len()));
        Ok(())
    }
}
