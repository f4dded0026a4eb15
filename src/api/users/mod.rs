//! People who can sign in, agents among them.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod invite;
mod last_admin;
pub(super) mod list;
mod number;
pub(super) mod read;
mod row;
pub(super) mod second_factor;
mod settings;
pub(super) mod unlock;
pub(super) mod update;
