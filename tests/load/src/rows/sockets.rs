//! How soon desktops hear of what happens: from the fact to each socket that follows.

use std::{sync::Arc, time::Duration};

use super::{Bench, site};
use crate::{
    api::Api,
    device::{PASSWORD, Site, start_carillon},
    events::Follower,
    finding::{Figure, Finding, Goal},
    media::Sockets,
    sip::Ends,
};

/// Sockets at once, and how many of them a supervisor has: below what the server takes of one.
const SOCKETS: (usize, usize) = (300, 15);
/// Each call is ten facts and more.
const CALLS_A_SECOND: f64 = 5.0;
/// What was said last is heard by then.
const HEARD_WITHIN: Duration = Duration::from_secs(2);
/// Milliseconds.
const GOAL: Goal = Goal { must: 100.0, aim: 20.0 };

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let (count, each) = SOCKETS;
    let site = Site { watchers: count.div_ceil(each), ..site(0) };
    let device = start_carillon(&bench.binary, &bench.folder, &site)?;
    let ready = bench.folder.join("ready.json");
    let mut followers = Vec::new();
    for watcher in 0..site.watchers {
        let api = Api::sign_in(&ready, &Site::watcher(watcher), PASSWORD)?;
        for _ in 0..each.min(count - followers.len()) {
            followers.push(Follower::start(&ready, api.cookie())?);
        }
    }
    let media = Arc::new(Sockets::open()?);
    let mut ends = Ends::open(&device, &media)?;
    let calls = (bench.watch.as_secs_f64() * CALLS_A_SECOND) as usize;
    let outcome = ends.caller.call_and_leave(Site::BRIDGED, calls, CALLS_A_SECOND)?;
    std::thread::sleep(HEARD_WITHIN);

    let heard = followers.into_iter().map(Follower::end).collect::<anyhow::Result<Vec<_>>>()?;
    let facts = heard.iter().map(Vec::len).max().unwrap_or(0);
    let behind = heard.iter().filter(|heard| heard.len() != facts).count();
    let mut took: Vec<Duration> = heard.into_iter().flatten().collect();
    anyhow::ensure!(!took.is_empty(), "no socket heard of anything");
    took.sort();
    let quantile = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let row = format!("fact to socket, {count} sockets, {:.0} s", bench.watch.as_secs_f64());
    let note = format!(
        "{facts} facts ({:.0}/s) at each; half in {:.1} ms, the last after {:.0} ms; {behind} sockets missed some; {} calls failed",
        facts as f64 / bench.watch.as_secs_f64(),
        quantile(0.5),
        quantile(1.0),
        outcome.failed
    );
    Ok(vec![Finding {
        figure: Some(Figure::once(quantile(0.99), "ms, 99 %")),
        goal: Some(GOAL),
        ..Finding::absent(&row, "carillon", note)
    }])
}
