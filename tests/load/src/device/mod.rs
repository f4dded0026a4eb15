//! What is measured: our server, the reference relay, and peers from Debian. Each runs as processes of its own, ended with the value.

mod carillon;
mod kamailio;
mod reference;

use std::{
    net::SocketAddrV4,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
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
/// Between two questions to a device that is starting.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// A running device under test.
pub(crate) struct Device {
    pub(crate) name: &'static str,
    /// Where it takes SIP over UDP.
    pub(crate) sip: SocketAddrV4,
    processes: Vec<Process>,
}

/// A process, and what is told of it.
struct Process {
    id: Pid,
    news: Receiver<News>,
    tell: Sender<News>,
}

/// What a process is waited for.
enum News {
    /// It says that it is ready.
    Ready,
    /// It has ended, and is none any more.
    Ended(ExitStatus),
}

impl Process {
    /// Watches a process until it ends.
    fn of(mut child: Child) -> Self {
        let (tell, news) = channel();
        let (id, ended) = (Pid::from_raw(child.id().cast_signed()), tell.clone());
        std::thread::spawn(move || {
            if let Ok(status) = child.wait() {
                // Nobody may be interested any more.
                let _ = ended.send(News::Ended(status));
            }
        });
        Self { id, news, tell }
    }
}

impl Device {
    /// All its processes, as they are now.
    pub(crate) fn meter(&self) -> Meter {
        Meter::new(self.processes.iter().flat_map(|process| family(process.id.as_raw())).collect())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.processes.iter().for_each(end);
    }
}

/// Asks it to end, and ends it when it does not.
fn end(process: &Process) {
    if process.news.try_iter().any(|news| matches!(news, News::Ended(_))) {
        return;
    }
    for (signal, patience) in [(Signal::SIGTERM, PATIENCE), (Signal::SIGKILL, PATIENCE)] {
        // Refused where it has just ended, which is told.
        let _ = kill(process.id, signal);
        if matches!(process.news.recv_timeout(patience), Ok(News::Ended(_))) {
            return;
        }
    }
}

/// Starts a program whose log goes to a file.
fn spawn(command: &mut Command, log: &Path) -> anyhow::Result<Process> {
    let file = std::fs::File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
    let program = command.get_program().to_owned();
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .map(Process::of)
        .with_context(|| format!("{} cannot be started", program.display()))
}

/// Waits until it says that it is ready, or says what its log ends with.
fn wait_for(what: &str, process: &Process, log: &Path) -> anyhow::Result<()> {
    match process.news.recv_timeout(PATIENCE) {
        Ok(News::Ready) => Ok(()),
        Ok(News::Ended(status)) => anyhow::bail!("{what} ended with {status}: {}", last_lines(log)),
        Err(_) => anyhow::bail!("{what} did not start within {PATIENCE:?}: {}", last_lines(log)),
    }
}

/// Asks one that does not say when it is ready until it answers, or says what its log ends with.
fn ask_until(what: &str, process: &Process, log: &Path, mut answers: impl FnMut() -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !answers() {
        match process.news.recv_timeout(ASK_EVERY) {
            Ok(News::Ended(status)) => anyhow::bail!("{what} ended with {status}: {}", last_lines(log)),
            Ok(News::Ready) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        anyhow::ensure!(Instant::now() < deadline, "{what} did not start within {PATIENCE:?}: {}", last_lines(log));
    }
    Ok(())
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
}
