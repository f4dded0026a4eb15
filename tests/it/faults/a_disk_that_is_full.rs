//! K1: a disk that takes nothing more. Calls go on, supervisors are told within seconds, files are closed whole, and what could not be
//! written is counted. A limit on the size of files (setrlimit(2)) stands for the disk: it needs neither a mount nor root.

use std::{path::PathBuf, time::Duration};

use carillon_kit::{
    phone::{Invite, status},
    postgres, sound, until,
};
use serde_json::Value;
use tokio::process::Command;

use super::{Floor, SALES, Talk, binary, check_order, facts};
use crate::desktop::Desktop;

/// How soon supervisors are told, as the threat's row says.
const TOLD_IN: Duration = Duration::from_secs(5);
const CALLER: &str = "+390210000";
/// The largest file while the disk is full: a second and a half of a recording.
const FULL: u64 = 48_044;

#[tokio::test]
async fn a_recording_stops_and_goes_on_when_there_is_room_again() {
    // The database is in a process of its own, which may write.
    let url = tokio::task::spawn_blocking(postgres::new_database).await.expect("a PostgreSQL");
    let on_postgres = |site: &carillon_kit::Site| site.configure("sqlite:carillon.db", &url);
    let mut floor = Floor::open_with(2, 0, on_postgres, Command::new(binary())).await;
    let sofia = floor.supervisor().await;
    let mut desktop = Desktop::at(floor.server.bound.http, sofia.token()).await;
    assert_eq!(desktop.snapshot()["alarms"], serde_json::json!([]));
    floor.server.program.limit(&format!("--fsize={FULL}:")).await;
    let mut talks = floor.all_talk(CALLER).await;
    for talk in &mut talks {
        talk.goes_on(440.0, 700.0).await;
    }
    let told_after = floor.alarm("recordings_refused", true).await;
    assert!(told_after <= TOLD_IN, "told {told_after:?} after both talked");
    desktop.hears("alarm.raised", |alarm| alarm["alarm"] == "recordings_refused").await;
    assert_eq!(Desktop::at(floor.server.bound.http, sofia.token()).await.snapshot()["alarms"][0]["alarm"], "recordings_refused");

    for talk in &mut talks {
        talk.goes_on(500.0, 800.0).await;
    }
    // One ends while there is no room.
    let mut first = talks.remove(0);
    first.caller.hang_up().await;
    let call = floor.call_of(&caller_of(&first)).await;
    let closed = check_recording(&floor, &call).await;
    assert!(closed["error"].as_str().is_some_and(|error| !error.is_empty()), "{closed:#}");

    floor.server.program.limit("--fsize=unlimited:").await;
    floor.alarm("recordings_refused", false).await;
    desktop.hears("alarm.cleared", |alarm| alarm["alarm"] == "recordings_refused").await;
    let mut second = talks.remove(0);
    second.goes_on(600.0, 900.0).await;
    second.agent.audio.hears_more(1.0).await;
    second.caller.hang_up().await;
    let call = floor.call_of(&caller_of(&second)).await;
    let closed = check_recording(&floor, &call).await;
    assert_eq!(closed["error"], Value::Null, "{closed:#}");
    let recording = sound::Recording::parse(&std::fs::read(file_of(&floor, &call)).expect("a file"));
    let heard = sound::seconds_of_tone(&recording.left, 600.0);
    assert!(heard > 0.1, "what came after the gap is there: {heard} s of {} s; {call:#}", recording.seconds());
}

#[tokio::test]
async fn with_no_room_for_facts_calls_go_on_new_ones_are_refused_and_nothing_is_lost() {
    let mut floor = Floor::open(2, 0).await;
    let mut talks = floor.all_talk(CALLER).await;
    floor.server.program.limit("--fsize=1:").await;
    let (mut first, mut second) = (talks.remove(0), talks.remove(0));
    first.goes_on(440.0, 700.0).await;
    // Its facts find no place.
    first.caller.hang_up().await;
    for alarm in ["recordings_refused", "database_refuses", "facts_unwritten"] {
        floor.alarm(alarm, true).await;
    }
    second.goes_on(500.0, 800.0).await;
    let mut refused = floor.trunk.invite(Invite::to(SALES).from("+390219999")).await;
    let response = refused.final_response().await;
    assert_eq!(status(&response), 503, "{response}");

    floor.server.program.limit("--fsize=unlimited:").await;
    for alarm in ["database_refuses", "facts_unwritten", "recordings_refused"] {
        floor.alarm(alarm, false).await;
    }
    second.caller.hang_up().await;
    for talk in [&first, &second] {
        check_order(&floor.call_of(&caller_of(talk)).await);
    }
    let mut next = floor.trunk.invite(Invite::to(SALES).from("+390218888")).await;
    next.is_answered().await;
}

fn caller_of(talk: &Talk) -> String {
    let from = talk.agent.invitation().and_then(|invite| carillon_kit::phone::header(invite, "From")).expect("a From");
    from.split(['@', ':']).find(|part| part.starts_with('+')).expect("a number").to_owned()
}

fn file_of(floor: &Floor, call: &Value) -> PathBuf {
    floor.site.path("recordings").join(facts(call, "recording.started")[0]["data"]["file"].as_str().expect("a file"))
}

/// The file is whole and says its length; with what is missing or silent it is as long as the span. What was said of its closing.
async fn check_recording(floor: &Floor, call: &Value) -> Value {
    check_order(call);
    let id = call["id"].as_str().expect("an id");
    let sofia = floor.supervisor().await;
    let call = until("the recording's closing", async || {
        let call = sofia.get(&format!("/calls/{id}")).await;
        (facts(&call, "recording.closed").len() == 1).then_some(call)
    })
    .await;
    let at = |kind: &str| facts(&call, kind)[0]["mono_ms"].as_f64().expect("milliseconds") / 1000.0;
    let span = at("recording.stopped") - at("recording.started");
    let closed = facts(&call, "recording.closed")[0]["data"].clone();
    let bytes = std::fs::read(file_of(floor, &call)).expect("a file");
    let seconds = sound::Recording::parse(&bytes).seconds();
    let gap = closed["gap_ms"].as_f64().expect("milliseconds") / 1000.0;
    assert!(gap > 0.2, "{closed:#}");
    let expected = if closed["error"].is_null() { span } else { span - gap };
    assert!((seconds - expected).abs() < 0.5, "{seconds} s of audio, {gap} s of gap, for a span of {span} s: {closed:#}");
    closed
}
