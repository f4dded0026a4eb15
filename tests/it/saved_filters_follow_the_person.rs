//! I1, K6: the filters that somebody saved are there at every desktop, are nobody else's, and are bounded.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Client, send},
    site::Site,
};

async fn save(client: &Client, list: &str, filters: &Value) -> (u16, Value) {
    send(client.request(Method::PUT, &format!("/me/filters/{list}")).json(filters)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn they_follow_the_person() {
    let site = Site::start().await;
    let here = site.signed_in("sofia").await;
    assert_eq!(here.get("/me/filters").await, (200, json!({})));
    let mine = json!([{ "name": "Long ones", "search": { "q": "02 555", "sort": "talk_ms", "desc": true } }]);
    assert_eq!(save(&here, "calls", &mine).await.0, 204);
    let other = json!([{ "name": "Sales", "search": { "queue": "sales" } }]);
    assert_eq!(save(&here, "recordings", &other).await.0, 204);
    // Another desktop, another day.
    let there = site.signed_in("sofia").await;
    assert_eq!(there.get("/me/filters").await, (200, json!({ "calls": mine, "recordings": other })));
    assert_eq!(save(&there, "calls", &json!([])).await.0, 204);
    assert_eq!(here.get("/me/filters").await.1, json!({ "calls": [], "recordings": other }));
    let admin = site.signed_in("admin").await;
    assert_eq!(admin.get("/me/filters").await, (200, json!({})), "they are nobody else's");

    assert_eq!(save(&here, "users", &mine).await.0, 404);
    let one = |name: &str, field: &str, value: &str| json!([{ "name": name, "search": { field: value } }]);
    let many: Vec<Value> = (0..21).map(|n| json!({ "name": format!("{n}"), "search": {} })).collect();
    let fields: serde_json::Map<String, Value> = (0..21).map(|n| (format!("{n}"), json!(true))).collect();
    for wrong in [
        json!(many),
        one(" ", "q", "1"),
        one(&"x".repeat(41), "q", "1"),
        one("x", "q", &"1".repeat(201)),
        one("x", &"q".repeat(41), "1"),
        json!([{ "name": "x", "search": fields }]),
        json!([{ "name": "x", "search": { "q": 1 } }]),
        json!({}),
    ] {
        assert_eq!(save(&here, "recordings", &wrong).await.0, 422, "{wrong}");
    }
    assert_eq!(here.get("/me/filters").await.1["recordings"], other);
}
