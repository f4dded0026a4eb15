//! Carillon, the server: drivers, HTTP and wiring. It owns no protocol rule and no queue rule.

pub mod api;
pub mod auth;
mod clock;
pub mod config;
pub mod journal;
pub mod telemetry;
