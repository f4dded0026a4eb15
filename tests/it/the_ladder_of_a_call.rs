//! Every SIP message of a call is kept, in its order, without what nobody may read, for supervisors and administrators.

use carillon_kit::phone::Phone;
use jiff::Timestamp;
use serde_json::Value;

use crate::{client::eventually, site::Site};

#[tokio::test(flavor = "multi_thread")]
async fn shows_who_said_what() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let record = site.a_talk_with(&mut anna).await;
    let path = format!("/calls/{}/sip", record["call"].as_str().expect("an id"));

    let sofia = site.signed_in("sofia").await;
    let wanted = [
        ("received", "INVITE"),
        ("sent", "200 OK"),
        ("received", "ACK"),
        ("sent", "INVITE"),
        ("received", "200 OK"),
        ("received", "BYE"),
        ("sent", "BYE"),
    ];
    let items = eventually("the whole ladder", async || {
        let (status, ladder) = sofia.get(&path).await;
        let items = ladder["items"].as_array().filter(|_| status == 200)?.clone();
        let told: Vec<(&str, &str)> = items.iter().map(said).collect();
        wanted.iter().all(|one| told.contains(one)).then_some(items)
    })
    .await;
    assert_eq!(said(&items[0]), ("received", "INVITE"), "it begins with what the caller sent");
    assert!(items[0]["message"].as_str().expect("text").contains("m=audio"));
    let legs: std::collections::BTreeSet<&str> = items.iter().map(|item| item["leg"].as_str().expect("a leg")).collect();
    assert_eq!(legs.len(), 2, "the caller's and the agent's");
    assert!(
        items.iter().all(|item| item["transport"] == "udp" && item["local"].as_str().is_some_and(|local| local == site.sip.to_string()))
    );

    let (status, _) = anna.api.get(&path).await;
    assert_eq!(status, 403, "what is in signalling is not for agents");
    let (status, _) = sofia.get("/calls/01900000-0000-7000-8000-000000000000/sip").await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn begins_with_the_first_invite_although_that_was_challenged() {
    let site = Site::start().await;
    let mut callee = Phone::registered("1001", site.sip).await;
    let caller = Phone::registered("1002", site.sip).await;
    let mut call = caller.dial("1001").await;
    let mut rung = callee.rings().await;
    rung.answer().await;
    call.is_answered().await;
    call.hang_up().await;
    rung.is_ended().await;
    let record = site.record().await;
    let path = format!("/calls/{}/sip", record["call"].as_str().expect("an id"));
    let sofia = site.signed_in("sofia").await;
    let items = eventually("the whole ladder", async || {
        let (status, ladder) = sofia.get(&path).await;
        let items = ladder["items"].as_array().filter(|_| status == 200)?.clone();
        items.iter().any(|item| said(item) == ("received", "BYE")).then_some(items)
    })
    .await;
    let told: Vec<_> = items.iter().take(4).map(said).collect();
    assert_eq!(told, [("received", "INVITE"), ("sent", "401 Unauthorized"), ("received", "ACK"), ("received", "INVITE")], "{items:#?}");
    let text = |at: usize| items[at]["message"].as_str().expect("text").to_owned();
    assert!(!text(0).contains("Authorization") && text(3).contains("Authorization: (not shown)"));
    let times: Vec<Timestamp> = items.iter().filter_map(|item| item["at"].as_str()?.parse().ok()).collect();
    assert!(times.len() == items.len() && times.is_sorted(), "in their order of time: {times:#?}");
    assert!(items[..4].iter().all(|item| item["leg"] == items[0]["leg"]), "all of them the caller's leg");

    let metrics = reqwest::get(format!("http://{}/metrics", site.server.bound().http)).await.expect("an answer");
    let metrics = metrics.text().await.expect("a text");
    for (direction, method, status) in [("received", "INVITE", "request"), ("sent", "INVITE", "401"), ("received", "REGISTER", "request")] {
        let labels = [("direction", direction), ("method", method), ("status", status), ("transport", "udp")];
        let line = metrics.lines().find(|line| {
            line.starts_with("carillon_sip_messages") && labels.iter().all(|(name, value)| line.contains(&format!("{name}=\"{value}\"")))
        });
        assert!(line.is_some(), "{direction} {method} {status} in {metrics}");
    }
}

fn said(item: &Value) -> (&'static str, &str) {
    (if item["sent"] == true { "sent" } else { "received" }, item["title"].as_str().unwrap_or_default())
}
