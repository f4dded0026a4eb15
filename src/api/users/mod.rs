//! People who can sign in, agents among them.

pub(super) mod create;
pub(super) mod delete;
mod last_admin;
pub(super) mod list;
pub(super) mod read;
mod settings;
pub(super) mod update;
