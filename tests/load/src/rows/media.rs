//! Rows of calls that are up: CPU per packet, loss, latency, beside the reference relay under the same load.

use std::{sync::Arc, time::Duration};

use anyhow::Context;

use super::{Bench, site};
use crate::{
    device::{Counted, Device, Site, start_carillon, start_kamailio, start_reference},
    finding::{Against, Figure, Finding, Goal, Media},
    media::{self, CallMedia, Measuring, Sockets, Window},
    sip::Ends,
    statistics::{Spread, worst_against},
};

/// Calls set up and ended a second, before and after the measuring.
const SET_UP_RATE: f64 = 50.0;
pub(super) const WARM_UP: Duration = Duration::from_secs(2);
const PACKETS_A_SECOND: f64 = 50.0;
const UNIT: &str = "us/packet";

/// What is different between these rows.
pub(super) struct Kind {
    name: &'static str,
    dialled: &'static str,
    goal: Goal,
    /// kB a call.
    memory: Option<Goal>,
    /// rtpengine does the same.
    has_peer: bool,
    /// Somebody is called; otherwise the device itself is heard.
    has_callee: bool,
}

/// Calls bridged.
pub(super) const RELAY: Kind =
    Kind { name: "relay", dialled: Site::BRIDGED, goal: Goal { must: 1.0, aim: 0.55 }, memory: None, has_peer: true, has_callee: true };
/// The same, recorded.
pub(super) const RECORDING: Kind = Kind {
    name: "relay + recording",
    dialled: Site::RECORDED,
    goal: Goal { must: 1.3, aim: 0.70 },
    memory: Some(Goal { must: 128.0, aim: 64.0 }),
    has_peer: false,
    has_callee: true,
};
/// Callers who wait and hear music.
pub(super) const WAITING: Kind = Kind {
    name: "waiting with music",
    dialled: Site::QUEUED,
    goal: Goal { must: 1.0, aim: 0.5 },
    memory: None,
    has_peer: false,
    has_callee: false,
};

pub(super) fn run(bench: &Bench, kind: &Kind) -> anyhow::Result<Vec<Finding>> {
    bench.calls.iter().try_fold(Vec::new(), |mut findings, calls| {
        findings.extend(run_with(bench, kind, *calls)?);
        Ok(findings)
    })
}

fn run_with(bench: &Bench, kind: &Kind, calls: usize) -> anyhow::Result<Vec<Finding>> {
    let row = format!("{}, {calls} calls", kind.name);
    let sockets = Arc::new(Sockets::open()?);
    let (device, its_calls) = start_reference(&sockets, calls)?;
    let reference = Reference { device, calls: its_calls };
    let ours = through(bench, kind, calls, &sockets, &reference, &start_carillon(&bench.binary, &bench.folder, &site(0))?)?;
    let peer = match kind.has_peer.then(|| start_kamailio(&bench.folder, &site(0), Counted::Media)).transpose()? {
        Some(Some((rtpengine, _kamailio))) => Some(Ok(through(bench, kind, calls, &sockets, &reference, &rtpengine)?)),
        Some(None) => Some(Err("not installed: `.ci/setup bench`")),
        None => None,
    };
    let mut findings = vec![Finding { goal: Some(kind.goal), ..ours.finding(&row, "carillon")? }];
    findings.extend(kind.memory.map(|goal| Finding { goal: Some(goal), ..ours.memory(&row) }));
    let mut beside = ours.beside;
    match peer {
        Some(Ok(rtpengine)) => {
            findings.push(rtpengine.finding(&row, "rtpengine")?);
            beside.extend(rtpengine.beside);
        }
        Some(Err(why)) => findings.push(Finding::absent(&row, "rtpengine", why.to_owned())),
        None => {}
    }
    findings.push(finding(&row, "ref", &beside)?);
    Ok(findings)
}

/// The reference relay, and where it takes the media of its calls.
struct Reference {
    device: Device,
    calls: Vec<CallMedia>,
}

/// What calls through one device showed.
struct Through {
    windows: Vec<Window>,
    /// The reference's, before each of these and after the last.
    beside: Vec<Window>,
    failed: usize,
    /// kB.
    memory_per_call: f64,
    /// Packets of music that came, of a packet every 20 ms and caller; worst window.
    music: Option<f64>,
}

impl Through {
    fn finding(&self, row: &str, device: &'static str) -> anyhow::Result<Finding> {
        let ratio = worst_against(&costs(&self.windows), &costs(&self.beside)).context("no window was measured")?;
        let mut notes = Vec::new();
        if self.failed > 0 {
            notes.push(format!("{} calls failed", self.failed));
        }
        if let Some(share) = self.music {
            notes.push(format!("{:.2} % of the music came", 100.0 * share));
        }
        let note = notes.join("; ");
        Ok(Finding { against: Some(Against { device: "ref".to_owned(), ratio }), note, ..finding(row, device, &self.windows)? })
    }

    fn memory(&self, row: &str) -> Finding {
        let figure = Figure::once(self.memory_per_call, "kB/call");
        let row = format!("memory, {row}");
        Finding {
            figure: Some(figure),
            note: "PSS, from before the first call to after the windows".to_owned(),
            ..Finding::absent(&row, "carillon", String::new())
        }
    }
}

/// Sets calls up through a device, measures it and the reference in turns, and ends them.
fn through(
    bench: &Bench,
    kind: &Kind,
    calls: usize,
    sockets: &Arc<Sockets>,
    reference: &Reference,
    device: &Device,
) -> anyhow::Result<Through> {
    let before = device.meter().memory_kb()?;
    let mut ends = Ends::open(device, sockets)?;
    let outcome = ends.caller.establish(kind.dialled, calls, SET_UP_RATE)?;
    anyhow::ensure!(outcome.done > 0, "{}: no call came up", device.name);
    let media = ends.media(kind.has_callee)?;
    let (mut windows, mut beside) = (Vec::new(), measure(bench, sockets, &reference.calls, &reference.device, 1)?);
    for _ in 0..bench.windows {
        windows.extend(measure(bench, sockets, &media, device, 1)?);
        beside.extend(measure(bench, sockets, &reference.calls, &reference.device, 1)?);
    }
    let memory_per_call = (device.meter().memory_kb()? - before) / outcome.done as f64;
    ends.caller.leave(4.0 * SET_UP_RATE)?;
    let came = |window: &Window| window.made as f64 / (outcome.done as f64 * window.length.as_secs_f64() * PACKETS_A_SECOND);
    let music = (!kind.has_callee).then(|| windows.iter().map(came).fold(f64::INFINITY, f64::min));
    Ok(Through { windows, beside, failed: outcome.failed, memory_per_call, music })
}

pub(super) fn measure(
    bench: &Bench,
    sockets: &Sockets,
    calls: &[CallMedia],
    device: &Device,
    windows: usize,
) -> anyhow::Result<Vec<Window>> {
    media::run(sockets, calls, Measuring { windows, length: bench.window, warm_up: WARM_UP }, &device.meter())
}

fn costs(windows: &[Window]) -> Vec<f64> {
    windows.iter().map(Window::us_per_packet).collect()
}

pub(super) fn finding(row: &str, device: &'static str, windows: &[Window]) -> anyhow::Result<Finding> {
    let figure = Some(Figure::new(Spread::of(costs(windows)).context("no window was measured")?, UNIT));
    let worst = |of: &dyn Fn(&Window) -> f64| windows.iter().map(of).fold(0.0, f64::max);
    let quantile = |share| worst(&|window: &Window| window.latency.quantile_ms(share).unwrap_or_default());
    let media = Some(Media {
        packets: windows.iter().map(|window| window.sent + window.made).sum(),
        lost: windows.iter().map(Window::lost).sum(),
        misrouted: windows.iter().map(|window| window.misrouted).sum(),
        silent_streams: windows.iter().map(|window| window.silent).max().unwrap_or_default(),
        p50_ms: quantile(0.5),
        p99_ms: quantile(0.99),
        late_share: worst(&Window::late_share),
        generator_cpu: worst(&|window: &Window| window.own_cpu.as_secs_f64() / window.length.as_secs_f64()),
    });
    Ok(Finding { row: row.to_owned(), device: device.to_owned(), figure, against: None, goal: None, media, note: String::new() })
}
