//! Agents at work.

pub(super) mod list;
pub(super) mod log_out;
mod of;
pub(super) mod pause;
pub(super) mod resume;
