//! F3, F4, F5, B13, Y1, Z3: what an agent is not shown the server does not do for the agent either, from the next request on; an alias stands in place of the name.

use carillon_kit::phone::{Invite, header};
use serde_json::{Value, json};

use crate::{client::Client, desktop::Desktop, site::Site};

/// Changes what makes Anna an agent.
async fn change(admin: &Client, agent: Value) -> Value {
    let (_, users) = admin.get("/users").await;
    let anna = users["items"].as_array().and_then(|rows| rows.iter().find(|row| row["login"] == "anna")).expect("anna").clone();
    let path = format!("/users/{}", anna["id"].as_str().expect("an id"));
    let (status, changed) = admin.put(&path, &json!({ "version": anna["version"], "agent": agent })).await;
    assert_eq!(status, 200, "{changed}");
    changed
}

#[tokio::test(flavor = "multi_thread")]
async fn and_nothing_else_from_the_next_request_on() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    let anna = site.agent("anna", "1001").await;
    let mut desk = Desktop::open(&site, &anna.api).await;
    assert_eq!(anna.api.get("/me").await.1["agent"]["parts"], Value::Null, "everything, and what comes later");
    for path in ["/calls", "/recordings", "/abandoned-calls"] {
        assert_eq!(anna.api.get(path).await.0, 200, "{path}");
    }
    let changed = change(&admin, json!({ "parts": ["calls", "language", "numbers"] })).await;
    assert_eq!((&changed["agent"]["parts"], &changed["agent"]["number"]), (&json!(["calls", "language", "numbers"]), &json!("201")));
    // The open desktop is told, and asks anew who it is.
    desk.hears("setup.changed", |_| true).await;
    assert_eq!(anna.api.get("/me").await.1["agent"]["parts"], json!(["calls", "language", "numbers"]));
    assert_eq!(anna.api.get("/calls").await.0, 200);
    let nobody = "019aa000-0000-7000-8000-000000000000";
    for path in ["/recordings", "/abandoned-calls", &format!("/recordings/{nobody}"), &format!("/recordings/{nobody}/audio")] {
        let (status, problem) = anna.api.get(path).await;
        assert_eq!((status, &problem["type"]), (403, &json!("not_shown")), "{path}");
    }
    assert_eq!(anna.api.put(&format!("/abandoned-calls/{nobody}/reservation"), &json!({})).await.1["type"], "not_shown");
    assert_eq!(anna.api.post("/me/pause", &json!({})).await.1["type"], "not_shown");
    // The telephone is no way round: what it says of it comes after it was done.
    let mut call = anna.phone.dial("*47").await;
    call.is_answered().await;
    call.is_ended().await;
    assert_eq!(anna.api.get("/me").await.1["agent"]["state"], "available");
    assert_eq!(admin.get("/recordings").await.0, 200, "who supervises is shown everything");
    let changed = change(&admin, json!({ "parts": null })).await;
    assert_eq!(changed["agent"]["parts"], Value::Null);
    assert_eq!(anna.api.post("/me/pause", &json!({})).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_and_those_who_are_called_see_the_alias() {
    let route = "\n[[outbound_route]]\nprefix = \"+39\"\ntrunk = \"lab\"\n";
    let mut site = Site::start_with(|_, setup| setup.push_str(route)).await;
    let admin = site.signed_in("admin").await;
    let mut anna = site.agent("anna", "1001").await;
    change(&admin, json!({ "alias": "Agent Seven" })).await;
    let bruno = site.signed_in("bruno").await;
    let (_, targets) = bruno.get("/targets").await;
    assert_eq!(targets["agents"][0]["name"], "Agent Seven", "{targets}");
    let sofia = site.signed_in("sofia").await;
    let (_, agents) = sofia.get("/agents").await;
    assert!(agents.to_string().contains("Anna Rossi"), "a supervisor knows who it is: {agents}");
    assert_eq!(anna.api.post("/calls", &json!({ "number": "+39021234567" })).await.0, 202);
    let mut own = anna.phone.rings().await;
    own.answer().await;
    let mut other = site.trunk.rings().await;
    let invite = other.invitation().expect("an INVITE");
    assert!(header(invite, "From").is_some_and(|from| from.contains("Agent Seven")), "{invite}");
    assert!(!invite.to_string().contains("Anna"), "{invite}");
    other.answer().await;
    other.hang_up().await;
    own.is_ended().await;

    // By the keypad as well, whatever name the telephone sends.
    anna.is("available").await;
    let call = anna.phone.invite(Invite::to("+39021234567").named("Anna Rossi")).await;
    let other = site.trunk.incoming_call().await;
    let invite = other.invitation().expect("an INVITE");
    assert!(header(invite, "From").is_some_and(|from| from.contains("Agent Seven")), "{invite}");
    assert!(!invite.to_string().contains("Anna"), "{invite}");
    other.refuse("486 Busy Here").await;
    drop(call);
}
