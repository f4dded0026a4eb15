//! A plan's folder on disk: the only file reading of the crate.

use std::{fs, path::Path};

use crate::{
    cases::{CasesRun, run_cases_text},
    plan::Plan,
    problem::{Place, Problem},
};

/// The plan's file in its folder.
pub const PLAN_FILE: &str = "plan.toml";
/// The cases' file beside it.
pub const CASES_FILE: &str = "cases.toml";

impl Plan {
    /// Reads `plan.toml` of a folder.
    ///
    /// # Errors
    /// What [`Plan::parse`] says, or that the file cannot be read.
    pub fn load(folder: &Path) -> Result<Self, Vec<Problem>> {
        let (file, text) = read(folder, PLAN_FILE).map_err(|problem| vec![problem])?;
        Self::parse(&file, &text)
    }
}

/// Runs `cases.toml` of a folder against its `plan.toml`.
///
/// # Errors
/// Problems of the two files themselves. Cases that ran and failed are in the [`CasesRun`].
pub fn run_cases(folder: &Path) -> Result<CasesRun, Vec<Problem>> {
    let plan = Plan::load(folder)?;
    let (file, text) = read(folder, CASES_FILE).map_err(|problem| vec![problem])?;
    run_cases_text(&plan, &file, &text)
}

fn read(folder: &Path, name: &str) -> Result<(String, String), Problem> {
    let path = folder.join(name);
    let file = path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(text) => Ok((file, text)),
        Err(error) => Err(Place::START.problem(&file, format!("cannot be read: {error}"))),
    }
}
