//! The stage: one call, its effects read back as short sentences, every event one method.

mod centre;
mod script;
pub(crate) mod site;
mod watch;

pub(crate) use centre::Centre;
pub(crate) use script::{CallTest, beginning};
pub(crate) use watch::Watch;
