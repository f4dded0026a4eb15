//! Keys of other software: made, listed and taken back by administrators.

pub(super) mod create;
pub(super) mod list;
pub(super) mod revoke;
mod row;
pub(super) mod scope;
