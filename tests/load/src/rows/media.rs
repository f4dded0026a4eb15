//! Rows of calls that are up: CPU per packet, loss, latency, beside the reference relay under the same load.

use std::{sync::Arc, time::Duration};

use super::{Bench, site};
use crate::{
    device::{Counted, Device, Site, start_carillon, start_kamailio, start_reference},
    finding::{Against, Figure, Finding, Goal, Media},
    media::{self, CallMedia, Measuring, Sockets, Window},
    sip::Ends,
    statistics::Spread,
};

/// Calls set up and ended a second, before and after the measuring.
const SET_UP_RATE: f64 = 50.0;
const WARM_UP: Duration = Duration::from_secs(2);
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

/// The reference before and after, the others in between: a machine that drifts hurts all.
pub(super) fn run(bench: &Bench, kind: &Kind) -> anyhow::Result<Vec<Finding>> {
    bench.calls.iter().try_fold(Vec::new(), |mut findings, calls| {
        findings.extend(run_with(bench, kind, *calls)?);
        Ok(findings)
    })
}

fn run_with(bench: &Bench, kind: &Kind, calls: usize) -> anyhow::Result<Vec<Finding>> {
    let row = format!("{}, {calls} calls", kind.name);
    let sockets = Arc::new(Sockets::open()?);
    let (reference, its_calls) = start_reference(&sockets, calls)?;
    let half = bench.windows.div_ceil(2);
    let mut beside = measure(bench, &sockets, &its_calls, &reference, half)?;
    let ours = through(bench, kind, calls, &sockets, &start_carillon(&bench.binary, &bench.folder, &site(0))?)?;
    let peer = match kind.has_peer.then(|| start_kamailio(&bench.folder, &site(0), Counted::Media)).transpose()? {
        Some(Some((rtpengine, _kamailio))) => Some(Ok(through(bench, kind, calls, &sockets, &rtpengine)?)),
        Some(None) => Some(Err("not installed: `.ci/setup bench`")),
        None => None,
    };
    beside.extend(measure(bench, &sockets, &its_calls, &reference, half)?);
    let unit = spread(&beside)?.middle;
    let mut findings = vec![Finding { goal: Some(kind.goal), ..ours.finding(&row, "carillon", unit)? }];
    findings.extend(kind.memory.map(|goal| Finding { goal: Some(goal), ..ours.memory(&row) }));
    findings.extend(match peer {
        Some(Ok(rtpengine)) => Some(rtpengine.finding(&row, "rtpengine", unit)?),
        Some(Err(why)) => Some(Finding::absent(&row, "rtpengine", why.to_owned())),
        None => None,
    });
    findings.push(finding(&row, "ref", &beside)?);
    Ok(findings)
}

/// What calls through one device showed.
struct Through {
    windows: Vec<Window>,
    failed: usize,
    /// kB.
    memory_per_call: f64,
    /// Packets of music that came, of a packet every 20 ms and caller; worst window.
    music: Option<f64>,
}

impl Through {
    /// `unit`: the reference's cost of a packet.
    fn finding(&self, row: &str, device: &'static str, unit: f64) -> anyhow::Result<Finding> {
        let ratio = spread(&self.windows)?.highest / unit;
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

/// Sets calls up through a device, measures, and ends them.
fn through(bench: &Bench, kind: &Kind, calls: usize, sockets: &Arc<Sockets>, device: &Device) -> anyhow::Result<Through> {
    let before = device.meter().memory_kb()?;
    let mut ends = Ends::open(device, sockets)?;
    let outcome = ends.caller.establish(kind.dialled, calls, SET_UP_RATE)?;
    anyhow::ensure!(outcome.done > 0, "{}: no call came up", device.name);
    let windows = measure(bench, sockets, &ends.media(kind.has_callee)?, device, bench.windows)?;
    let memory_per_call = (device.meter().memory_kb()? - before) / outcome.done as f64;
    ends.caller.leave(4.0 * SET_UP_RATE)?;
    let came = |window: &Window| window.made as f64 / (outcome.done as f64 * window.length.as_secs_f64() * PACKETS_A_SECOND);
    let music = (!kind.has_callee).then(|| windows.iter().map(came).fold(f64::INFINITY, f64::min));
    Ok(Through { windows, failed: outcome.failed, memory_per_call, music })
}

fn measure(bench: &Bench, sockets: &Sockets, calls: &[CallMedia], device: &Device, windows: usize) -> anyhow::Result<Vec<Window>> {
    media::run(sockets, calls, Measuring { windows, length: bench.window, warm_up: WARM_UP }, &device.meter())
}

fn spread(windows: &[Window]) -> anyhow::Result<Spread> {
    Spread::of(windows.iter().map(Window::us_per_packet)).ok_or_else(|| anyhow::anyhow!("no window was measured"))
}

fn finding(row: &str, device: &'static str, windows: &[Window]) -> anyhow::Result<Finding> {
    let figure = Some(Figure::new(spread(windows)?, UNIT));
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
