//! The program itself, in a process and a folder of its own.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{client::eventually, site};

/// A folder with a configuration, a setup and a dialplan in order.
pub(crate) struct Folder {
    folder: TempDir,
}

/// What a command said and how it ended.
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A server in a process of its own; killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) http: SocketAddr,
    pub(crate) sip_udp: SocketAddr,
    pub(crate) sip_tcp: SocketAddr,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("carillon.toml"), CONFIG).expect("a configuration");
        site::write_dialplan(&folder.path().join("dialplan"));
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and gives its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).expect("a file");
        self.path(name)
    }

    /// Runs a command of the program to its end.
    pub(crate) async fn carillon(&self, arguments: &[&str]) -> Said {
        let output = tokio::time::timeout(carillon_kit::phone::PATIENCE, command(self.folder.path(), arguments).output()).await;
        let output = output.unwrap_or_else(|_| panic!("carillon {arguments:?} does not end")).expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { status: output.status, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Applies the tests' setup for a trunk at that address.
    pub(crate) async fn apply(&self, trunk: SocketAddr) -> Said {
        self.write("setup.toml", &site::setup(trunk));
        self.carillon(&["apply", "setup.toml"]).await
    }

    /// Starts the server and waits until it takes calls. What it logs goes to `log`.
    pub(crate) async fn run(&self) -> Running {
        self.run_as(&["run"], &[]).await
    }

    /// The same by another command, with these variables.
    pub(crate) async fn run_as(&self, arguments: &[&str], variables: &[(&str, &Path)]) -> Running {
        let ready = self.path("ready.json");
        // One of an earlier run would be believed.
        let _ = fs::remove_file(&ready);
        let log = fs::File::create(self.path("log")).expect("a log");
        let mut command = command(self.folder.path(), &[arguments, &["--ready-file", "ready.json"]].concat());
        command.envs(variables.iter().copied());
        command.stdout(log.try_clone().expect("the same log")).stderr(log);
        let child = command.spawn().expect("the program runs");
        let bound: Value = eventually("the server being ready", async || serde_json::from_slice(&fs::read(&ready).ok()?).ok()).await;
        let address = |value: &Value| value.as_str().and_then(|text| text.parse().ok()).expect("an address");
        Running { http: address(&bound["http"]), sip_udp: address(&bound["sip_udp"][0]), sip_tcp: address(&bound["sip_tcp"][0]), child }
    }
}

impl Running {
    /// Whether the process lives.
    pub(crate) fn is_up(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end and waits until it has.
    pub(crate) async fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().expect("a living process").to_string();
        let sent = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status().await.expect("a shell");
        assert!(sent.success());
        self.child.wait().await.expect("a child")
    }

    /// Bytes of memory in use.
    pub(crate) fn memory(&self) -> u64 {
        let id = self.child.id().expect("a living process");
        let statm = fs::read_to_string(format!("/proc/{id}/statm")).expect("a /proc");
        statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).expect("resident pages") * 4096
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carillon"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    for name in ["CARILLON_DATABASE_URL", "CARILLON_CONFIG", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

pub(crate) const CONFIG: &str = r#"[http]
listen = "127.0.0.1:0"

[sip]
udp = ["127.0.0.1:0"]
tcp = ["127.0.0.1:0"]

[dialplan]
folder = "dialplan"

[limits]
drain_s = 1
"#;
