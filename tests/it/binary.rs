//! The program itself, in a process and a folder of its own.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use carillon_kit::Server;
use tempfile::TempDir;
use tokio::process::Command;

use crate::site;

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

    /// Starts the server and waits until it takes calls.
    pub(crate) async fn run(&self) -> Server {
        self.run_as(&["run"]).await
    }

    /// The same by another command.
    pub(crate) async fn run_as(&self, arguments: &[&str]) -> Server {
        Server::ready(command(self.folder.path(), arguments), &self.path("ready.json")).await
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
