//! SIPp, which follows its scenarios to the letter.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use carillon_kit::{Ports, Sipp};
use tokio::process::Command;

use super::{Centre, OTHER, PHONE, page::Row};

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn lives_a_day_over_udp() {
    live("UDP").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lives_a_day_over_tcp() {
    live("TCP").await;
}

async fn live(transport: &'static str) {
    let mut centre = Centre::open().await;
    let ports = Ports::reserve(1);
    let port = ports.at_index(0);
    let run = |centre: &Centre, name: &str, to: &str| {
        let how = if transport == "UDP" { "u1" } else { "t1" };
        let server = if transport == "UDP" { centre.server().bound.sip_udp } else { centre.server().bound.sip_tcp };
        Sipp::start(
            &scenario(name),
            server,
            port,
            &["-m", "1", "-t", how, "-s", to, "-key", "phone", PHONE, "-au", PHONE, "-ap", "phone-1001"],
        )
    };
    run(&centre, "registers.xml", PHONE).is_done(PATIENCE).await;

    let calling = run(&centre, "calls_and_holds.xml", OTHER);
    let mut other = centre.other.rings().await;
    other.answer().await;
    other.is_ended().await;
    calling.is_done(PATIENCE).await;
    for kind in ["call.held", "call.resumed"] {
        assert_eq!(centre.facts(kind, 1).await.len(), 1, "{kind}");
    }

    run(&centre, "presses_a_key.xml", "5000").is_done(PATIENCE).await;
    assert_eq!(centre.facts("call.menu", 1).await[0]["key"], "2");

    if transport == "UDP" {
        is_called(&centre, run(&centre, "is_called.xml", PHONE)).await;
    }
    centre.restarts().await;
    if transport == "UDP" {
        is_called(&centre, run(&centre, "is_called.xml", PHONE)).await;
    }
    run(&centre, "registers.xml", PHONE).is_done(PATIENCE).await;

    let row = Row::new("SIPp", &version().await, transport).did("registers", "yes").did("calls", "yes").did("holds, resumes", "yes");
    let row = row.did("keys", "INFO");
    match transport {
        "UDP" => row.did("is called", "yes").did("after our restart", "is called; registers anew"),
        _ => row.did("after our restart", "registers anew"),
    }
    .stand_on_the_page();
}

async fn is_called(centre: &Centre, phone: Sipp) {
    phone.is_there().await;
    let mut other = centre.other.dial(PHONE).await;
    other.is_answered().await;
    // What is said comes back: SIPp echoes.
    other.audio.say(1300.0);
    other.audio.hears(1300.0).await;
    other.hang_up().await;
    phone.is_done(PATIENCE).await;
}

async fn version() -> String {
    let said = Command::new("sipp").arg("-v").output().await.expect("sipp runs");
    let said = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
    let version = said.split_whitespace().find_map(|word| word.strip_prefix('v')).unwrap_or_default();
    version.split('-').next().unwrap_or_default().to_owned()
}

fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/interop/sipp").join(name)
}
