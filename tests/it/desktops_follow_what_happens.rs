//! The live stream: who is told what, without a hole, and when it ends (threats 35, 37, 39; G4).

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::{
    client::send,
    desktop::{Desktop, refused_with, request},
    site::Site,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_followed_from_its_offer_to_its_record_by_those_it_concerns() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let bruno = site.signed_in("bruno").await;
    let sofia = site.signed_in("sofia").await;
    let mut agent = Desktop::open(&site, &anna.api).await;
    let mut colleague = Desktop::open(&site, &bruno).await;
    let mut supervisor = Desktop::open(&site, &sofia).await;
    assert_eq!(agent.snapshot()["agents"].as_array().map(Vec::len), Some(1), "an agent sees the own state alone");
    assert_eq!(agent.snapshot()["agents"][0]["state"], "available");
    assert_eq!(agent.snapshot()["queues"].as_array().map(Vec::len), Some(1), "and the queues worked in");
    assert_eq!(supervisor.snapshot()["agents"].as_array().map(Vec::len), Some(2));

    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let offer = agent.hears("offer.created", |_| true).await;
    let call = agent.hears("call.changed", |row| row["call"] == offer["call"]).await;
    assert_eq!((&call["queue"], &call["offered_to"]), (&"sales".into(), &json!(["anna"])));
    assert_eq!(call["offered_to_names"], json!(["Anna Rossi"]), "with the name that people know");
    assert!(call["caller"].is_string());
    let line = colleague.hears("queue.changed", |line| line["queue"]["waiting"] == 1).await;
    assert_eq!((&line["waiting"][0]["position"], &line["waiting"][0]["caller"]), (&1.into(), &call["caller"]));

    let mut ringing = anna.phone.rings().await;
    ringing.answer().await;
    agent.hears("call.bridged", |_| true).await;
    let talking = agent.hears("call.changed", |row| row["state"] == "talking" && row["agent"] == "anna").await;
    let party = talking["parties"].as_array().and_then(|parties| parties.iter().find(|party| party["agent"] == "anna").cloned());
    assert_eq!((&talking["agent_name"], party.map(|party| party["agent_name"].clone())), (&json!("Anna Rossi"), Some(json!("Anna Rossi"))));
    supervisor.hears("agent.changed", |row| row["login"] == "anna" && row["state"] == "talking").await;
    caller.hang_up().await;
    agent.hears("call.ended", |ended| ended["by"] == "caller").await;
    agent.hears("call.saved", |saved| saved["call"] == offer["call"]).await;
    let (_, calls) = anna.api.get("/calls").await;
    assert_eq!(calls["items"][0]["id"], offer["call"], "what is said to be saved is in the lists: {calls:#}");
    assert!(!calls["items"][0]["ended_at"].is_null(), "{calls:#}");

    supervisor.hears("call.saved", |_| true).await;
    colleague.hears("queue.changed", |line| line["queue"]["agents"]["wrap_up"] == 0 && line["queue"]["waiting"] == 0).await;
    assert_eq!(colleague.heard_of_calls(), Vec::<&str>::new(), "a colleague's call is nobody else's business");
    assert!(supervisor.heard_of_calls().contains(&"call.started"));
    assert!(!agent.heard_of_calls().contains(&"call.started"), "before the offer the call was not the agent's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_breaks_is_resumed_without_a_hole() {
    let site = Site::start().await;
    let bruno = site.agent("bruno", "1002").await;
    let sofia = site.signed_in("sofia").await;
    let mut desktop = Desktop::open(&site, &sofia).await;
    assert_eq!((&desktop.heard[0]["prev"], &desktop.snapshot()["resumed"]), (&0.into(), &false.into()));
    assert_eq!(bruno.api.post("/me/pause", &json!({})).await.0, 200);
    desktop.hears("agent.state", |state| state["state"] == "paused").await;

    let (epoch, before) = (desktop.epoch, desktop.last);
    drop(desktop);
    for _ in 0..20 {
        assert_eq!(bruno.api.post("/me/resume", &json!({})).await.0, 200);
        assert_eq!(bruno.api.post("/me/pause", &json!({})).await.0, 200);
    }
    let desktop = Desktop::connected(&site, &sofia, &format!("?epoch={epoch}&after={before}")).await;
    assert_eq!(desktop.heard[0]["prev"], before);
    let states = desktop.heard.iter().filter(|message| message["type"] == "agent.state").count();
    assert_eq!((states, &desktop.snapshot()["resumed"]), (40, &true.into()));
    let desktop = desktop.resumed(&site, &sofia).await;
    assert_eq!(desktop.heard.len(), 1, "nothing was missed, so that only the snapshot comes");

    // Another run of the server, or something never told: from the beginning.
    for query in [format!("?epoch={}&after={before}", epoch + 1), format!("?epoch={epoch}&after=999999")] {
        let desktop = Desktop::connected(&site, &sofia, &query).await;
        assert_eq!((&desktop.heard[0]["type"], &desktop.heard[0]["prev"]), (&"snapshot".into(), &0.into()));
        assert_eq!(desktop.snapshot()["resumed"], false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_ends_with_its_session_and_with_the_server() {
    let site = Site::start().await;
    let (sofia, bruno) = (site.signed_in("sofia").await, site.signed_in("bruno").await);
    let leaving = Desktop::open(&site, &sofia).await;
    let other_session = Desktop::open(&site, &site.signed_in("sofia").await).await;
    let staying = Desktop::open(&site, &bruno).await;
    let began = Instant::now();
    assert_eq!(send(sofia.request(Method::DELETE, "/session")).await.0, 204);
    assert_eq!(leaving.closed_with().await, 4401);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    site.server.drain().await;
    assert_eq!(staying.closed_with().await, 1012);
    assert_eq!(other_session.closed_with().await, 1012, "the user's other session went on until then");
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_pages_strangers_and_hogs_are_refused() {
    let site = Site::start().await;
    let sofia = site.signed_in("sofia").await;
    let from = |origin: &str| {
        let mut request = request(&site, &sofia, "");
        request.headers_mut().insert("origin", origin.parse().expect("a header"));
        request
    };
    assert_eq!(refused_with(from("http://evil.example")).await, 403);
    assert_eq!(refused_with(from(&format!("http://{}", site.server.bound().http))).await, 101);
    assert_eq!(refused_with(request(&site, &site.stranger(), "")).await, 401);

    let mut loud = Desktop::open(&site, &sofia).await;
    loud.says("x".repeat(100_000)).await;
    loud.says("x".repeat(2 << 20)).await;
    assert_eq!(loud.closed_with().await, 0, "more than 1 MiB is not taken");

    let mut open = Vec::new();
    while open.len() < 14 {
        open.push(Desktop::open(&site, &sofia).await);
    }
    let bruno = Desktop::open(&site, &site.signed_in("bruno").await).await;
    open.push(Desktop::open(&site, &sofia).await);
    open.push(Desktop::open(&site, &sofia).await);
    assert_eq!(refused_with(request(&site, &sofia, "")).await, 503, "the seventeenth of one user");
    drop((open, bruno));
}
