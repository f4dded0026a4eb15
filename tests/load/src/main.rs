//! `make bench`: a load generator, a reference relay and our own server in one run, as one table.
//!
//! Costs are CPU of the device under test alone per unit of work, told as multiples of what the reference relay, or a peer of Debian's,
//! needs for the same load in the same run: figures of different machines or minutes do not compare.

mod api;
mod browser;
mod device;
mod document;
mod events;
mod finding;
mod media;
mod meter;
mod reference;
mod rows;
mod sip;
mod statistics;

use std::{
    io::ErrorKind,
    net::SocketAddrV4,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::{
    finding::{Finding, from_json_lines, json_lines, merge, table},
    rows::{Bench, Row},
};

#[derive(Debug, Parser)]
#[command(about = "Measures the server beside a reference relay and Debian's kamailio and rtpengine")]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Rows to measure; without, all but those of growth.
    #[arg(long, value_enum, value_delimiter = ' ')]
    rows: Vec<Row>,
    /// Calls at once in rows of media; several for a row each.
    #[arg(long, value_delimiter = ' ', default_value = "200")]
    calls: Vec<usize>,
    /// Windows a device.
    #[arg(long, default_value_t = 3)]
    windows: usize,
    /// Seconds a window.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Registrations, or calls, in the rows of growth.
    #[arg(long, default_value_t = 100_000)]
    units: usize,
    /// Seconds of the flood in the row of strangers.
    #[arg(long, default_value_t = 90)]
    flood: u64,
    /// Seconds in the row of sockets.
    #[arg(long, default_value_t = 600)]
    watch: u64,
    /// The server's release binary.
    #[arg(long, default_value = "target/release/carillon")]
    server: PathBuf,
    /// Folder for the devices' files; emptied.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// Leaves what devices wrote in the folder.
    #[arg(long)]
    keep: bool,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// The reference relay: relays between each pair of these addresses.
    #[command(hide = true)]
    Reference {
        /// Callers and callees in turn.
        peers: Vec<SocketAddrV4>,
    },
    /// Puts the table of what was measured so far into a page.
    Document {
        /// A page with the two marks.
        #[arg(default_value = "docs/PERFORMANCE.md")]
        page: PathBuf,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

impl Arguments {
    fn run(self) -> anyhow::Result<()> {
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
        match &self.part {
            Some(Part::Reference { peers }) => return reference::run(peers),
            Some(Part::Document { page }) => return document::write(page, &kept(&self.folder)?),
            None => {}
        }
        std::fs::create_dir_all(&self.folder)?;
        let bench = Bench {
            binary: self.server.canonicalize().map_err(|error| anyhow::anyhow!("{}: {error}", self.server.display()))?,
            folder: self.folder.canonicalize()?.join("run"),
            calls: self.calls,
            windows: self.windows,
            window: Duration::from_secs(self.seconds),
            units: self.units,
            flood: Duration::from_secs(self.flood),
            watch: Duration::from_secs(self.watch),
            keep: self.keep,
        };
        let rows = if self.rows.is_empty() { Row::usual() } else { self.rows };
        let mut findings = Vec::new();
        for row in rows {
            findings.extend(row.run(&bench)?);
        }
        keep(&self.folder, &merge(kept(&self.folder)?, findings.clone()))?;
        if !bench.keep && bench.folder.exists() {
            std::fs::remove_dir_all(&bench.folder)?;
        }
        say(&table(&findings));
        Ok(())
    }
}

/// What earlier runs found: rows take minutes, and can be measured one by one.
fn kept(folder: &Path) -> anyhow::Result<Vec<Finding>> {
    match std::fs::read_to_string(folder.join("bench.jsonl")) {
        Ok(text) => from_json_lines(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

fn keep(folder: &Path, findings: &[Finding]) -> anyhow::Result<()> {
    std::fs::write(folder.join("bench.md"), table(findings))?;
    std::fs::write(folder.join("bench.jsonl"), json_lines(findings)?)?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "the command's failure")]
fn say_error(text: &str) {
    eprintln!("{text}");
}
