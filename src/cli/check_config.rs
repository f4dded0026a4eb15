//! `carillon check-config`

use std::path::PathBuf;

use super::{problems, say};
use crate::{checks, config::Config};

/// Says what is wrong with a configuration, and with this machine for it: what a start would stumble over. Changes nothing.
#[derive(Debug, clap::Args)]
pub(super) struct CheckConfig {
    /// The configuration.
    #[arg(default_value = "carillon.toml")]
    file: PathBuf,
}

impl CheckConfig {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.file).map_err(|found| problems(&found))?;
        let (grave, rest): (Vec<_>, Vec<_>) = checks::of_everything(&config).await.into_iter().partition(|finding| finding.is_grave);
        rest.iter().for_each(|finding| say(&format!("warning: {finding}")));
        if !grave.is_empty() {
            return Err(problems(&grave));
        }
        let verdict = if rest.is_empty() { "nothing wrong" } else { "nothing that would stop a start" };
        say(&format!("{}: {verdict}", self.file.display()));
        Ok(())
    }
}
