//! Dispositions: how calls may be classed.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod read;
mod settings;
pub(super) mod update;
