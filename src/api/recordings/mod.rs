//! Recordings.

pub(super) mod audio;
pub(super) mod list;
pub(super) mod rate;
pub(super) mod read;
mod row;
