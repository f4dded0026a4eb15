//! What the server says of itself: its log, its metrics, its health.

mod health;
mod log;
mod metrics;
pub mod systemd;

pub use self::{
    health::{AlarmRow, Health, Readiness},
    log::start_log,
    metrics::{Metrics, names},
};
