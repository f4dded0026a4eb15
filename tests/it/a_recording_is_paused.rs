//! An agent pauses the recording by the API: what is said meanwhile is in no file, whose length stays that of the talk.

use carillon_kit::phone::share;
use serde_json::json;

use crate::site::{Site, both_sides};

const SPEECH: f64 = 500.0;
const CARD_NUMBER: f64 = 700.0;
const GOODBYE: f64 = 900.0;
const AGENT: f64 = 1300.0;
const ASKS_BACK: f64 = 1500.0;

#[tokio::test(flavor = "multi_thread")]
async fn and_what_is_said_meanwhile_is_absent_from_both_sides() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    anna.is("talking").await;
    let (_, me) = anna.api.get("/me").await;
    let call = me["agent"]["call"].as_str().expect("a call").to_owned();
    let order = async |what: &str| {
        let (status, answer) = anna.api.post(&format!("/calls/{call}/{what}"), &json!({})).await;
        (status, answer["type"].as_str().unwrap_or_default().to_owned())
    };
    caller.audio.say(SPEECH);
    agent.audio.say(AGENT);
    agent.audio.hears(SPEECH).await;
    caller.audio.hears(AGENT).await;
    caller.audio.hears_more(1.0).await;

    assert_eq!(order("pause-recording").await.0, 204);
    assert_eq!(order("pause-recording").await, (409, "recording_paused".to_owned()));
    caller.audio.say(CARD_NUMBER);
    agent.audio.say(ASKS_BACK);
    agent.audio.hears(CARD_NUMBER).await;
    caller.audio.hears(ASKS_BACK).await;
    caller.audio.say(GOODBYE);
    agent.audio.say(AGENT);
    agent.audio.hears(GOODBYE).await;
    caller.audio.hears(AGENT).await;
    assert_eq!(order("resume-recording").await.0, 204);
    assert_eq!(order("resume-recording").await, (409, "recording_not_paused".to_owned()));
    caller.audio.hears_more(1.0).await;
    caller.hang_up().await;
    agent.is_ended().await;

    let record = site.record().await;
    let (left, right) = both_sides(&site.recording_of(&record));
    for (side, samples, heard, absent) in [("left", &left, [SPEECH, GOODBYE], CARD_NUMBER), ("right", &right, [AGENT, AGENT], ASKS_BACK)] {
        assert!(heard.iter().all(|hz| share(samples, *hz) > 0.9), "{side}");
        assert!(share(samples, absent) < 0.01, "{side}: {}", share(samples, absent));
    }
    let recording = &record["recordings"][0];
    let (span, length) = (recording["span_ms"].as_i64().expect("a span"), recording["length_ms"].as_i64().expect("a length"));
    assert!((span - length).abs() < 300, "{length} ms of audio for {span} ms");
    for what in ["recording.paused", "recording.resumed"] {
        let marks = site.facts(what).await;
        assert_eq!(marks.len(), 1, "{what}: {marks:?}");
        assert!(marks[0]["agent"].is_string());
    }
}
