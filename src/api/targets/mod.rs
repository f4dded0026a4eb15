//! To whom a call can be given on.

pub(super) mod list;
