//! Memory after very many registrations and calls: what leaks shows, what is only kept in use does not.

use std::{sync::Arc, time::Duration};

use super::{Bench, site};
use crate::{
    device::{Device, Site, start_carillon},
    finding::{Figure, Finding, Goal},
    media::Sockets,
    sip::{Ends, Outcome, PHONES, Phones, socket},
};

/// Phones that register again and again, and how many a second: below what one address may ask for at a stretch, which is as many transactions as are
/// kept for one source in the time they are remembered.
const PHONES_COUNT: usize = 1000;
const REGISTRATIONS_A_SECOND: f64 = 200.0;
const CALLS_A_SECOND: f64 = 60.0;
/// Parts of the work; the first is warming up.
const PARTS: usize = 10;
/// The longest a finished transaction is remembered (RFC 3261 17.2.2, Timer J), and some.
const FORGOTTEN: Duration = Duration::from_secs(40);
/// Per cent.
const GOAL: Goal = Goal { must: 5.0, aim: 0.5 };

pub(super) fn registrations(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let part = bench.units.div_ceil(PARTS);
    let device = start_carillon(&bench.binary, &bench.folder, &site(PHONES_COUNT))?;
    let mut registering = Phones::new(socket(PHONES)?, device.sip)?;
    let grown = grow(&device, || registering.register(PHONES_COUNT, part, REGISTRATIONS_A_SECOND))?;
    Ok(vec![grown.finding(&format!("growth over {} registrations", bench.units))])
}

pub(super) fn calls(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let part = bench.units.div_ceil(PARTS);
    let device = start_carillon(&bench.binary, &bench.folder, &site(0))?;
    let sockets = Arc::new(Sockets::open()?);
    let mut ends = Ends::open(&device, &sockets)?;
    let grown = grow(&device, || {
        ends.caller.forget();
        ends.caller.call_and_leave(Site::BRIDGED, part, CALLS_A_SECOND)
    })?;
    Ok(vec![grown.finding(&format!("growth over {} calls", bench.units))])
}

struct Grown {
    /// kB, after each part.
    memory: Vec<f64>,
    failed: usize,
}

fn grow(device: &Device, mut work: impl FnMut() -> anyhow::Result<Outcome>) -> anyhow::Result<Grown> {
    let mut grown = Grown { memory: Vec::new(), failed: 0 };
    for part in 0..PARTS {
        grown.failed += work()?.failed;
        if part == 0 || part == PARTS - 1 {
            std::thread::sleep(FORGOTTEN);
        }
        grown.memory.push(device.meter().memory_kb()?);
    }
    Ok(grown)
}

impl Grown {
    fn finding(&self, row: &str) -> Finding {
        let (first, last) = (self.memory[0], self.memory[PARTS - 1]);
        let per_cent = 100.0 * (last - first) / first;
        let figure = Some(Figure::once(per_cent, "%"));
        let note = format!("PSS {first:.0} kB after the first tenth, {last:.0} kB after the last; {} failed", self.failed);
        Finding { figure, goal: Some(GOAL), ..Finding::absent(row, "carillon", note) }
    }
}
