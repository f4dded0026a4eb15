//! The clock is set an hour forward, then two back, while calls are up: durations are those of the monotonic clock, nobody's registration,
//! session, offer or wrap-up ends for it, and nothing happens in a storm.

use std::time::Duration;

use carillon_kit::{phone::Invite, until};
use tokio::{process::Command, time::Instant};

use super::{Floor, RUSH, binary, facts, in_state};

#[tokio::test]
async fn and_nobody_notices() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = folder.path().join("clock");
    let set = |offset: &str| {
        std::fs::write(folder.path().join("next"), offset).expect("a file");
        std::fs::rename(folder.path().join("next"), &clock).expect("a clock");
    };
    set("+0");
    let mut command = Command::new(binary());
    command.env("LD_PRELOAD", library()).env("FAKETIME_TIMESTAMP_FILE", &clock);
    command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    let mut floor = Floor::open_with(1, 1, |_| {}, command).await;
    let sofia = floor.supervisor().await;
    let mut talk = floor.all_talk("+390210000").await.remove(0);
    let talked = Instant::now();
    let mut rung = floor.trunk.invite(Invite::to(RUSH).from("+390211111")).await;
    rung.is_answered().await;
    let mut offered = floor.rush[0].phone.rings().await;

    for (offset, hours) in [("+3600", 1), ("-3600", -1)] {
        let before = jiff::Timestamp::now();
        let sent = sent(&floor).await;
        set(offset);
        until("the server's clock", async || {
            let (_, ready) = floor.server.page("/healthz").await;
            assert!(ready.starts_with("alive"), "{ready}");
            let made = sofia.post("/pauses", serde_json::json!({ "name": format!("at{offset}"), "label": "x" })).await;
            (made.status == 201 || made.status == 409).then_some(())
        })
        .await;
        talk.goes_on(440.0 + 100.0 * f64::from(hours), 700.0 + 100.0 * f64::from(hours)).await;
        assert!(!offered.has_ended(), "an offer ends by its own time");
        let phones = sofia.get("/phones").await;
        assert!(phones.as_array().expect("phones").iter().all(|phone| phone["registered"] == true), "{phones:#}");
        assert_eq!(in_state(&sofia.get("/agents").await, "talking"), ["agent00"]);
        // Told in wall-clock time: the offer's end has moved with the clock.
        let me = floor.rush[0].person.get("/me").await;
        assert_eq!(me["agent"]["state"], "offered", "{me:#}");
        assert!(me["agent"]["left_ms"].as_u64().is_some_and(|left| left <= 20_000), "{me:#}");
        let messages = sent_since(&floor, sent).await;
        let seconds = jiff::Timestamp::now().duration_since(before).as_secs_f64();
        assert!(messages < 50.0 + 20.0 * seconds, "{messages} messages in {seconds} s");
    }
    offered.answer().await;
    offered.audio.say(1000.0);
    rung.audio.hears(1000.0).await;
    talk.caller.hang_up().await;
    let real = talked.elapsed();
    let call = floor.call_of("+39021000000").await;
    let said = Duration::from_millis(call["talk_ms"].as_u64().expect("milliseconds"));
    assert!(said <= real + Duration::from_secs(2) && said + Duration::from_secs(2) >= real, "{said:?} of {real:?}: {call:#}");
    let started = &facts(&call, "call.started")[0]["at"];
    let ended = &facts(&call, "call.ended")[0]["at"];
    assert!(ended.as_str() < started.as_str(), "the wall clock was set: {started} {ended}");
    floor.closes().await;
}

/// SIP messages sent so far.
async fn sent(floor: &Floor) -> f64 {
    let (_, metrics) = floor.server.page("/metrics").await;
    let line = metrics.lines().find_map(|line| line.strip_prefix("carillon_sip_sent_total "));
    line.and_then(|count| count.parse().ok()).expect("a counter")
}

async fn sent_since(floor: &Floor, before: f64) -> f64 {
    sent(floor).await - before
}

/// Where Debian has libfaketime.
fn library() -> &'static str {
    let places = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"];
    places.into_iter().find(|place| std::path::Path::new(place).exists()).expect("libfaketime: apt-get install faketime")
}
