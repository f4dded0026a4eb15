//! Reasons for a pause.

pub(super) mod list;
