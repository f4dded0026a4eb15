//! Rows of strangers: a flood that hurts nobody, and refusals that tell nothing.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{Bench, site};
use crate::{
    device::{Site, start_carillon},
    finding::{Figure, Finding, Goal},
    media::{self, Measuring, Sockets, Window},
    sip::{Ends, Flooded, Stranger},
    statistics::Spread,
};

const REGISTERS_A_SECOND: u64 = 2000;
const INVITES_A_SECOND: u64 = 500;
/// Calls up before the flood, and those that the trunk makes in it, a second.
const LIVE: usize = 50;
const CALLS_A_SECOND: f64 = 2.0;
const GUESSES: usize = 300;

/// Calls that were up keep every packet, the trunk's new calls are taken, and memory stays once the tables that are kept for strangers
/// are full.
pub(super) fn flood(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let seconds = bench.flood.as_secs();
    let row = format!("{REGISTERS_A_SECOND} REGISTER/s and {INVITES_A_SECOND} INVITE/s of a stranger for {seconds} s");
    let device = start_carillon(&bench.binary, &bench.folder, &site(LIVE))?;
    let sockets = Arc::new(Sockets::open()?);
    let mut ends = Ends::open(&device, &sockets)?;
    let up = ends.caller.establish(Site::BRIDGED, LIVE, 20.0)?;
    let live = ends.media(true)?;
    let stranger = Stranger::new(device.sip)?;
    let before = device.meter().memory_kb()?;
    let over = AtomicBool::new(false);
    // One window as long as the flood; the trunk's calls come while it lasts.
    let measuring = Measuring { windows: 1, length: bench.flood, warm_up: Duration::from_secs(1) };
    let (meter, started) = (device.meter(), Instant::now());
    let (flooded, taken, windows, midway) = std::thread::scope(|scope| -> anyhow::Result<(Flooded, usize, Vec<Window>, f64)> {
        let flooding = scope.spawn(|| stranger.flood(REGISTERS_A_SECOND, INVITES_A_SECOND, &over));
        let measured = scope.spawn(|| media::run_once(&sockets, &live, measuring, &meter));
        let half = (bench.flood.as_secs_f64() * CALLS_A_SECOND / 2.0) as usize;
        let first = ends.caller.call_and_leave(Site::BRIDGED, half, CALLS_A_SECOND);
        let midway = device.meter().memory_kb();
        let second = ends.caller.call_and_leave(Site::BRIDGED, half, CALLS_A_SECOND);
        let windows = measured.join().map_err(|_| anyhow::anyhow!("the load failed"))?;
        over.store(true, Ordering::Relaxed);
        let flooded = flooding.join().map_err(|_| anyhow::anyhow!("the flood failed"))??;
        Ok((flooded, first?.failed + second?.failed, windows?, midway?))
    })?;
    let took = started.elapsed().as_secs_f64();
    let after = device.meter().memory_kb()?;
    let lost: u64 = windows.iter().map(Window::lost).sum();
    let silent: usize = windows.iter().map(|window| window.silent).sum();
    let failed = up.failed + taken + silent;
    let note = format!(
        "calls failed or silent {failed}, packets of live calls lost {lost} of {}; {:.0} requests/s sent, {} challenged, {} refused, {} let in; PSS {before:.0} kB before, {midway:.0} midway, {after:.0} after",
        windows.iter().map(|window| window.sent).sum::<u64>(),
        flooded.sent as f64 / took,
        flooded.challenged,
        flooded.refused,
        flooded.let_in
    );
    let worst = (failed as u64 + flooded.let_in) as f64;
    let figure = Some(Figure::once(worst, "failures"));
    let goal = Some(Goal { must: 0.0, aim: 0.0 });
    Ok(vec![Finding { figure, goal, ..Finding::absent(&row, "carillon", note) }])
}

/// A wrong password for users there are and for users there are not.
pub(super) fn guessing(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let device = start_carillon(&bench.binary, &bench.folder, &site(GUESSES))?;
    let mut stranger = Stranger::new(device.sip)?;
    let (mut known, mut unknown, mut challenges, mut refusals) = (Vec::new(), Vec::new(), BTreeSet::new(), BTreeSet::new());
    for index in 0..GUESSES {
        for (user, times) in [(Site::phone(index), &mut known), (format!("{}", 700_000 + index), &mut unknown)] {
            let guessed = stranger.guess(&user)?;
            times.push(guessed.took.as_secs_f64() * 1e3);
            challenges.insert(guessed.challenge);
            refusals.insert(guessed.refusal);
        }
    }
    let middle = |times| Spread::of(times).map_or(0.0, |spread| spread.middle);
    let (known, unknown) = (middle(known), middle(unknown));
    let apart = (known - unknown).abs();
    let note = format!("medians {known:.3} and {unknown:.3} ms, {GUESSES} each");
    let row = "wrong password, user known or not";
    let found = |figure, goal, note| Finding { figure: Some(figure), goal: Some(goal), ..Finding::absent(row, "carillon", note) };
    // One text each is what everybody is told; whatever is beyond that tells users apart.
    let differ = challenges.len() + refusals.len() - 2;
    let texts = format!("{} challenges and refusals compared but for what names the request", 4 * GUESSES);
    Ok(vec![
        found(Figure::once(apart, "ms apart"), Goal { must: 5.0, aim: 1.0 }, note),
        found(Figure::once(differ as f64, "answers differ"), Goal { must: 0.0, aim: 0.0 }, texts),
    ])
}
