//! Telephones made of a library and a script of ours in `tests/peers`: PJSIP in Python, JsSIP in Node.js. Each takes orders by lines and
//! tells what happens in lines that begin with `=`.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
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

/// How a PJSIP phone is set up.
#[derive(Debug, Clone)]
pub struct PjsipSetup {
    name: String,
    server: SocketAddr,
    transport: String,
    ip: IpAddr,
    namespace: Option<String>,
    hz: f64,
    authorities: Option<PathBuf>,
}

impl PjsipSetup {
    /// A phone at 127.0.0.1 that registers over `udp`, `tcp` or `tls` and says a tone.
    pub fn new(name: &str, server: SocketAddr, transport: &str, hz: f64) -> Self {
        let (name, transport) = (name.to_owned(), transport.to_owned());
        Self { name, server, transport, ip: Ipv4Addr::LOCALHOST.into(), namespace: None, hz, authorities: None }
    }

    /// Whose certificates it believes.
    #[must_use]
    pub fn believes(self, authorities: &Path) -> Self {
        Self { authorities: Some(authorities.to_owned()), ..self }
    }

    /// At an address in a network namespace.
    #[must_use]
    pub fn inside(self, namespace: &str, ip: IpAddr) -> Self {
        Self { namespace: Some(namespace.to_owned()), ip, ..self }
    }
}

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
    /// PJSIP.
    ///
    /// # Panics
    /// When it was not installed by `.ci/setup test`, or does not start.
    pub async fn pjsip(setup: PjsipSetup) -> Self {
        let PjsipSetup { name, server, transport, ip, namespace, hz, authorities } = setup;
        let python = installed("pjsip/.venv/bin/python");
        let folder = tempfile::tempdir().expect("a folder for a phone");
        sound::write_tone(&folder.path().join("says.wav"), hz, 120.0);
        let mut command = match namespace {
            None => Command::new(python),
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", &namespace]).arg(python);
                command
            }
        };
        command.arg(format!("{PEERS}/pjsip/phone.py")).args([&name, &password(&name), &server.to_string(), &transport, &ip.to_string()]);
        Self::start("PJSIP", command.arg(folder.path()).args(authorities), folder)
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
