//! Who listened to which recording, and who downloaded it, is in the audit log; the many requests of one player are one entry (K1, K5).

use reqwest::Method;
use serde_json::{Value, json};

use crate::{client::Client, site::Site};

#[tokio::test(flavor = "multi_thread")]
async fn once_for_each_listening_on_sqlite() {
    audited(Site::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_for_each_listening_on_postgresql() {
    let url = carillon_kit::postgres::new_database();
    audited(Site::start_with(|config, _| config.database.url = url).await).await;
}

async fn audited(site: Site) {
    let mut anna = site.agent("anna", "1001").await;
    let record = site.a_talk_with(&mut anna).await;
    let recording = record["recordings"][0]["recording"].as_str().expect("an id").to_owned();
    let audio = format!("/recordings/{recording}/audio");
    let (sofia, admin, bruno) = (site.signed_in("sofia").await, site.signed_in("admin").await, site.signed_in("bruno").await);

    assert_eq!(asked(&bruno, Method::GET, &audio, None).await, 404, "not his: he heard nothing");
    assert_eq!(asked(&sofia, Method::HEAD, &audio, None).await, 200, "how long it is was asked, no more");
    assert_eq!(asked(&sofia, Method::GET, &audio, Some("bytes=99999999-")).await, 416);
    assert_eq!(listened(&admin, &recording).await, Vec::<Value>::new());

    // A player: the head, then part after part.
    for range in ["bytes=0-43", "bytes=0-", "bytes=1000-1999", "bytes=2000-"] {
        assert_eq!(asked(&sofia, Method::GET, &audio, Some(range)).await, 206, "{range}");
    }
    assert_eq!(asked(&anna.api, Method::GET, &audio, None).await, 200);
    let saved = sofia.request(Method::GET, &format!("{audio}?download=true")).send().await.expect("an answer");
    let disposition = saved.headers()["content-disposition"].to_str().expect("text").to_owned();
    assert!(saved.status() == 200 && disposition.starts_with("attachment;"), "{disposition}");
    assert_eq!(asked(&sofia, Method::GET, &format!("{audio}?faster=true"), None).await, 422, "nothing else can be asked for");

    let number = format!("#{}", record["number"]);
    let told = |by: &str, by_name: &str, action: &str| json!([by, by_name, action, number]);
    let wanted = [told("anna", "Anna", "listen"), told("sofia", "Sofia", "download"), told("sofia", "Sofia", "listen")];
    assert_eq!(listened(&admin, &recording).await, wanted);
    site.server.drain().await;
}

async fn asked(client: &Client, method: Method, path: &str, range: Option<&str>) -> u16 {
    let request = client.request(method, path);
    let request = range.into_iter().fold(request, |request, range| request.header("Range", range));
    request.send().await.expect("an answer").status().as_u16()
}

async fn listened(admin: &Client, recording: &str) -> Vec<Value> {
    let (status, log) = admin.get(&format!("/audit?entity=recording&entity_id={recording}&order=asc")).await;
    assert_eq!(status, 200, "{log}");
    let items = log["items"].as_array().expect("items").iter();
    let mut told: Vec<Value> =
        items.map(|entry| json!([entry["by"], entry["by_name"].as_str().map(first), entry["action"], entry["name"]])).collect();
    // Two of one millisecond stand in no order.
    told.sort_by_key(Value::to_string);
    told
}

fn first(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}
