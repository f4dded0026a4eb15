//! Keys of other software: made, used as far as their scopes reach, and taken back; threat 35.

use carillon_kit::PATIENCE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    client::{Client, eventually, send},
    desktop::Desktop,
    site::Site,
};

/// Other software with a key of one scope, and the key's id.
async fn software(site: &Site, user: &str, scope: &str) -> (Client, String) {
    let admin = site.signed_in("admin").await;
    let (status, made) = admin.post("/api-keys", &json!({ "name": scope, "user": user, "scopes": [scope] })).await;
    assert_eq!(status, 201, "{made}");
    let text = |name: &str| made[name].as_str().expect("text").to_owned();
    (Client::with_token(site.server.bound().http, &text("secret")), text("id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn reach_as_far_as_their_scopes_and_their_user() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let admin = site.signed_in("admin").await;
    let new = json!({ "name": "CRM", "user": "anna", "scopes": ["make_calls"] });
    let (status, made) = admin.post("/api-keys", &new).await;
    assert_eq!(status, 201, "{made}");
    let (secret, id) = (made["secret"].as_str().expect("a secret").to_owned(), made["id"].as_str().expect("an id").to_owned());
    let hint = made["hint"].as_str().expect("a hint");
    assert!(secret.starts_with(hint) && secret.len() > 64, "{secret}");
    let as_crm = |method: Method, path: &str| -> RequestBuilder { site.stranger().request(method, path).bearer_auth(&secret) };

    let (status, call) = send(as_crm(Method::POST, "/calls").json(&json!({ "number": "1003" }))).await;
    assert_eq!(status, 202, "{call}");
    let invite = anna.phone.incoming_call().await;
    invite.refuse("603 Decline").await;
    for (method, path) in [
        (Method::GET, "/calls"),
        (Method::GET, "/me"),
        (Method::POST, "/me/pause"),
        (Method::POST, "/calls/00000000-0000-7000-8000-000000000000/hold"),
        (Method::GET, "/users"),
        (Method::GET, "/api-keys"),
        (Method::DELETE, "/session"),
        (Method::POST, "/session/desktop-link"),
        (Method::PUT, "/session/phone"),
    ] {
        let (status, problem) = send(as_crm(method.clone(), path).json(&json!({}))).await;
        assert_eq!((status, &problem["type"]), (403, &json!("not_in_scope")), "{method} {path}: {problem}");
    }
    // The secret is shown once; the list and the audit log know the key by its beginning.
    for path in ["/api-keys", "/audit"] {
        let (status, shown) = admin.get(path).await;
        assert_eq!(status, 200);
        assert!(shown.to_string().contains("CRM") && !shown.to_string().contains(&secret), "{path}: {shown}");
    }
    let (_, keys) = admin.get("/api-keys").await;
    assert_eq!((&keys[0]["user"], &keys[0]["scopes"]), (&json!("anna"), &json!(["make_calls"])));
    assert!(keys[0]["last_used_at"].is_string() && keys[0]["revoked_at"].is_null(), "{keys}");

    assert_eq!(send(admin.request(Method::DELETE, &format!("/api-keys/{id}"))).await.0, 204);
    assert_eq!(send(admin.request(Method::DELETE, &format!("/api-keys/{id}"))).await.0, 404);
    let (status, _) = send(as_crm(Method::POST, "/calls").json(&json!({ "number": "1003" }))).await;
    assert_eq!(status, 401, "taken back");
    let (_, log) = admin.get("/audit").await;
    let entries: Vec<&Value> = log["items"].as_array().expect("entries").iter().filter(|entry| entry["entity"] == "api_key").collect();
    assert_eq!(entries.len(), 2, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn are_refused_where_a_field_is_wrong() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    for (body, field) in [
        (json!({ "name": " ", "user": "anna", "scopes": ["read"] }), "name"),
        (json!({ "name": "x", "user": "nobody", "scopes": ["read"] }), "user"),
        (json!({ "name": "x", "user": "anna", "scopes": [] }), "scopes"),
    ] {
        let (status, problem) = admin.post("/api-keys", &body).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)), "{problem}");
    }
    assert_eq!(admin.post("/api-keys", &json!({ "name": "x", "user": "anna", "scopes": ["everything"] })).await.0, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn do_what_their_one_scope_names_and_nothing_else() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let (reads, _) = software(&site, "anna", "read").await;
    let (sets, _) = software(&site, "anna", "state").await;
    let (controls, _) = software(&site, "anna", "control_calls").await;
    let (of_bruno, _) = software(&site, "bruno", "control_calls").await;
    let nothing = json!({});

    assert_eq!(sets.post("/me/pause", &nothing).await.0, 200);
    assert_eq!(reads.get("/me").await.1["agent"]["state"], "paused");
    assert_eq!(sets.post("/me/resume", &nothing).await.0, 200);
    assert_eq!(anna.api.get("/me").await.1["agent"]["state"], "available");

    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut own = anna.phone.rings().await;
    own.answer().await;
    anna.is("talking").await;
    let call = reads.get("/me").await.1["agent"]["call"].as_str().expect("a call").to_owned();
    // It is hers as soon as its record says so.
    eventually("the call being hers", async || (reads.get(&format!("/calls/{call}")).await.0 == 200).then_some(())).await;
    let order = |what: &str| format!("/calls/{call}/{what}");
    assert_eq!(of_bruno.post(&order("hold"), &nothing).await.0, 404, "it reaches no further than its user");
    for (what, client, path) in [
        ("reads", &reads, "/me/pause".to_owned()),
        ("reads", &reads, order("hold")),
        ("sets", &sets, order("hold")),
        ("controls", &controls, "/me/pause".to_owned()),
        ("controls", &controls, "/calls".to_owned()),
    ] {
        let (status, problem) = client.post(&path, &nothing).await;
        assert_eq!((status, &problem["type"]), (403, &json!("not_in_scope")), "who {what}: {path}: {problem}");
    }
    for (what, client) in [("sets", &sets), ("controls", &controls)] {
        assert_eq!(client.get("/me").await.1["type"], "not_in_scope", "who {what}");
    }
    for (what, done) in [("hold", 204), ("resume", 204), ("hang-up", 202)] {
        assert_eq!(controls.post(&order(what), &nothing).await.0, done, "{what}");
    }
    caller.is_ended().await;
    own.is_ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_the_live_stream_for_as_long_as_they_stand() {
    let site = Site::start_with(|config, _| config.limits.stream_check_s = 1).await;
    let anna = site.agent("anna", "1001").await;
    let (reads, id) = software(&site, "anna", "read").await;
    let mut stream = Desktop::open(&site, &reads).await;
    // The heart beats every five seconds: by then it was asked four times whether the key stands.
    stream.hears("heartbeat", |_| true).await;
    assert_eq!(anna.api.post("/me/pause", &json!({})).await.0, 200);
    stream.hears("agent.changed", |row| row["login"] == "anna" && row["state"] == "paused").await;

    // What ends without a word to this server is found by asking.
    let db = carillon_store::Db::open(&site.database()).await.expect("the database");
    let mut write = db.write().await.expect("a database");
    let id = carillon_model::ApiKeyId::new(id.parse().expect("an id"));
    assert!(carillon_store::api_key::revoke(&mut write, id, jiff::Timestamp::now()).await.expect("a write"));
    write.commit().await.expect("a write");
    assert_eq!(stream.closed_with().await, 4401);
}

#[tokio::test(flavor = "multi_thread")]
async fn are_cut_off_the_live_stream_when_taken_back_and_not_when_people_sign_out() {
    let site = Site::start().await;
    let anna = site.agent("anna", "1001").await;
    let (reads, id) = software(&site, "anna", "read").await;
    let mut stream = Desktop::open(&site, &reads).await;
    let page = Desktop::open(&site, &anna.api).await;
    let me = anna.api.get("/me").await.1["id"].clone();
    let sofia = site.signed_in("sofia").await;
    assert_eq!(sofia.post(&format!("/agents/{}/log-out", me.as_str().expect("an id")), &json!({})).await.0, 200);
    assert_eq!(page.closed_with().await, 4401);
    stream.hears("agent.changed", |row| row["login"] == "anna" && row["state"] == "logged_out").await;

    let admin = site.signed_in("admin").await;
    assert_eq!(admin.delete(&format!("/api-keys/{id}")).await.0, 204);
    // It is not asked before a minute is over.
    assert_eq!(timeout(PATIENCE, stream.closed_with()).await.expect("at once"), 4401);
}
