//! Agents at work.

pub(super) mod list;
pub(super) mod log_out;
pub(super) mod note;
mod of;
pub(super) mod pause;
pub(super) mod queue_pause;
pub(super) mod resume;
