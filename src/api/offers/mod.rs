//! Offers of calls to agents.

pub(super) mod decline;
