//! How soon it is known that a phone is gone, whose connection ended: from its close to what the API says of it.

use std::time::{Duration, Instant};

use super::{Bench, site};
use crate::{
    api::Api,
    device::{ADMIN, PASSWORD, Site, start_carillon},
    finding::{Figure, Finding, Goal},
    sip::PhoneOnConnection,
    statistics::Spread,
};

const TIMES: usize = 20;
const PATIENCE: Duration = Duration::from_secs(5);
const GOAL: Goal = Goal { must: 100.0, aim: 20.0 };

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Finding>> {
    let device = start_carillon(&bench.binary, &bench.folder, &site(1))?;
    let api = Api::sign_in(&bench.folder.join("ready.json"), ADMIN, PASSWORD)?;
    let phone = Site::phone(0);
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let registered = PhoneOnConnection::register(device.sip, &phone)?;
        there.push(until(&api, &phone, true)?);
        drop(registered);
        gone.push(until(&api, &phone, false)?);
    }
    let finding = |row: &str, times| {
        let figure = Spread::of(times).map(|spread| Figure::new(spread, "ms"));
        let note = format!("{TIMES} times, TCP; asked by the API until it says so");
        Finding { figure, goal: Some(GOAL), ..Finding::absent(row, "carillon", note) }
    };
    Ok(vec![finding("a phone's connection ends: known", gone), finding("a phone has registered: known", there)])
}

/// Milliseconds until the API says whether a phone is registered.
fn until(api: &Api, phone: &str, registered: bool) -> anyhow::Result<f64> {
    let since = Instant::now();
    while api.is_registered(phone)? != registered {
        anyhow::ensure!(since.elapsed() < PATIENCE, "it is not known that {phone} is registered: {registered}");
    }
    Ok(since.elapsed().as_secs_f64() * 1e3)
}
