//! Every repository on both engines, by the same tests.

mod abandoned_calls;
mod backup;
mod calls;
mod claim;
mod database;
mod dispositions;
mod facts;
mod people;
mod routing;
mod setup;
mod sip_messages;
mod site;
mod sorting;
mod statements;
