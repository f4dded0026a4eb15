//! The rows of the table: each starts what it needs, measures, and ends it.

mod browsers;
mod growth;
mod media;
mod memory;
mod parse;
mod reach;
mod signalling;
mod sockets;
mod strangers;

use std::{path::PathBuf, time::Duration};

use clap::ValueEnum;

use crate::{
    device::Site,
    finding::Finding,
    sip::{CALLEES, CALLERS},
};

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Row {
    /// Calls bridged without a recording.
    Relay,
    /// The same, both legs recorded.
    Recording,
    /// Callers who wait and hear music.
    Waiting,
    /// Browsers' legs, sealed, and sealed and transcoded.
    Browsers,
    /// Registrations with digest.
    Register,
    /// Calls set up and ended at once.
    Calls,
    /// Memory of a registered phone.
    Phones,
    /// A flood from one stranger beside live calls.
    Strangers,
    /// Whether refusals tell known users from unknown ones by their time.
    Guessing,
    /// Reading one INVITE.
    Parse,
    /// How soon it is known that a phone's connection is gone.
    Reach,
    /// How soon desktops hear of what happens.
    Sockets,
    /// Memory after many registrations. Takes minutes: only when asked for.
    GrowthOfRegistrations,
    /// Memory after many calls. Takes half an hour: only when asked for.
    GrowthOfCalls,
}

/// How a run is done.
pub(crate) struct Bench {
    /// The release binary of the server.
    pub(crate) binary: PathBuf,
    /// For the files of devices; emptied.
    pub(crate) folder: PathBuf,
    /// Calls at once in rows of media: each number is a row.
    pub(crate) calls: Vec<usize>,
    pub(crate) windows: usize,
    pub(crate) window: Duration,
    /// Registrations, or calls, in the rows of growth.
    pub(crate) units: usize,
    /// Seconds of the flood in the row of strangers.
    pub(crate) flood: Duration,
    /// How long the row of sockets listens.
    pub(crate) watch: Duration,
    /// Keeps what devices wrote.
    pub(crate) keep: bool,
}

impl Row {
    /// What is measured when nothing is asked for.
    pub(crate) fn usual() -> Vec<Self> {
        Self::value_variants().iter().copied().filter(|row| !matches!(row, Self::GrowthOfRegistrations | Self::GrowthOfCalls)).collect()
    }

    pub(crate) fn run(self, bench: &Bench) -> anyhow::Result<Vec<Finding>> {
        match self {
            Self::Relay => media::run(bench, &media::RELAY),
            Self::Recording => media::run(bench, &media::RECORDING),
            Self::Waiting => media::run(bench, &media::WAITING),
            Self::Browsers => browsers::run(bench),
            Self::Register => signalling::register(bench),
            Self::Calls => signalling::calls(bench),
            Self::Phones => memory::phones(bench),
            Self::Strangers => strangers::flood(bench),
            Self::Guessing => strangers::guessing(bench),
            Self::Parse => parse::run(bench),
            Self::Reach => reach::run(bench),
            Self::Sockets => sockets::run(bench),
            Self::GrowthOfRegistrations => growth::registrations(bench),
            Self::GrowthOfCalls => growth::calls(bench),
        }
    }
}

fn site(phones: usize) -> Site {
    Site { callers: CALLERS, callees: CALLEES, phones, media_threads: None, watchers: 0 }
}
