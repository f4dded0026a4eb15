//! Z3, Z1: an agent begins with a pause, by the own wish or as an administrator set it, and pauses in single queues, which outlives a restart of
//! the page and is seen by supervisors and in the journal.

use carillon_kit::phone::Phone;
use serde_json::{Value, json};

use crate::{desktop::Desktop, site::Site};

#[tokio::test(flavor = "multi_thread")]
async fn no_queue_sees_who_begins_paused_as_free() {
    let site = Site::start().await;
    let _desk = Phone::registered("1001", site.sip).await;
    let (anna, sofia) = (site.signed_in("anna").await, site.signed_in("sofia").await);
    let mut seen = Desktop::open(&site, &sofia).await;

    let refused = anna.put("/session/phone", &json!({ "phone": "1001", "paused": true, "reason": "siesta" })).await;
    assert_eq!(refused.0, 422, "there is no such pause: {}", refused.1);
    let (status, me) = anna.put("/session/phone", &json!({ "phone": "1001", "paused": true, "reason": "break" })).await;
    assert_eq!((status, &me["agent"]["state"], &me["agent"]["pause"]), (200, &json!("paused"), &json!("break")), "{me}");
    let is_hers = |data: &Value| data["agent"] == me["id"];
    let first = seen.hears("agent.state", is_hers).await;
    assert_eq!(first["state"], "paused", "nobody ever saw her free");
    anna.delete("/session").await;

    // As an administrator set it, and otherwise if she wishes so.
    let admin = site.signed_in("admin").await;
    let path = format!("/users/{}", me["id"].as_str().expect("an id"));
    let (_, mut hers) = admin.get(&path).await;
    hers["agent"]["logs_in_paused"] = json!(true);
    assert_eq!(admin.put(&path, &hers).await.0, 200);
    for (wish, state) in [(json!({ "phone": "1001" }), "paused"), (json!({ "phone": "1001", "paused": false }), "available")] {
        let anna = site.signed_in("anna").await;
        let (status, me) = anna.put("/session/phone", &wish).await;
        assert_eq!((status, &me["agent"]["state"]), (200, &json!(state)), "{me}");
        assert_eq!(me["agent"]["logs_in_paused"], true);
        anna.delete("/session").await;
    }

    // Who may not pause begins no pause.
    let (_, mut hers) = admin.get(&path).await;
    hers["agent"]["parts"] = json!(["calls"]);
    assert_eq!(admin.put(&path, &hers).await.0, 200);
    let anna = site.signed_in("anna").await;
    let (status, problem) = anna.put("/session/phone", &json!({ "phone": "1001", "paused": true })).await;
    assert_eq!((status, &problem["type"]), (403, &json!("not_shown")));
    assert_eq!(anna.put("/session/phone", &json!({ "phone": "1001" })).await.1["agent"]["state"], "paused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_pauses_in_one_queue_and_takes_calls_of_the_other() {
    let both = |setup: &mut String| {
        *setup = setup.replace(r#"members = [{ agent = "bruno" }]"#, r#"members = [{ agent = "anna" }, { agent = "bruno" }]"#)
    };
    let site = Site::start_with(|_, setup| both(setup)).await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let (mut seen, mut own) = (Desktop::open(&site, &sofia).await, Desktop::open(&site, &anna.api).await);
    let (_, queues) = anna.api.get("/queues").await;
    let names: Vec<String> =
        queues.as_array().expect("queues").iter().filter_map(|queue| Some(queue["name"].as_str()?.to_owned())).collect();
    assert!(names.len() > 1 && names.contains(&"sales".to_owned()), "{names:?}");

    let (status, me) = anna.api.post("/me/queues/sales/pause", &json!({ "reason": "break" })).await;
    assert_eq!((status, &me["agent"]["state"]), (200, &json!("available")), "{me}");
    assert_eq!(me["agent"]["paused_in"], json!([{ "queue": "sales", "pause": "break" }]));
    for desktop in [&mut seen, &mut own] {
        desktop.hears("agent.queue_paused", |fact| fact["agent"] == me["id"]).await;
        desktop.hears("agent.changed", |row| row["paused_in"][0]["queue"] == "sales").await;
        desktop.hears("queue.changed", |row| row["queue"]["name"] == "sales" && row["queue"]["agents"]["paused"] == 1).await;
    }
    assert_eq!(anna.api.post("/me/queues/nowhere/pause", &json!({})).await.0, 404);

    // A caller of that queue waits; she resumes there and is rung.
    let caller = site.trunk.dial("5001").await;
    seen.hears("call.queued", |_| true).await;
    anna.is("available").await;
    let path = format!("/agents/{}/queues/sales/resume", me["id"].as_str().expect("an id"));
    let (status, row) = sofia.post(&path, &json!({})).await;
    assert_eq!((status, &row["paused_in"]), (200, &json!([])), "{row}");
    let _rung = anna.phone.rings().await;
    assert_eq!(sofia.post(&path, &json!({})).await.0, 409, "she is paused there no more");
    drop(caller);
}
