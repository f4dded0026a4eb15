//! Telephones.

pub(super) mod list;
