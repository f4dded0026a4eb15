//! `[database]`

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where everything lasting is kept.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. The environment's `CARILLON_DATABASE_URL` goes before it.
    pub url: String,
    /// File that keeps what happens while the database refuses.
    pub spool: PathBuf,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite:carillon.db".to_owned(), spool: PathBuf::from("carillon.spool") }
    }
}

/// Without the URL: it may hold a password.
impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("spool", &self.spool).finish_non_exhaustive()
    }
}

impl Database {
    /// Takes the environment's URL, if set, and a relative SQLite path from `base`.
    pub(super) fn resolve(&mut self, base: &Path) {
        if let Ok(url) = std::env::var("CARILLON_DATABASE_URL") {
            self.url = url;
        }
        if let Some(path) = self.url.strip_prefix("sqlite:").filter(|path| Path::new(path).is_relative() && *path != ":memory:") {
            self.url = format!("sqlite:{}", base.join(path).display());
        }
    }
}
