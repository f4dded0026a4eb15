//! Callers whom nobody takes are told what the plan says, and the record says why (G4, A19).

use serde_json::json;

use crate::site::{Site, ending};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_logged_in() {
    let site = Site::start().await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await.is_ended().await;
    let record = site.record().await;
    assert_eq!(ending(&record), "dialplan no_agents", "{record:#}");
    assert_eq!(record["queues"][0]["exit"], "no_agents");
    assert_eq!((record["offers"].as_array().map(Vec::len), &record["answered_at"]), (Some(0), &serde_json::Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_wait_is_over() {
    let site = Site::start().await;
    let bruno = site.agent("bruno", "1002").await;
    assert_eq!(bruno.api.post("/me/pause", &json!({ "reason": "break" })).await.0, 200);
    let mut caller = site.trunk.dial("5002").await;
    caller.is_answered().await.is_ended().await;
    let record = site.record().await;
    assert_eq!(ending(&record), "dialplan queue_timeout", "{record:#}");
    assert_eq!(record["queues"][0]["exit"], "timeout");
    assert!(record["queues"][0]["wait_ms"].as_u64().is_some_and(|wait| (1500..2500).contains(&wait)), "{record:#}");
    bruno.is("paused").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_rings_when_the_longest_wait_is_over_may_ring_to_the_end_of_its_offer() {
    let site = Site::start().await;
    let mut bruno = site.agent("bruno", "1002").await;
    let mut caller = site.trunk.dial("5002").await;
    caller.is_answered().await;
    let mut ringing = bruno.phone.rings().await;
    ringing.is_ended().await;
    caller.is_ended().await;
    let record = site.record().await;
    assert_eq!(ending(&record), "dialplan queue_timeout", "{record:#}");
    assert_eq!((&record["queues"][0]["exit"], &record["offers"][0]["outcome"]), (&"timeout".into(), &"no_answer".into()));
    assert!(record["queues"][0]["wait_ms"].as_u64().is_some_and(|wait| (2500..3500).contains(&wait)), "{record:#}");
    bruno.is("available").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_gives_up_while_a_phone_rings() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut ringing = anna.phone.rings().await;
    caller.hang_up().await;
    ringing.is_ended().await;
    let record = site.record().await;
    assert_eq!(record["ending"]["by"], "caller", "{record:#}");
    assert_eq!((&record["queues"][0]["exit"], &record["offers"][0]["outcome"]), (&"abandoned".into(), &"caller_gone".into()));
    anna.is("available").await;
}
