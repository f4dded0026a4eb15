//! The dialplan.

pub(super) mod reload;
