//! Memory of a registered phone.

use super::{Bench, site};
use crate::{
    device::{Counted, Device, start_carillon, start_kamailio},
    finding::{Figure, Finding, Goal},
    sip::{PHONES, Phones, socket},
};

/// Phones, those of them that register before anything is measured, and registrations a second.
const COUNT: usize = 2000;
const FIRST: usize = 100;
const RATE: f64 = 300.0;
const GOAL: Goal = Goal { must: 8.0, aim: 3.0 };

/// Memory from after the first phones to after the last, by phone.
pub(super) fn phones(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let row = format!("memory, {COUNT} registered phones");
    let ours = per_phone(&start_carillon(&bench.binary, &bench.folder, &site(COUNT))?)?;
    let peer = start_kamailio(&bench.folder, &site(COUNT), Counted::Signalling)?;
    let peer = peer.map(|(kamailio, _rtpengine)| per_phone(&kamailio)).transpose()?;
    Ok(vec![
        Finding { goal: Some(GOAL), ..finding(&row, "carillon", ours) },
        match peer {
            Some(kb) => finding(&row, "kamailio", kb),
            None => Finding::absent(&row, "kamailio", "not installed: `.ci/setup bench`".to_owned()),
        },
    ])
}

fn per_phone(device: &Device) -> anyhow::Result<f64> {
    let mut registering = Phones::new(socket(PHONES)?, device.sip)?;
    registering.register(FIRST, FIRST, RATE)?;
    let before = device.meter().memory_kb()?;
    let outcome = registering.register(COUNT, COUNT, RATE)?;
    anyhow::ensure!(outcome.failed == 0, "{}: {} registrations failed", device.name, outcome.failed);
    Ok((device.meter().memory_kb()? - before) / (COUNT - FIRST) as f64)
}

fn finding(row: &str, device: &'static str, kb: f64) -> Finding {
    let figure = Some(Figure::once(kb, "kB/phone"));
    Finding { figure, ..Finding::absent(row, device, "PSS, with the transactions of its registration".to_owned()) }
}
