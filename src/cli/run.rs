//! `carillon run`

use std::path::PathBuf;

use super::{problems, serve::serve};
use crate::{Server, config::Config};

/// Runs the server.
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    /// The configuration.
    #[arg(long, default_value = "carillon.toml", env = "CARILLON_CONFIG")]
    config: PathBuf,
    /// Writes the bound addresses to this file, as JSON, once the server takes calls.
    #[arg(long)]
    ready_file: Option<PathBuf>,
}

impl Run {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = Config::load(&self.config).map_err(|found| problems(&found))?;
        serve(Server::start(config, None), self.ready_file).await
    }
}
