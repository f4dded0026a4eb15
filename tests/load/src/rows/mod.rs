//! The rows of the table: each starts what it needs, measures, and ends it.

mod media;
mod signalling;

use std::{path::PathBuf, time::Duration};

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
    /// Registrations with digest.
    Register,
    /// Calls set up and ended at once.
    Calls,
}

/// How a run is done.
pub(crate) struct Bench {
    /// The release binary of the server.
    pub(crate) binary: PathBuf,
    /// For the files of devices; emptied.
    pub(crate) folder: PathBuf,
    pub(crate) calls: usize,
    pub(crate) windows: usize,
    pub(crate) window: Duration,
    /// Keeps what devices wrote.
    pub(crate) keep: bool,
}

impl Row {
    pub(crate) fn run(self, bench: &Bench) -> anyhow::Result<Vec<Finding>> {
        match self {
            Self::Relay => media::run(bench, &media::RELAY),
            Self::Recording => media::run(bench, &media::RECORDING),
            Self::Register => signalling::register(bench),
            Self::Calls => signalling::calls(bench),
        }
    }
}

fn site(phones: usize) -> Site {
    Site { callers: CALLERS, callees: CALLEES, phones }
}
