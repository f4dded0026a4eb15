//! `carillon check-dialplan`

use std::path::PathBuf;

use carillon_dialplan::{Known, Plan, run_cases};

use super::{problems, say};
use crate::{
    config::Language,
    sounds::{Kind, Shelf},
};

/// Reads a dialplan, checks it and runs its cases.
#[derive(Debug, clap::Args)]
pub(super) struct CheckDialplan {
    /// The dialplan's folder.
    folder: PathBuf,
    /// Language of the prompts.
    #[arg(long, value_enum, default_value = "en")]
    language: Language,
}

impl CheckDialplan {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let plan = Plan::load(&self.folder).map_err(|found| problems(&found))?;
        let known = Known { prompts: Some(Shelf::of_dialplan(&self.folder, self.language).names(Kind::Prompts)?), ..Known::default() };
        let found = plan.check(&known);
        anyhow::ensure!(found.is_empty(), problems(&found));
        let run = run_cases(&self.folder).map_err(|found| problems(&found))?;
        anyhow::ensure!(run.failed.is_empty(), problems(&run.failed));
        say(&format!("{}: {} steps, {} cases, nothing wrong", self.folder.display(), plan.steps().count(), run.passed));
        Ok(())
    }
}
