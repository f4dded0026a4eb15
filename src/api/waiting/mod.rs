//! Callers who wait.

pub(super) mod list;
