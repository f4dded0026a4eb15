//! How people sign in here, as `carillon.toml` says.

pub(super) mod read;
