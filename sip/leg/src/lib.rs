//! leg.
