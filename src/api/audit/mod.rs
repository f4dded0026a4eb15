//! The audit log.

pub(super) mod list;
mod names;
