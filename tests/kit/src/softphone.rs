//! Telephones made of a library and a script of ours in `tests/peers`: PJSIP in Python, JsSIP in Node.js. Each takes orders by lines and
//! tells what happens in lines that begin with `=`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt,
    process::{ChildStdin, Command},
};

use crate::{Program, sound, until};

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../peers");

/// A telephone that runs.
#[derive(Debug)]
pub struct Softphone {
    program: Program,
    orders: ChildStdin,
    folder: TempDir,
    /// Lines it said that were taken.
    taken: usize,
}

impl Softphone {
    /// PJSIP, which says a tone; `transport` is `udp`, `tcp` or `tls`, for which it believes certificates of `authorities`.
    ///
    /// # Panics
    /// When it was not installed by `.ci/setup test`, or does not start.
    pub async fn pjsip(name: &str, server: SocketAddr, transport: &str, hz: f64, authorities: &Path) -> Self {
        let python = installed("pjsip/.venv/bin/python");
        let folder = tempfile::tempdir().expect("a folder for a phone");
        sound::write_tone(&folder.path().join("says.wav"), hz, 120.0);
        let mut command = Command::new(python);
        command.arg(format!("{PEERS}/pjsip/phone.py")).args([name, &password(name), &server.to_string(), transport]);
        Self::start("PJSIP", command.arg(folder.path()).arg(authorities), folder)
    }

    /// JsSIP over WebSocket with TLS, which believes certificates of `authorities`. It has no audio.
    ///
    /// # Panics
    /// As [`Self::pjsip`].
    pub async fn jssip(name: &str, server: SocketAddr, authorities: &Path) -> Self {
        installed("jssip/node_modules/jssip");
        let mut command = Command::new("node");
        command.args(["--no-warnings", "--experimental-websocket"]).arg(format!("{PEERS}/jssip/phone.mjs"));
        command.args([name, &password(name), &server.to_string(), "wss"]).env("NODE_EXTRA_CA_CERTS", authorities);
        Self::start("JsSIP", &mut command, tempfile::tempdir().expect("a folder for a phone"))
    }

    fn start(name: &str, command: &mut Command, folder: TempDir) -> Self {
        let (program, orders) = Program::ordered(name, command, "nodejs (20.19 or later)");
        Self { program, orders, folder, taken: 0 }
    }

    /// Orders: `dial URI`, `answer`, `hold` (tells `held`), `resume` (tells `resumed`), `refer URI` and
    /// `transfer` of the call on hold to the newest (both tell `transfer STATUS`), `press KEY` (RFC 4733), `inform KEY` (SIP INFO), `hangup`, `register`.
    ///
    /// # Panics
    /// When it is gone.
    pub async fn order(&mut self, order: &str) {
        let written = self.orders.write_all(format!("{order}\n").as_bytes()).await;
        written.unwrap_or_else(|error| panic!("the phone takes no orders: {error}. It said:\n{}", self.program.said()));
    }

    /// Waits until it tells something that was not taken yet; what stands after that word.
    ///
    /// # Panics
    /// With all it said, when it does not.
    pub async fn tells(&mut self, what: &str) -> String {
        let (line, text) = self.program.says_after(self.taken, &format!("= {what}")).await;
        self.taken = line + 1;
        text.split_once(what).map(|(_, rest)| rest.trim().to_owned()).unwrap_or_default()
    }

    /// Takes all that it told so far.
    pub fn forget(&mut self) {
        self.taken = self.program.said().lines().count();
    }

    /// Waits until it has heard so much of a tone in its newest call.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn hears(&self, hz: f64, time: Duration) {
        let heard = || newest_heard(self.folder.path()).and_then(|file| sound::read_unfinished(&file));
        let enough = |heard: Vec<i16>| sound::seconds_of_tone(&heard, hz) >= time.as_secs_f64();
        until(&format!("{time:?} of {hz} Hz at a phone"), async || heard().is_some_and(enough).then_some(())).await;
    }
}

fn newest_heard(folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).expect("the phone's folder").map(|entry| entry.expect("a file").path());
    files.filter(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("hears-"))).max()
}

/// Phones of the tests are registered with this.
fn password(name: &str) -> String {
    format!("phone-{name}")
}

fn installed(file: &str) -> PathBuf {
    let path = Path::new(PEERS).join(file);
    assert!(path.exists(), "{file} is not in tests/peers: run `.ci/setup test`");
    path
}
