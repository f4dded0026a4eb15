//! Backups: the whole database, and its recordings when asked for, in one file that both engines are restored from.
//!
//! Taking one reads a snapshot while the server goes on. Restoring is one transaction, after the whole archive was checked.

mod archive;
mod restore;
mod take;

pub use self::{restore::restore, take::take};

/// Rows read or written at a time.
const ROWS: u32 = 500;
