//! Calls.

pub(super) mod hang_up;
pub(super) mod list;
pub(super) mod read;
mod row;
