//! A site of one test's own: configuration, setup, dialplan, and the ports of all of them.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::Ports;

/// RTP ports of a site; a call of two legs takes four.
const RTP_PORTS: u16 = 400;
const HTTP: u16 = 0;
const SIP: u16 = 1;
const TRUNK: u16 = 2;
const TLS: u16 = 3;
const WSS: u16 = 4;
const RTP: u16 = 6;

/// Files and ports that a server of a test is started with, as often as the test likes.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    ports: Ports,
}

impl Site {
    /// Lays it out. In the setup `TRUNK_PORT` stands for the port of the trunk that is the test's; prompts and music are those of
    /// `sounds`, a folder with a dialplan's.
    ///
    /// # Panics
    /// When the files cannot be written.
    pub fn new(setup: &str, plan: &str, sounds: &Path) -> Self {
        let site = Self { folder: tempfile::tempdir().expect("a folder for the site"), ports: Ports::reserve(RTP + RTP_PORTS) };
        let dialplan = site.path("dialplan");
        fs::create_dir(&dialplan).expect("a folder for the dialplan");
        for sound in ["prompts", "music"] {
            symlink(sounds.join(sound), dialplan.join(sound)).expect("a link to the sounds");
        }
        site.write("dialplan/plan.toml", plan);
        site.write("setup.toml", &setup.replace("TRUNK_PORT", &site.trunk_port().to_string()));
        site.write("carillon.toml", &site.config());
        site
    }

    fn config(&self) -> String {
        let sip = self.ports.at_index(SIP);
        format!(
            r#"
            [http]
            listen = "127.0.0.1:{http}"
            [sip]
            udp = ["127.0.0.1:{sip}"]
            tcp = ["127.0.0.1:{sip}"]
            [media]
            rtp_ports = "{rtp}"
            threads = 1
            [database]
            url = "sqlite:carillon.db"
            [dialplan]
            folder = "dialplan"
            [limits]
            drain_s = 2
            "#,
            http = self.ports.at_index(HTTP),
            rtp = self.ports.range_from(RTP),
        )
    }

    /// A file of it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The port that the trunk of the setup has on 127.0.0.1.
    pub fn trunk_port(&self) -> u16 {
        self.ports.at_index(TRUNK)
    }

    /// Has the server listen for TLS and secure WebSockets too, with files of the site; where it does.
    ///
    /// # Panics
    /// When the configuration cannot be written.
    pub fn listen_securely(&self, certificate: &Path, key: &Path) -> (SocketAddr, SocketAddr) {
        let at = |index| SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.at_index(index)));
        let (tls, wss, certificate, key) = (at(TLS), at(WSS), certificate.display(), key.display());
        let more = format!("[tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n[sip]\ntls = [\"{tls}\"]\nwss = [\"{wss}\"]");
        self.configure("[sip]", &more);
        (tls, wss)
    }

    /// Writes the configuration with a change: `from`, which stands in it, becomes `to`.
    ///
    /// # Panics
    /// When it does not stand in it.
    pub fn configure(&self, from: &str, to: &str) {
        let config = fs::read_to_string(self.path("carillon.toml")).expect("a configuration");
        assert!(config.contains(from), "{from} in {config}");
        self.write("carillon.toml", &config.replace(from, to));
    }

    /// Writes a file of it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap_or_else(|error| panic!("{name} of the site cannot be written: {error}"));
    }
}
