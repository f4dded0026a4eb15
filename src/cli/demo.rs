//! `carillon demo`

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::Context;
use rust_embed::RustEmbed;

use super::serve::serve;
use crate::{
    Server,
    config::{Config, Database, Dialplan, Http, Limits, Media, Recordings, Sip, Site},
};

/// The demo's dialplan with its prompts and music.
#[derive(RustEmbed)]
#[folder = "dialplans/demo"]
#[exclude = "*.py"]
struct DemoDialplan;

/// The demo's people, phones, queues and trunks.
const SETUP: &str = include_str!("demo.toml");

/// Runs a server with agents, phones, queues and trunks to try it with.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Address of the page and the API.
    #[arg(long, default_value = "127.0.0.1:8080")]
    http: SocketAddr,
    /// Address of SIP, UDP and TCP.
    #[arg(long, default_value = "127.0.0.1:5060")]
    sip: SocketAddr,
    /// Folder for the database, the recordings and the dialplan.
    #[arg(long, default_value = "run/demo")]
    data: PathBuf,
    /// Writes the bound addresses to this file, as JSON, once the server takes calls.
    #[arg(long)]
    ready_file: Option<PathBuf>,
}

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        for address in [self.http, self.sip] {
            anyhow::ensure!(
                address.ip().is_loopback(),
                "{address} can be reached from other machines, and everybody knows the demo's passwords: use an address of 127.0.0.0/8"
            );
        }
        let folder = self.data.join("dialplan");
        unpack(&folder).with_context(|| format!("the demo's dialplan cannot be written to {}", folder.display()))?;
        serve(Server::start_demo(self.config(folder), SETUP), self.ready_file).await
    }

    fn config(&self, dialplan: PathBuf) -> Config {
        Config {
            http: Http { listen: self.http, metrics_for_all: false },
            sip: Sip { udp: vec![self.sip], tcp: vec![self.sip], ..Sip::default() },
            media: Media { address: self.media_address(), ..Media::default() },
            database: Database {
                url: format!("sqlite:{}", self.data.join("carillon.db").display()),
                spool: self.data.join("carillon.spool"),
            },
            dialplan: Dialplan { folder: dialplan },
            recordings: Recordings { folder: self.data.join("recordings") },
            site: Site::default(),
            limits: Limits { drain_s: 5, ..Limits::default() },
        }
    }

    fn media_address(&self) -> IpAddr {
        self.sip.ip()
    }
}

/// Writes the files that came with the binary; those a person has changed since are put back.
fn unpack(folder: &Path) -> std::io::Result<()> {
    for name in DemoDialplan::iter() {
        let path = folder.join(name.as_ref());
        if let (Some(parent), Some(file)) = (path.parent(), DemoDialplan::get(&name)) {
            std::fs::create_dir_all(parent)?;
            std::fs::write(path, &file.data)?;
        }
    }
    Ok(())
}
