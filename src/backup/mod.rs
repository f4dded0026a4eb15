//! Backups: the whole database, the uploaded sounds, and recordings when asked for, in one file that both engines are restored from.
//!
//! Taking one reads a snapshot while the server goes on. Restoring is one transaction, after the whole archive was checked.

mod archive;
mod restore;
mod take;

use std::path::Path;

pub use self::{restore::restore, take::take};

/// Where the files lie that are no rows.
#[derive(Debug, Clone, Copy)]
pub struct Folders<'a> {
    /// Recordings, if they are to be taken or restored.
    pub recordings: Option<&'a Path>,
    /// Uploaded prompts and music: what is set up names them, so that they always go along.
    pub sounds: &'a Path,
}

/// Rows read or written at a time.
const ROWS: u32 = 500;
