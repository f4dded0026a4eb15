//! Recordings.

pub(super) mod audio;
pub(super) mod links;
pub(super) mod list;
pub(super) mod open_link;
pub(super) mod rate;
pub(super) mod read;
mod row;
mod sealed;
