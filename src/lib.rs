//! Carillon, the server: drivers, HTTP and wiring. It owns no protocol rule and no queue rule.

#![allow(
    unreachable_pub,
    reason = "modules are public for the tests of the whole server; what is public within them is public to the crate"
)]

pub mod api;
pub mod auth;
mod backup;
pub mod calls;
mod checks;
pub mod cli;
mod clock;
pub mod config;
pub mod dispatch;
mod jobs;
pub mod journal;
mod ladder;
pub mod live;
mod mail;
mod masking;
mod recording;
mod server;
pub mod setup;
pub mod simulate;
mod sounds;
pub mod telemetry;
pub mod tls;
pub mod trunks;
mod web;

pub use server::{Bound, Server};
