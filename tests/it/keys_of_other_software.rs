//! Keys of other software: made, used as far as their scopes reach, and taken back; threat 35.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{client::send, site::Site};

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
