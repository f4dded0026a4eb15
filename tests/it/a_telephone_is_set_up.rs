//! Telephones on the administrator's page: why one does not register, in words; settings for softphones, by hand or by a link that works once (Y3).

use std::net::{Ipv4Addr, SocketAddr};

use carillon_kit::phone::Phone;
use serde_json::{Value, json};

use crate::{
    client::{Client, eventually},
    site::Site,
};

async fn row(client: &Client, name: &str) -> Value {
    let (_, phones) = client.get("/phones").await;
    phones.as_array().and_then(|rows| rows.iter().find(|row| row["name"] == name)).cloned().unwrap_or_default()
}

/// A phone that tries to register, and what it is answered.
async fn tries(name: &str, password: &str, server: SocketAddr) -> (Phone, u16) {
    let phone = Phone::at(Ipv4Addr::LOCALHOST.into(), name, Some(password)).await;
    phone.knows(server);
    let response = phone.register(3600).await;
    (phone, response.status_code.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_until_the_right_one_comes() {
    let site = Site::start().await;
    let (admin, anna) = (site.signed_in("admin").await, site.signed_in("anna").await);
    assert_eq!(row(&admin, "1003").await["refused"], Value::Null);
    assert_eq!(tries("1003", "not-its-password", site.sip).await.1, 403);
    let refused =
        eventually("the refusal being told", async || Some(row(&admin, "1003").await["refused"].clone()).filter(Value::is_object)).await;
    assert_eq!((&refused["why"], &refused["from"]), (&json!("wrong_password"), &json!("127.0.0.1")));
    assert!(refused["at"].is_string());
    // Who guesses at a name there is none of is told of nowhere.
    assert_eq!(tries("nobody", "whatever", site.sip).await.1, 403);
    assert_eq!(row(&anna, "1003").await, Value::Null, "agents see the phones they may choose, and no errors");
    let _phone = Phone::registered("1003", site.sip).await;
    eventually("the phone being there", async || {
        let row = row(&admin, "1003").await;
        (row["registered"] == true && row["refused"].is_null()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_softphone_fetches_its_settings_once() {
    let site = Site::start().await;
    let (admin, stranger) = (site.signed_in("admin").await, site.stranger());
    let id = row(&admin, "1003").await["id"].as_str().expect("an id").to_owned();
    let provisioning = format!("/phones/{id}/provisioning");
    assert_eq!(site.signed_in("sofia").await.post(&provisioning, &json!({})).await.0, 403);
    let (status, told) = admin.post(&provisioning, &json!({})).await;
    assert_eq!((status, &told["user"], &told["realm"]), (201, &json!("1003"), &json!("carillon")), "{told}");
    assert_eq!(told["registrars"][0], json!({ "address": site.sip.to_string(), "transport": "udp" }));
    let password = told["password"].as_str().expect("a password");
    let path = told["path"].as_str().and_then(|path| path.strip_prefix("/api/v1")).expect("a path");
    let xml = stranger.request(reqwest::Method::GET, path).send().await.expect("an answer");
    assert_eq!((xml.status().as_u16(), xml.headers()["content-type"].to_str().ok()), (200, Some("application/xml; charset=utf-8")));
    let xml = xml.text().await.expect("a text");
    for part in [format!(">{password}<"), ">1003<".to_owned(), format!("sip:{};transport=udp", site.sip)] {
        assert!(xml.contains(&part), "{part} in {xml}");
    }
    assert_eq!(stranger.get(path).await.0, 404, "it works once");

    // The old password is worth nothing any more, the new one is.
    assert_eq!(tries("1003", "phone-1003", site.sip).await.1, 403);
    let (_phone, status) = tries("1003", password, site.sip).await;
    assert_eq!(status, 200);
    eventually("the phone being there", async || (row(&admin, "1003").await["registered"] == true).then_some(())).await;
    let (_, log) = admin.get(&format!("/audit?entity_id={id}")).await;
    assert_eq!(log["items"][0]["after"], json!({ "password": "changed" }));
}
