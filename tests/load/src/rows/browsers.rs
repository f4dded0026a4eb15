//! Rows of browsers: what a packet costs that is sealed, and one that is decoded and encoded, with one media thread and with three.

use std::sync::Arc;

use anyhow::Context;
use carillon_media_secure::Identity;

use super::{
    Bench,
    media::{WARM_UP, finding, measure as measure_plain},
    site,
};
use crate::{
    browser::{Browser, Codec, Speech},
    device::{Site, start_carillon, start_reference},
    finding::{Finding, Goal},
    media::{self, BrowserCalls, Measuring, Saying, Sockets, Window},
    sip::BrowserEnds,
};

/// The legs that the aim speaks of.
const LEGS: usize = 20;
/// Calls set up a second.
const SET_UP_RATE: f64 = 20.0;
const THREADS: [usize; 2] = [1, 3];

/// Sealed G.711, relayed. The first of the two numbers is what a whole WebRTC stack took in a test of its own.
const SEALED: Goal = Goal { must: 16.0, aim: 11.0 };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sealed,
    OpusToPcmu,
    BothWays,
}

impl Kind {
    fn row(self, threads: usize) -> String {
        let what = match self {
            Self::Sealed => "browser legs, PCMU sealed",
            Self::OpusToPcmu => "browser legs, Opus to PCMU",
            Self::BothWays => "browser legs, Opus and PCMU both ways",
        };
        format!("{what}, {LEGS} legs, media threads: {threads}")
    }

    fn codec(self) -> Codec {
        match self {
            Self::Sealed => Codec::Pcmu,
            Self::OpusToPcmu | Self::BothWays => Codec::Opus,
        }
    }
}

/// Every kind with each number of media threads, and the reference relay under the same load in clear.
pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let speech = Speech::load()?;
    let sockets = Arc::new(Sockets::open()?);
    let mut findings = Vec::new();
    for kind in [Kind::Sealed, Kind::OpusToPcmu, Kind::BothWays] {
        for threads in THREADS {
            let (windows, failed) = through(bench, kind, threads, &sockets, &speech)?;
            let goal = (kind == Kind::Sealed).then_some(SEALED);
            let mut notes = vec![match kind {
                Kind::Sealed => "DTLS-SRTP and ICE on one side, plain RTP on the other; each packet is opened or sealed once".to_owned(),
                Kind::OpusToPcmu => "each packet is opened, decoded and encoded".to_owned(),
                Kind::BothWays => "of each two packets one is decoded of Opus, one encoded to it".to_owned(),
            }];
            notes.extend((failed > 0).then(|| format!("{failed} calls failed")));
            findings.push(Finding { goal, note: notes.join("; "), ..finding(&kind.row(threads), "carillon", &windows)? });
        }
    }
    let (reference, its_calls) = start_reference(&sockets, LEGS)?;
    let beside = measure_plain(bench, &sockets, &its_calls, &reference, bench.windows)?;
    let note = "the same number of calls in clear".to_owned();
    findings.push(Finding { note, ..finding(&format!("plain legs, PCMU, {LEGS} calls"), "ref", &beside)? });
    Ok(findings)
}

/// Sets calls up with a browser each, measures, and ends them.
fn through(bench: &Bench, kind: Kind, threads: usize, sockets: &Arc<Sockets>, speech: &Speech) -> anyhow::Result<(Vec<Window>, usize)> {
    let device = start_carillon(&bench.binary, &bench.folder, &Site { media_threads: Some(threads), ..site(0) })?;
    let identity = Identity::generate()?;
    let mut browsers = (0..LEGS).map(|number| Browser::open(number, &identity, kind.codec())).collect::<anyhow::Result<Vec<_>>>()?;
    let offers = browsers.iter().map(Browser::offer).collect::<anyhow::Result<Vec<_>>>()?;
    let mut ends = BrowserEnds::open(&device, sockets, offers)?;
    let outcome = ends.caller.establish(Site::BRIDGED, LEGS, SET_UP_RATE)?;
    anyhow::ensure!(outcome.failed == 0, "{} of {LEGS} calls did not come up", outcome.failed);
    let mut callees = Vec::new();
    for (call, server, answer) in ends.caller.answers() {
        browsers[call].join(server, &answer).with_context(|| format!("browser {call}"))?;
        callees.push(ends.callee(call)?);
    }
    let saying = match kind {
        Kind::Sealed => Saying::Stamps,
        Kind::OpusToPcmu => Saying::Speech { speech, answered: false },
        Kind::BothWays => Saying::Speech { speech, answered: true },
    };
    let calls = BrowserCalls { browsers: &mut browsers, callees: &callees, codec: kind.codec(), saying };
    let measuring = Measuring { windows: bench.windows, length: bench.window, warm_up: WARM_UP };
    let windows = media::run_browsers(sockets, calls, measuring, &device.meter())?;
    let silent = windows.iter().map(|window| window.silent).max().unwrap_or_default();
    anyhow::ensure!(silent == 0, "{silent} of the streams were not heard");
    ends.caller.leave(4.0 * SET_UP_RATE)?;
    Ok((windows, outcome.failed))
}
