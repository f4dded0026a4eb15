//! The real binary, in a process of its own.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use serde_json::Value;
use tokio::{net::UnixDatagram, process::Command, time::timeout};

use crate::{PATIENCE, Program, Site};

/// Bytes of what a service manager is told at once.
const NEWS: usize = 512;

/// Where a server listens, as its ready file says.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// The page and the API.
    pub http: SocketAddr,
    /// SIP over UDP.
    pub sip_udp: SocketAddr,
    /// SIP over TCP.
    pub sip_tcp: SocketAddr,
}

/// A server that takes calls.
#[derive(Debug)]
pub struct Server {
    /// Its process.
    pub program: Program,
    /// Where it listens.
    pub bound: Bound,
    /// What a service manager is told on.
    manager: UnixDatagram,
}

impl Server {
    /// Applies the site's setup and runs the server of `binary` in it.
    ///
    /// # Panics
    /// With what it said, when the setup is refused or the server does not get ready.
    pub async fn run(binary: &Path, site: &Site) -> Self {
        apply_setup(binary, site).await;
        Self::again(binary, site).await
    }

    /// Runs the server of `binary` in a site whose setup was applied before.
    ///
    /// # Panics
    /// As [`Self::run`].
    pub async fn again(binary: &Path, site: &Site) -> Self {
        Self::by(Command::new(binary), site).await
    }

    /// The same, by a command of the test's own that ends with the binary: `prlimit`, or one with an environment.
    ///
    /// # Panics
    /// As [`Self::run`].
    pub async fn by(mut command: Command, site: &Site) -> Self {
        command.arg("run").arg("--config").arg(site.path("carillon.toml"));
        Self::ready(command, &site.path("ready.json")).await
    }

    /// Applies the site's setup and starts a server that must end by itself; what it says before it does.
    ///
    /// # Panics
    /// When it runs, or ends as if all were well.
    pub async fn refuses(binary: &Path, site: &Site) -> String {
        apply_setup(binary, site).await;
        let mut command = Command::new(binary);
        command.args(["run", "--config"]).arg(site.path("carillon.toml")).kill_on_drop(true);
        let ended = tokio::time::timeout(PATIENCE, command.output()).await.expect("the server refuses to start");
        let ended = ended.unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        assert!(!ended.status.success(), "the server ended as if all were well");
        String::from_utf8_lossy(&ended.stderr).into_owned()
    }

    /// Runs the demo with its data in `folder`, on ports the system chooses.
    ///
    /// # Panics
    /// With what it said, when it does not get ready.
    pub async fn demo(binary: &Path, folder: &Path) -> Self {
        let data = folder.join("data");
        let free = "127.0.0.1:0";
        let mut command = Command::new(binary);
        command.args(["demo", "--http", free, "--sip", free, "--data"]).arg(data);
        Self::ready(command, &folder.join("ready.json")).await
    }

    /// Runs a server by a command of the test's own, which is told to write the file `ready`, and waits until it says that it takes calls, as a
    /// service manager does.
    ///
    /// # Panics
    /// With what it said, when it does not get ready.
    pub async fn ready(mut command: Command, ready: &Path) -> Self {
        let told = ready.with_extension("notify");
        // Those of an earlier run.
        let _ = fs::remove_file(ready);
        let _ = fs::remove_file(&told);
        let manager = UnixDatagram::bind(&told).unwrap_or_else(|error| panic!("{}: {error}", told.display()));
        command.arg("--ready-file").arg(ready).env("NOTIFY_SOCKET", &told).env_remove("CARILLON_DATABASE_URL");
        let mut program = Program::start("carillon", &mut command, "nothing: cargo builds it");
        let mut news = [0; NEWS];
        let ended = tokio::select! {
            length = timeout(PATIENCE, manager.recv(&mut news)) => {
                let length = length.unwrap_or_else(|_| panic!("the server does not get ready")).expect("a datagram");
                assert!(news[..length].starts_with(b"READY=1\n"), "it gets ready first");
                None
            }
            status = program.ended(2 * PATIENCE) => Some(status),
        };
        if let Some(status) = ended {
            panic!("the server ended with {status}:\n{}", program.said());
        }
        let text = fs::read_to_string(ready).expect("the ready file of a server that is ready");
        let said: Value = serde_json::from_str(&text).expect("JSON in the ready file");
        let address = |value: &Value| value.as_str().and_then(|text| text.parse().ok()).expect("an address in the ready file");
        let bound = Bound { http: address(&said["http"]), sip_udp: address(&said["sip_udp"][0]), sip_tcp: address(&said["sip_tcp"][0]) };
        Self { program, bound, manager }
    }

    /// The next it tells a service manager, after that it is ready.
    ///
    /// # Panics
    /// When it tells nothing.
    pub async fn tells(&self) -> String {
        let mut news = [0; NEWS];
        let told = timeout(PATIENCE, self.manager.recv(&mut news)).await;
        let length = told.unwrap_or_else(|_| panic!("the server tells nothing:\n{}", self.program.said())).expect("a datagram");
        String::from_utf8_lossy(&news[..length]).into_owned()
    }

    /// Bytes of memory it has in use.
    ///
    /// # Panics
    /// When it runs no more.
    pub fn memory(&self) -> u64 {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.program.id())).expect("a /proc");
        statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).expect("resident pages") * 4096
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Panics
    /// When it does not end well.
    pub async fn stop(mut self) {
        self.program.signal("TERM").await;
        self.has_stopped().await;
    }

    /// Waits until one that was asked to end has ended well.
    ///
    /// # Panics
    /// When it does not.
    pub async fn has_stopped(&mut self) {
        let status = self.program.ended(Duration::from_secs(30)).await;
        assert!(status.success(), "the server ended with {status}:\n{}", self.program.said());
    }

    /// A page outside the API: its status and text.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn page(&self, path: &str) -> (u16, String) {
        let answer = reqwest::get(format!("http://{}{path}", self.bound.http)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }
}

/// Applies the site's setup.
///
/// # Panics
/// With what was said, when it is refused.
pub async fn apply_setup(binary: &Path, site: &Site) {
    let mut command = Command::new(binary);
    command.arg("apply").arg(site.path("setup.toml")).arg("--config").arg(site.path("carillon.toml"));
    let applied = command.output().await.unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    assert!(applied.status.success(), "carillon apply: {}", String::from_utf8_lossy(&applied.stderr));
}
