//! Z3: an administrator keeps somebody out for the time being: signed out everywhere, not rung, refused at every door, with everything still set up.

use carillon_kit::phone::status;
use serde_json::json;

use crate::{
    client::{Client, eventually},
    desktop::Desktop,
    site::{PASSWORD, Site},
};

#[tokio::test(flavor = "multi_thread")]
async fn everywhere_at_once_and_back_again_as_before() {
    let site = Site::start().await;
    let (anna, bruno) = (site.agent("anna", "1001").await, site.agent("bruno", "1002").await);
    let admin = site.signed_in("admin").await;
    let (_, key) = admin.post("/api-keys", &json!({ "name": "CRM", "user": "anna", "scopes": ["read"] })).await;
    let software = Client::with_token(site.server.bound().http, key["secret"].as_str().expect("a key"));
    let desktop = Desktop::open(&site, &anna.api).await;
    let (_, page) = admin.get("/users").await;
    let id = page["items"].as_array().and_then(|rows| rows.iter().find(|row| row["login"] == "anna")).expect("Anna")["id"].clone();
    let path = format!("/users/{}", id.as_str().expect("an id"));
    let change = async |disabled: bool| {
        let (_, now) = admin.get(&path).await;
        let (status, changed) = admin.put(&path, &json!({ "version": now["version"], "disabled": disabled })).await;
        assert_eq!((status, &changed["disabled"]), (200, &json!(disabled)), "{changed}");
    };
    change(true).await;

    assert_eq!(desktop.closed_with().await, 4401);
    assert_eq!((anna.api.get("/me").await.0, software.get("/calls").await.0), (401, 401));
    let enter = async |password: &str| {
        let (status, said) = site.stranger().post("/session", &json!({ "login": "anna", "password": password })).await;
        (status, said["type"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(enter("not it").await, (401, "wrong_credentials".to_owned()), "a stranger does not learn it");
    assert_eq!(enter(PASSWORD).await, (403, "account_disabled".to_owned()));
    let (_, colleagues) = bruno.api.get("/targets").await;
    assert_eq!(colleagues["agents"], json!([]), "{colleagues}");
    let mut call = bruno.phone.dial("201").await;
    assert!(status(&call.final_response().await) >= 400, "her number rings nowhere");

    change(false).await;
    let again = site.agent("anna", "1001").await;
    eventually("the agent being available", async || (again.api.get("/me").await.1["agent"]["state"] == "available").then_some(())).await;
    assert_eq!(software.get("/calls").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn but_not_oneself_and_not_the_last_who_can_set_things_up() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    let me = admin.get("/me").await.1["id"].clone();
    let own = format!("/users/{}", me.as_str().expect("an id"));
    let (status, problem) = admin.put(&own, &json!({ "version": 1, "disabled": true })).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("disabled")), "{problem}");
    // A page that was left open is not enough to take the account over.
    let (status, problem) = admin.put(&own, &json!({ "version": 1, "password": "another-1" })).await;
    assert_eq!((status, &problem["type"], &problem["errors"][0]["field"]), (409, &json!("own_password"), &json!("password")), "{problem}");
    site.signed_in("admin").await;
    let other = json!({ "login": "second", "name": "Second", "role": "admin", "password": PASSWORD, "disabled": true });
    let (status, other) = admin.post("/users", &other).await;
    assert_eq!(status, 201, "{other}");
    // Who is kept out does not count.
    assert_eq!(admin.delete(&own).await.1["type"], "last_admin");
}
