//! SIPp: callers and phones that follow a scenario to the letter.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use tempfile::TempDir;
use tokio::process::Command;

use crate::{Ports, Program, until};

/// A run of SIPp.
#[derive(Debug)]
pub struct Sipp {
    program: Program,
    folder: TempDir,
    port: u16,
    _media: Ports,
}

impl Sipp {
    /// Plays a scenario against `server` from `port` on 127.0.0.1, echoing the audio it gets. `options` go to the command line as they are.
    ///
    /// # Panics
    /// When SIPp is not installed.
    pub fn start(scenario: &Path, server: SocketAddr, port: u16, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for SIPp");
        let media = Ports::reserve(4);
        let mut command = Command::new("sipp");
        command.arg(server.to_string()).arg("-sf").arg(scenario).args(["-i", "127.0.0.1", "-p", &port.to_string()]);
        command.args(["-rtp_echo", "-mi", "127.0.0.1", "-mp", &media.at_index(0).to_string()]);
        command.args(["-nostdin", "-trace_err", "-error_file"]).arg(folder.path().join("errors"));
        command.args(["-trace_msg", "-message_file"]).arg(folder.path().join("messages"));
        command.args(options).current_dir(folder.path()).env("TERM", "dumb");
        Self { program: Program::start("sipp", &mut command, "sip-tester"), folder, port, _media: media }
    }

    /// Waits until its port takes datagrams: before, who calls it learns at once that nobody is there.
    ///
    /// # Panics
    /// When it never does.
    pub async fn is_there(&self) {
        let local = format!("0100007F:{:04X}", self.port);
        let has = |table: &str| table.lines().any(|line| line.split_whitespace().nth(1) == Some(&local));
        until("SIPp's port", async || fs::read_to_string("/proc/net/udp").is_ok_and(|table| has(&table)).then_some(())).await;
    }

    /// Waits until it is done with every call.
    ///
    /// # Panics
    /// When it is not done in time, or a call did not follow the scenario.
    pub async fn is_done(mut self, patience: Duration) {
        let status = self.program.ended(patience).await;
        assert!(status.success(), "SIPp ended with {status}.\nErrors:\n{}\nMessages:\n{}", self.errors(), self.messages());
    }

    /// All messages sent and received so far.
    pub fn messages(&self) -> String {
        fs::read_to_string(self.folder.path().join("messages")).unwrap_or_default()
    }

    fn errors(&self) -> String {
        fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default()
    }
}
