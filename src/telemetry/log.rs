//! The log: calm by default, on standard error, what a person wants to know.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts the log. `CARILLON_LOG` sets levels in the manner of `info,carillon::calls=debug`; `CARILLON_LOG_FORMAT=json` writes JSON lines.
pub fn start_log() {
    let levels = EnvFilter::try_from_env("CARILLON_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let json = std::env::var("CARILLON_LOG_FORMAT").is_ok_and(|format| format == "json");
    let lines = fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(levels);
    // A second start in one process (tests) keeps the first.
    let _ = if json {
        registry.with(lines.json()).try_init()
    } else {
        registry.with(lines.with_target(false).with_ansi(std::io::stderr().is_terminal())).try_init()
    };
}
