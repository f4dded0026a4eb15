//! The site's mail server: whether there is one, and whether it works.

pub(super) mod read;
pub(super) mod test;
