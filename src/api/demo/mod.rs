//! What only the demo has.

pub(super) mod simulate;
