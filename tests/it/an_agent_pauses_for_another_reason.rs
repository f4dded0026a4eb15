//! B4, B5: another reason for a pause closes one interval and opens another, in the journal and on every desktop; the same reason again is none.

use serde_json::{Value, json};

use crate::{desktop::Desktop, site::Site};

#[tokio::test(flavor = "multi_thread")]
async fn and_each_interval_has_its_own_beginning() {
    let site = Site::start_with(|_, setup| setup.push_str("\n[[pause_reason]]\nname = \"lunch\"\nlabel = \"Lunch\"\n")).await;
    let anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let mut wall = Desktop::open(&site, &sofia).await;
    let since = async || anna.api.get("/me").await.1["agent"]["since"].clone();
    assert_eq!(anna.api.post("/me/pause", &json!({ "reason": "lunch" })).await.1["agent"]["pause"], "lunch");
    let first = since().await;
    // The same reason again: the interval goes on.
    assert_eq!(anna.api.post("/me/pause", &json!({ "reason": "lunch" })).await.0, 200);
    assert_eq!(since().await, first);
    // Another: it ends, and one begins.
    assert_eq!(anna.api.post("/me/pause", &json!({ "reason": "break" })).await.1["agent"]["pause"], "break");
    assert!(since().await.as_str() > first.as_str(), "a new interval begins now");
    assert_eq!(anna.api.post("/me/resume", &json!({})).await.1["agent"]["state"], "available");

    let pauses = site.signed_in("admin").await.get("/pauses").await.1;
    let id = |name: &str| pauses.as_array().and_then(|rows| rows.iter().find(|row| row["name"] == name)).expect("a pause")["id"].clone();
    // What is told of the sign-in may come only now.
    wall.hears("agent.state", |data| data["pause"] == id("break")).await;
    wall.hears("agent.state", |data| data["state"] == "available").await;
    let told = wall.heard.iter().filter(|message| message["type"] == "agent.state").map(|message| message["data"]["pause"].clone());
    assert_eq!(
        told.skip_while(Value::is_null).collect::<Vec<_>>(),
        [id("lunch"), id("break"), json!(null)],
        "the facts that reports are made of"
    );
}
