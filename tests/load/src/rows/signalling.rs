//! Rows of signalling: CPU per registration and per call, beside kamailio and rtpengine at the same rate.

use std::{sync::Arc, time::Duration};

use anyhow::Context;

use super::{Bench, site};
use crate::{
    device::{Counted, Device, Site, start_carillon, start_kamailio},
    finding::{Against, Figure, Finding, Goal},
    media::Sockets,
    sip::{Ends, Outcome, PEERS_PHONES, PHONES, Phones, socket},
    statistics::{Spread, worst_against},
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
    let ours = start_carillon(&bench.binary, &bench.folder, &site(phones))?;
    let peer = start_kamailio(&bench.folder, &site(phones), Counted::Signalling)?;
    let register = |device: &Device, from| -> anyhow::Result<_> {
        let mut registering = Phones::new(socket(from)?, device.sip)?;
        Ok(move || registering.register(phones, count, rate))
    };
    let peer_work = peer.as_ref().map(|(kamailio, _)| Ok::<_, anyhow::Error>((kamailio, register(kamailio, PEERS_PHONES)?))).transpose()?;
    let (ours, peer) = in_turns(bench, (&ours, register(&ours, PHONES)?), peer_work)?;
    findings(&row, "us/registration", "kamailio", Goal { must: 3.0, aim: 1.5 }, ours, peer)
}

/// INVITE, 180, 200, ACK, BYE, 200, with media ports on both sides.
pub(super) fn calls(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let (rate, count) = CALLS;
    let row = format!("call set-up and teardown, {rate}/s");
    let sockets = Arc::new(Sockets::open()?);
    let ours = start_carillon(&bench.binary, &bench.folder, &site(0))?;
    let peer = start_kamailio(&bench.folder, &site(0), Counted::Both)?;
    // Both take calls from the same place to the same place, so the ends are opened for each window.
    let call = |device| {
        let sockets = Arc::clone(&sockets);
        move || Ends::open(device, &sockets)?.caller.call_and_leave(Site::BRIDGED, count, rate)
    };
    let peer_work = peer.as_ref().map(|(both, _)| (both, call(both)));
    let (ours, peer) = in_turns(bench, (&ours, call(&ours)), peer_work)?;
    findings(&row, "us/call", "kamailio + rtpengine", Goal { must: 2.0, aim: 1.0 }, ours, peer)
}

/// What windows of work showed.
#[derive(Default)]
struct Worked {
    /// CPU-us a unit, in order.
    costs: Vec<f64>,
    failed: usize,
    /// The times until the answer.
    took: Vec<Duration>,
}

/// Windows of ours, each between two of the peer's: a machine that drifts hurts both alike.
fn in_turns<'a>(
    bench: &Bench,
    (ours, mut work): (&Device, impl FnMut() -> anyhow::Result<Outcome>),
    peer: Option<(&'a Device, impl FnMut() -> anyhow::Result<Outcome> + 'a)>,
) -> anyhow::Result<(Worked, Option<Worked>)> {
    // Once unmeasured: caches, lazily opened connections.
    work()?;
    let (mut worked, mut beside) = (Worked::default(), None);
    let mut peer = match peer {
        Some((device, mut its_work)) => {
            its_work()?;
            let mut its = Worked::default();
            its.add_window(device, &mut its_work)?;
            beside = Some(its);
            Some((device, its_work))
        }
        None => None,
    };
    for _ in 0..bench.windows {
        worked.add_window(ours, &mut work)?;
        if let (Some((device, its_work)), Some(its)) = (&mut peer, &mut beside) {
            its.add_window(device, its_work)?;
        }
    }
    Ok((worked, beside))
}

fn findings(
    row: &str,
    unit: &'static str,
    peer_name: &'static str,
    goal: Goal,
    ours: Worked,
    peer: Option<Worked>,
) -> anyhow::Result<Vec<Finding>> {
    let ratio = peer.as_ref().and_then(|peer| worst_against(&ours.costs, &peer.costs));
    let against = ratio.map(|ratio| Against { device: peer_name.to_owned(), ratio });
    let goal = against.is_some().then_some(goal);
    let peer = match peer {
        Some(peer) => peer.finding(row, peer_name, unit)?,
        None => Finding::absent(row, peer_name, "not installed: `.ci/setup bench`".to_owned()),
    };
    Ok(vec![Finding { against, goal, ..ours.finding(row, "carillon", unit)? }, peer])
}

impl Worked {
    /// Does the work once more, and adds what it cost.
    fn add_window(&mut self, device: &Device, work: &mut impl FnMut() -> anyhow::Result<Outcome>) -> anyhow::Result<()> {
        let meter = device.meter();
        let before = meter.cpu()?;
        let outcome = work()?;
        std::thread::sleep(SETTLES);
        let used = (meter.cpu()? - before).as_secs_f64() * 1e6;
        anyhow::ensure!(outcome.done > 0, "{}: nothing succeeded", device.name);
        self.costs.push(used / outcome.done as f64);
        self.failed += outcome.failed;
        self.took.extend(outcome.set_up);
        Ok(())
    }

    fn finding(&self, row: &str, device: &'static str, unit: &'static str) -> anyhow::Result<Finding> {
        let cost = Spread::of(self.costs.iter().copied()).context("no window was measured")?;
        let mut took = self.took.clone();
        took.sort();
        let quantile = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        let failed = if self.failed == 0 { String::new() } else { format!("; {} failed", self.failed) };
        let note = format!("answered in {:.1} ms, 99 % in {:.1} ms{failed}", quantile(0.5), quantile(0.99));
        Ok(Finding { figure: Some(Figure::new(cost, unit)), ..Finding::absent(row, device, note) })
    }
}
