//! A page's phone registers with a token of its agent's session instead of a password (RFC 8898).

use serde_json::json;

use super::{
    certificates::Authority,
    handset::{By, Handset},
};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn but_a_token_that_its_agent_s_page_is_given() {
    let authority = Authority::new();
    let site = Site::start_with(|config, setup| {
        config.tls = authority.tls();
        config.http.https = false;
        *setup = setup.replacen("typology = \"external\"", "typology = \"webrtc\"", 1);
    })
    .await;
    let anna = site.signed_in("anna").await;
    let bruno = site.signed_in("bruno").await;
    let wanted = json!({ "phone": "1001" });
    assert_eq!(bruno.post("/me/phone-token", &wanted).await.0, 403, "whose phone is on the desk");
    assert_eq!(anna.post("/me/phone-token", &json!({ "phone": "9999" })).await.0, 422);
    let (status, given) = anna.post("/me/phone-token", &wanted).await;
    assert_eq!((status, &given["phone"], &given["expires_in_s"]), (201, &json!("1001"), &json!(60)), "{given}");
    let token = format!("Authorization: Bearer {}\r\n", given["token"].as_str().expect("a token"));

    let http = site.server.bound().http;
    let mut phone = Handset::connect("1001", By::Ws, http, &authority).await;
    assert!(phone.ask("", None).await.starts_with("SIP/2.0 401"));
    assert!(phone.ask("", Some(&token)).await.starts_with("SIP/2.0 200"));
    anna.choose_phone("1001").await;
    let mut second = Handset::connect("1001", By::Ws, http, &authority).await;
    assert!(second.ask("", Some(&token)).await.starts_with("SIP/2.0 401"), "a token is good for one registration");
    assert_eq!(bruno.post("/me/phone-token", &wanted).await.0, 403);
}
