//! Every repository on both engines, by the same tests.

mod calls;
mod database;
mod facts;
mod people;
mod routing;
mod setup;
mod site;
mod sorting;
mod statements;
