//! Telephones.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod provision;
pub(super) mod read;
mod settings;
pub(super) mod update;
