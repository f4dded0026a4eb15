//! acd.
