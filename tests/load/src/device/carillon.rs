//! Our server: the release binary with a configuration of its own in a folder of its own.

use std::{
    fmt::Write,
    net::{Ipv4Addr, SocketAddrV4},
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use super::{Device, News, PATIENCE, spawn, wait_for};

const SIP: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9_060);
/// Below the ports that the system gives to whoever asks for any.
const RTP_PORTS: &str = "10000-19999";

/// Who may ask how the server stands.
pub(crate) const ADMIN: &str = "bench";
pub(crate) const PASSWORD: &str = "of-the-bench";

/// What the server under test is set up with.
pub(crate) struct Site {
    /// The trunk that calls come from.
    pub(crate) callers: SocketAddrV4,
    /// The trunk that calls go to.
    pub(crate) callees: SocketAddrV4,
    /// Phones [`Site::phone`] 0 to this.
    pub(crate) phones: usize,
    /// Instead of as many as the machine has room for.
    pub(crate) media_threads: Option<usize>,
    /// Supervisors [`Site::watcher`] 0 to this.
    pub(crate) watchers: usize,
}

impl Site {
    /// Dialled by callers: bridged to the other trunk.
    pub(crate) const BRIDGED: &'static str = "7000";
    /// The same, and recorded.
    pub(crate) const RECORDED: &'static str = "8000";
    /// A queue that nobody works in, with music.
    pub(crate) const QUEUED: &'static str = "9000";

    /// Name of a phone.
    pub(crate) fn phone(index: usize) -> String {
        format!("{}", 100_000 + index)
    }

    /// Login of a supervisor; the password is [`PASSWORD`].
    pub(crate) fn watcher(index: usize) -> String {
        format!("watcher{index}")
    }

    /// Its password.
    pub(crate) fn password(phone: &str) -> String {
        format!("pw{phone}-secret")
    }
}

/// Starts `binary` with its files below `folder`, which is made anew.
pub(crate) fn start(binary: &Path, folder: &Path, site: &Site) -> anyhow::Result<Device> {
    lay_out(folder, site).with_context(|| format!("the files in {}", folder.display()))?;
    let config = folder.join("carillon.toml");
    let applied = Command::new(binary).arg("apply").arg(folder.join("setup.toml")).arg("--config").arg(&config).output();
    let applied = applied.with_context(|| format!("{} cannot be started: `make build` makes it", binary.display()))?;
    anyhow::ensure!(applied.status.success(), "the set-up was refused: {}", String::from_utf8_lossy(&applied.stderr));
    let (ready, log) = (folder.join("ready.json"), folder.join("log"));
    let manager = folder.join("notify");
    let listening = UnixDatagram::bind(&manager).with_context(|| format!("the socket {}", manager.display()))?;
    let mut command = Command::new(binary);
    command.arg("run").arg("--config").arg(&config).arg("--ready-file").arg(&ready).env("NOTIFY_SOCKET", &manager);
    let process = spawn(&mut command, &log)?;
    // As a service manager is told.
    let tell = process.tell.clone();
    listening.set_read_timeout(Some(PATIENCE))?;
    std::thread::spawn(move || {
        let mut told = [0; 512];
        if listening.recv(&mut told).is_ok_and(|length| told[..length].starts_with(b"READY=1")) {
            // Whoever waited may have gone.
            let _ = tell.send(News::Ready);
        }
    });
    wait_for("carillon", &process, &log)?;
    Ok(Device { name: "carillon", sip: SIP, processes: vec![process] })
}

fn lay_out(folder: &Path, site: &Site) -> anyhow::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let dialplan = folder.join("dialplan");
    for below in ["prompts/en", "music"] {
        std::fs::create_dir_all(dialplan.join(below))?;
    }
    std::fs::copy(demo_music(), dialplan.join("music/hold.wav")).context("the demo's music")?;
    std::fs::write(dialplan.join("plan.toml"), plan())?;
    std::fs::write(folder.join("carillon.toml"), config(site.media_threads))?;
    std::fs::write(folder.join("setup.toml"), setup(site)?)?;
    Ok(())
}

fn demo_music() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans/demo/music/hold.wav")
}

/// Usual values, but for addresses, and for patience with a generator that is silent between windows.
const CONFIG: &str = r#"
[http]
listen = "127.0.0.1:0"
[sip]
udp = ["{sip}"]
tcp = ["{sip}"]
[media]
rtp_ports = "{ports}"
rtp_timeout_s = 120
{threads}[database]
url = "sqlite:carillon.db"
[dialplan]
folder = "dialplan"
[limits]
drain_s = 0
"#;

fn config(media_threads: Option<usize>) -> String {
    let threads = media_threads.map_or_else(String::new, |threads| format!("threads = {threads}\n"));
    CONFIG.replace("{sip}", &SIP.to_string()).replace("{ports}", RTP_PORTS).replace("{threads}", &threads)
}

fn plan() -> String {
    let mut plan = String::new();
    for (called, step) in [
        (Site::BRIDGED, "kind = \"dial\"\nnumber = \"7000\""),
        (Site::RECORDED, "kind = \"dial\"\nnumber = \"8000\""),
        (Site::QUEUED, "kind = \"queue\"\nqueue = \"waiting\"\nwait_for_nobody = true"),
    ] {
        plan += &format!("[[route]]\ntrunk = \"callers\"\ncalled = \"{called}\"\nstep = \"s{called}\"\n[step.s{called}]\n{step}\n");
    }
    plan
}

fn setup(site: &Site) -> anyhow::Result<String> {
    let mut setup = String::from("[[queue]]\nname = \"waiting\"\nmusic = \"hold\"\nmax_waiting = 2000\n");
    for (name, address) in [("callers", site.callers), ("callees", site.callees)] {
        let (host, port) = (address.ip(), address.port());
        writeln!(setup, "[[trunk]]\nname = \"{name}\"\nhost = \"{host}\"\nport = {port}\nmax_calls = 4000")?;
    }
    for (prefix, record) in [(Site::BRIDGED, false), (Site::RECORDED, true)] {
        writeln!(setup, "[[outbound_route]]\nprefix = \"{prefix}\"\ntrunk = \"callees\"\nrecord = {record}")?;
    }
    writeln!(setup, "[[user]]\nlogin = \"{ADMIN}\"\nname = \"Bench\"\nrole = \"admin\"\npassword = \"{PASSWORD}\"")?;
    for watcher in (0..site.watchers).map(Site::watcher) {
        writeln!(setup, "[[user]]\nlogin = \"{watcher}\"\nname = \"Watcher\"\nrole = \"supervisor\"\npassword = \"{PASSWORD}\"")?;
    }
    for phone in (0..site.phones).map(Site::phone) {
        writeln!(setup, "[[phone]]\nname = \"{phone}\"\npassword = \"{}\"", Site::password(&phone))?;
    }
    Ok(setup)
}
