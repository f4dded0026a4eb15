//! Rows of signalling: CPU per registration and per call, beside kamailio and rtpengine at the same rate.

use std::{sync::Arc, time::Duration};

use super::{Bench, site};
use crate::{
    device::{Counted, Device, Site, start_carillon, start_kamailio},
    finding::{Against, Figure, Finding, Goal},
    media::Sockets,
    sip::{Ends, Outcome, PHONES, Phones, socket},
    statistics::Spread,
};

/// Registrations a second, in a window, and phones.
const REGISTRATIONS: (f64, usize, usize) = (200.0, 1000, 1000);
/// Calls a second, and in a window.
const CALLS: (f64, usize) = (30.0, 150);
/// What a device still does after the last answer belongs to the work.
const SETTLES: Duration = Duration::from_secs(1);

/// REGISTER, 401, REGISTER with digest, 200.
pub(super) fn register(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let (rate, count, phones) = REGISTRATIONS;
    let row = format!("REGISTER with digest, {rate}/s");
    let register = |device: &Device| {
        let mut registering = Phones::new(socket(PHONES)?, device.sip)?;
        windows(bench, device, || registering.register(phones, count, rate))
    };
    let ours = register(&start_carillon(&bench.binary, &bench.folder, &site(phones))?)?;
    let peer = start_kamailio(&bench.folder, &site(phones), Counted::Signalling)?;
    let peer = peer.map(|(kamailio, _rtpengine)| register(&kamailio)).transpose()?;
    Ok(findings(&row, "us/registration", "kamailio", Goal { must: 3.0, aim: 1.5 }, ours, peer))
}

/// INVITE, 180, 200, ACK, BYE, 200, with media ports on both sides.
pub(super) fn calls(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let (rate, count) = CALLS;
    let row = format!("call set-up and teardown, {rate}/s");
    let sockets = Arc::new(Sockets::open()?);
    let call = |device: &Device| {
        let mut ends = Ends::open(device, &sockets)?;
        windows(bench, device, || ends.caller.call_and_leave(Site::BRIDGED, count, rate))
    };
    let ours = call(&start_carillon(&bench.binary, &bench.folder, &site(0))?)?;
    let peer = start_kamailio(&bench.folder, &site(0), Counted::Both)?;
    let peer = peer.map(|(both, _)| call(&both)).transpose()?;
    Ok(findings(&row, "us/call", "kamailio + rtpengine", Goal { must: 2.0, aim: 1.0 }, ours, peer))
}

/// What windows of work showed.
struct Worked {
    /// CPU-us a unit.
    cost: Spread,
    failed: usize,
    /// Middle and 99th part in a hundred of the times until the answer, ms.
    took: (f64, f64),
}

fn windows(bench: &Bench, device: &Device, mut work: impl FnMut() -> anyhow::Result<Outcome>) -> anyhow::Result<Worked> {
    let meter = device.meter();
    // Once unmeasured: caches, lazily opened connections.
    work()?;
    let (mut costs, mut failed, mut took) = (Vec::new(), 0, Vec::new());
    for _ in 0..bench.windows {
        let before = meter.cpu()?;
        let outcome = work()?;
        std::thread::sleep(SETTLES);
        let used = (meter.cpu()? - before).as_secs_f64() * 1e6;
        anyhow::ensure!(outcome.done > 0, "{}: nothing succeeded", device.name);
        costs.push(used / outcome.done as f64);
        failed += outcome.failed;
        took.extend(outcome.set_up);
    }
    took.sort();
    let quantile = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let took = (quantile(0.5), quantile(0.99));
    let cost = Spread::of(costs).ok_or_else(|| anyhow::anyhow!("no window was measured"))?;
    Ok(Worked { cost, failed, took })
}

fn findings(row: &str, unit: &'static str, peer_name: &'static str, goal: Goal, ours: Worked, peer: Option<Worked>) -> Vec<Finding> {
    let against = peer.as_ref().map(|peer| Against { device: peer_name.to_owned(), ratio: ours.cost.highest / peer.cost.middle });
    let goal = against.is_some().then_some(goal);
    vec![
        Finding { against, goal, ..ours.finding(row, "carillon", unit) },
        peer.map_or_else(
            || Finding::absent(row, peer_name, "not installed: `.ci/setup bench`".to_owned()),
            |peer| peer.finding(row, peer_name, unit),
        ),
    ]
}

impl Worked {
    fn finding(&self, row: &str, device: &'static str, unit: &'static str) -> Finding {
        let failed = if self.failed == 0 { String::new() } else { format!("; {} failed", self.failed) };
        let note = format!("answered in {:.1} ms, 99 % in {:.1} ms{failed}", self.took.0, self.took.1);
        Finding { figure: Some(Figure::new(self.cost, unit)), ..Finding::absent(row, device, note) }
    }
}
