//! The live stream.

pub(super) mod connect;
