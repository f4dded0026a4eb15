//! A page's phone registers with a token of its agent's session instead of a password (RFC 8898).

use serde_json::json;

use super::{
    certificates::Authority,
    handset::{By, Handset},
};
use crate::{client::eventually, site::Site};

#[tokio::test(flavor = "multi_thread")]
async fn but_a_token_that_its_agent_s_page_is_given() {
    let authority = Authority::new();
    let secret = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret.path(), "north\n").expect("a secret");
    let site = Site::start_with(|config, setup| {
        config.tls = authority.tls();
        config.http.https = false;
        config.turn.urls = vec!["turn:turn.example:3478".to_owned()];
        config.turn.turn_secret_file = secret.path().to_owned();
        *setup = setup.replacen("typology = \"external\"", "typology = \"webrtc\"", 1);
    })
    .await;
    let anna = site.signed_in("anna").await;
    let bruno = site.signed_in("bruno").await;
    assert_eq!(bruno.post("/me/phone-token", &json!({})).await.0, 403, "whose phone is on the desk");
    let (status, given) = anna.post("/me/phone-token", &json!({})).await;
    assert_eq!((status, &given["phone"], &given["expires_in_s"]), (201, &json!("201"), &json!(60)), "{given}");
    let relay = &given["ice_servers"][0];
    assert_eq!(relay["urls"], json!(["turn:turn.example:3478"]));
    assert!(relay["username"].as_str().is_some_and(|name| name.ends_with(":anna")) && relay["credential"].is_string(), "{given}");
    let token = format!("Authorization: Bearer {}\r\n", given["token"].as_str().expect("a token"));
    assert_eq!(anna.put("/session/phone", &json!({})).await.0, 422, "the page has not registered");

    let http = site.server.bound().http;
    let mut phone = Handset::connect("201", By::Ws, http, &authority).await;
    assert!(phone.ask("", None).await.starts_with("SIP/2.0 401"));
    assert!(phone.ask("", Some(&token)).await.starts_with("SIP/2.0 200"));
    assert_eq!(bruno.put("/session/phone", &json!({ "phone": "201" })).await.0, 422, "a page is no desk for others");
    assert_eq!(anna.put("/session/phone", &json!({ "phone": "1001" })).await.0, 422, "nor a desk's telephone her page");
    let (status, me) = anna.put("/session/phone", &json!({})).await;
    assert_eq!((status, &me["agent"]["state"], &me["agent"]["phone"]), (200, &json!("available"), &json!("201")), "{me}");
    let mut second = Handset::connect("201", By::Ws, http, &authority).await;
    assert!(second.ask("", Some(&token)).await.starts_with("SIP/2.0 401"), "a token is good for one registration");

    drop((phone, second));
    eventually("her page being gone", async || (anna.get("/me").await.1["agent"]["state"] == "unreachable").then_some(())).await;
}
