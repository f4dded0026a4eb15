//! Who works in a queue.

pub(in crate::api) mod delete;
pub(in crate::api) mod list;
pub(in crate::api) mod save;
