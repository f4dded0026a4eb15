//! Recordings as files: what a crash left open is repaired at the next start.

mod repair;

pub use repair::repair_open;
