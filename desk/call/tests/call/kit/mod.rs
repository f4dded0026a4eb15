//! The stage: one call, its effects read back as short sentences, every event one method.

mod script;
mod site;
mod watch;

pub(crate) use script::CallTest;
pub(crate) use watch::Watch;
