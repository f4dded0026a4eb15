//! What is wrong with the machine for a configuration: said before anything binds, by the server's start and by `carillon check-config`.

mod certificate;
mod database;
mod descriptors;
mod folders;
mod ports;

use std::fmt;

pub use self::database::of_open_database;
use crate::config::Config;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether the server cannot start with it.
    pub is_grave: bool,
    /// What, where, and what to do.
    pub message: String,
}

impl Finding {
    fn grave(message: impl Into<String>) -> Self {
        Self { is_grave: true, message: message.into() }
    }

    fn warning(message: impl Into<String>) -> Self {
        Self { is_grave: false, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What a start looks at first: ports, folders, limits. Nothing is changed.
pub fn of_machine(config: &Config) -> Vec<Finding> {
    [ports::check(config), certificate::check(config), folders::check(config), descriptors::check(config)].concat()
}

/// What a start would find: the same, and the database with all that is checked against it. Nothing is changed.
pub async fn of_everything(config: &Config) -> Vec<Finding> {
    let mut found = of_machine(config);
    found.extend(database::check(config).await);
    found
}

/// Warns of what a start can do with, and fails for what it cannot, all of it at once.
///
/// # Errors
/// A line for each grave finding.
pub fn pass(found: Vec<Finding>) -> anyhow::Result<()> {
    let (grave, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| finding.is_grave);
    rest.iter().for_each(|finding| tracing::warn!("{finding}"));
    let lines: Vec<String> = grave.iter().map(ToString::to_string).collect();
    anyhow::ensure!(lines.is_empty(), "{}", lines.join("\n"));
    Ok(())
}
