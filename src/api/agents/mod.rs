//! Agents, as a supervisor sees them.

pub(super) mod list;
