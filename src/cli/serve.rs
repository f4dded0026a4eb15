//! Running a server until it is told to stop.

use std::path::{Path, PathBuf};

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    server::{Bound, Server},
    telemetry::{start_log, systemd},
};

/// A file would be larger than its limit (setrlimit(2), RLIMIT_FSIZE). Not among tokio's names; 25 on x86, Arm and RISC-V.
const SIGXFSZ: i32 = 25;

/// Starts the server, tells who waits for it, and drains it at SIGTERM or Ctrl-C. A second signal ends it at once.
pub(super) async fn serve(start: impl Future<Output = anyhow::Result<Server>>, ready_file: Option<PathBuf>) -> anyhow::Result<()> {
    start_log();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    // A file at the size the system allows is a full disk to us, and not the end: as long as this is taken, writing just fails.
    let _file_too_large = signal(SignalKind::from_raw(SIGXFSZ))?;
    let mut server = start.await?;
    if let Some(file) = &ready_file {
        write_ready_file(file, server.bound()).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    systemd::ready();
    let has_failed = loop {
        tokio::select! {
            _ = terminate.recv() => break false,
            _ = interrupt.recv() => break false,
            () = server.failed() => break true,
            _ = hang_up.recv() => {}
        }
        match server.reload().await {
            Ok(()) => tracing::info!("what the database and the dialplan hold is taken up"),
            Err(error) => tracing::error!("not everything could be taken up, the rest stays as it was: {error:#}"),
        }
    };
    systemd::stopping(server.longest_drain());
    tracing::info!("draining: calls that are up go on, new ones are refused");
    tokio::select! {
        () = server.drain() => {}
        _ = terminate.recv() => tracing::warn!("second signal: ending at once"),
        _ = interrupt.recv() => tracing::warn!("second signal: ending at once"),
    }
    tracing::info!("stopped");
    anyhow::ensure!(!has_failed, "a part of the server failed, so it stopped: what the log says before that is the cause");
    Ok(())
}

/// Written beside and renamed, so that whoever waits for the file never reads half of it.
fn write_ready_file(file: &Path, bound: &Bound) -> anyhow::Result<()> {
    let beside = file.with_extension("tmp");
    std::fs::write(&beside, serde_json::to_vec(bound)?)?;
    std::fs::rename(&beside, file)?;
    Ok(())
}
