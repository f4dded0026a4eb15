//! The stage: one call, its effects read back as short sentences, every event one method.

mod script;
pub(crate) mod site;
mod watch;

pub(crate) use script::{CallTest, beginning};
pub(crate) use watch::Watch;
