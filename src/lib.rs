//! Carillon, the server: drivers, HTTP and wiring. It owns no protocol rule and no queue rule.

pub mod config;
