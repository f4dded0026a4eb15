//! Threats 31, 37 and 38 on the running server, each by its number.

use reqwest::Method;
use serde_json::json;

use crate::{
    client::{Client, eventually, send},
    desktop::Desktop,
    site::{PASSWORD, Site},
};

#[tokio::test(flavor = "multi_thread")]
async fn threat_31_no_path_leads_out_of_the_recordings() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    for id in ["..%2f..%2fcarillon.db", "..%5c..", "%2fetc%2fpasswd", "%00", "a", "....//"] {
        for what in ["recordings", "calls"] {
            for tail in ["", "/audio", "/sip.pcap"] {
                let (status, _) = send(admin.request(Method::GET, &format!("/{what}/{id}{tail}"))).await;
                assert_eq!(status, 404, "/{what}/{id}{tail}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_37_a_session_is_new_at_each_sign_in_and_a_foreign_page_uses_none() {
    let site = Site::start().await;
    let sign_in = async |cookie: &str| {
        let request = site.stranger().request(Method::POST, "/session").header("Cookie", cookie.to_owned());
        let response = request.json(&json!({ "login": "sofia", "password": PASSWORD })).send().await.expect("an answer");
        response.headers()["set-cookie"].to_str().expect("text").to_owned()
    };
    let fixed = "carillon_session=0123456789abcdef0123456789abcdef";
    let (first, second) = (sign_in(fixed).await, sign_in(fixed).await);
    let value = |cookie: &str| cookie.split(';').next().expect("a value").to_owned();
    assert!(value(&first) != value(&second) && value(&first) != fixed, "a new id each time");
    assert!(first.contains("HttpOnly") && first.contains("SameSite=Strict"), "{first}");
    let (status, _) = send(site.stranger().request(Method::GET, "/me").header("Cookie", fixed)).await;
    assert_eq!(status, 401, "what somebody fixed before opens nothing");
    for (method, path) in [(Method::POST, "/reload"), (Method::DELETE, "/session"), (Method::POST, "/calls")] {
        let request = site.stranger().request(method, path).header("Cookie", value(&first)).header("Origin", "https://evil.example");
        assert_eq!(send(request.json(&json!({ "number": "1001" }))).await.0, 401, "{path} by another site's page");
    }
    let sofia = site.signed_in("sofia").await;
    let desk = Desktop::open(&site, &sofia).await;
    assert_eq!(send(sofia.request(Method::DELETE, "/session")).await.0, 204);
    // Within its patience, which is longer than the two seconds a desktop may stay.
    desk.closed_with().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_38_the_eleventh_guess_waits_and_nobody_else_does() {
    let site = Site::start().await;
    let guess = async |login: &str, password: &str| {
        let body = json!({ "login": login, "password": password });
        let response = site.stranger().request(Method::POST, "/session").json(&body).send().await.expect("an answer");
        let wait = response.headers().get("retry-after").and_then(|wait| wait.to_str().ok()?.parse::<u64>().ok());
        (response.status().as_u16(), wait)
    };
    for _ in 0..10 {
        assert_eq!(guess("anna", "wrong-password").await.0, 401);
    }
    let (status, wait) = guess("anna", PASSWORD).await;
    assert_eq!(status, 429, "even the right one");
    assert!(wait.is_some_and(|wait| (1..=15 * 60 + 1).contains(&wait)), "{wait:?}");
    let mut bruno: Client = site.stranger();
    bruno.sign_in("bruno", PASSWORD).await;
    eventually("nobody else being locked out", async || (bruno.get("/me").await.0 == 200).then_some(())).await;
}
