//! What is measured: our server, the reference relay, and peers from Debian. Each runs as processes of its own, ended with the value.

mod carillon;
mod kamailio;
mod reference;

use std::{
    net::SocketAddrV4,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

pub(crate) use carillon::{ADMIN, PASSWORD, Site, start as start_carillon};
pub(crate) use kamailio::{Counted, start as start_kamailio};
pub(crate) use reference::start as start_reference;

use crate::meter::{Meter, family};

/// How long a device may take to start, and to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running device under test.
pub(crate) struct Device {
    pub(crate) name: &'static str,
    /// Where it takes SIP over UDP.
    pub(crate) sip: SocketAddrV4,
    processes: Vec<Child>,
}

impl Device {
    /// All its processes, as they are now.
    pub(crate) fn meter(&self) -> Meter {
        Meter::new(self.processes.iter().flat_map(|process| family(process.id().cast_signed())).collect())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        for process in &mut self.processes {
            end(process);
        }
    }
}

/// Asks it to end, and ends it when it does not.
fn end(process: &mut Child) {
    let asked = kill(Pid::from_raw(process.id().cast_signed()), Signal::SIGTERM);
    let deadline = Instant::now() + PATIENCE;
    while asked.is_ok() && Instant::now() < deadline {
        if !matches!(process.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = process.kill();
    let _ = process.wait();
}

/// Starts a program whose log goes to a file.
fn spawn(command: &mut Command, log: &Path) -> anyhow::Result<Child> {
    let file = std::fs::File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
    let program = command.get_program().to_owned();
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))
}

/// Waits until it is there, or says what its log ends with.
fn wait_until(what: &str, process: &mut Child, log: &Path, mut is_there: impl FnMut() -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !is_there() {
        if let Some(status) = process.try_wait()? {
            anyhow::bail!("{what} ended with {status}: {}", last_lines(log));
        }
        anyhow::ensure!(Instant::now() < deadline, "{what} did not start within {PATIENCE:?}: {}", last_lines(log));
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
}
