//! HTTPS with a certificate that may be renewed while the server runs, cookies that leave by nothing else, and whom a proxy speaks for
//! (threats 39, 47, 59).

use std::fs;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::certificates::Authority;
use crate::{
    client::Client,
    site::{PASSWORD, Site},
};

const SIGN_IN: &str = "{\"login\":\"admin\",\"password\":\"in-the-tests\"}";

/// One request over TLS; the whole answer.
async fn ask(authority: &Authority, site: &Site, method: &str, path: &str, more: &str, body: &str) -> String {
    let at = site.server.bound().http;
    let mut stream = authority.connect(at).await;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {at}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    // A server that closes without TLS's word for it has said all the same.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn secured(authority: &Authority) -> Site {
    Site::start_with(|config, _| {
        config.tls = authority.tls();
        config.http.https = true;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_https_is_secure_and_one_of_http_is_not() {
    let authority = Authority::new();
    let site = secured(&authority).await;
    let answer = ask(&authority, &site, "POST", "/api/v1/session", "", SIGN_IN).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(answer.contains("SameSite=Strict; Max-Age=43200; Secure\r\n"), "{answer}");

    let plain = Site::start().await;
    assert!(!cookie(&plain.stranger(), &[]).await.contains("Secure"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_up_and_a_bad_one_leaves_the_old() {
    let authority = Authority::new();
    authority.certify("first");
    let site = secured(&authority).await;
    let at = site.server.bound().http;
    assert_eq!(authority.shown(at).await, "first");
    let complaint = async || {
        let page = ask(&authority, &site, "GET", "/metrics", "", "").await;
        page.lines().find_map(|line| line.strip_prefix("carillon_certificate_refused ")).map(str::to_owned)
    };

    authority.certify("second");
    site.server.reload().await.expect("taken up");
    assert_eq!(authority.shown(at).await, "second");

    fs::write(authority.path("certificate.pem"), "half of a fi").expect("a file");
    site.server.reload().await.expect("what the database holds is taken up all the same");
    assert_eq!(authority.shown(at).await, "second");
    assert_eq!(complaint().await.as_deref(), Some("1"), "an alarm");

    authority.certify("third");
    site.server.reload().await.expect("taken up");
    assert_eq!(authority.shown(at).await, "third");
    assert_eq!(complaint().await.as_deref(), Some("0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_says_who_asks_and_how() {
    let behind = Site::start_with(|config, _| config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")]).await;
    let https = [("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-Proto", "https")];
    assert!(cookie(&behind.stranger(), &https).await.contains("; Secure"));
    assert_eq!(metrics(&behind, &https).await, 403, "the client is another machine");
    assert_eq!(metrics(&behind, &[]).await, 200);

    let direct = Site::start().await;
    assert!(!cookie(&direct.stranger(), &https).await.contains("Secure"), "nobody asked for this proxy's word");
    assert_eq!(metrics(&direct, &https).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_behind_a_proxy_count_against_the_guesser() {
    let site = Site::start_with(|config, _| config.http.trusted_proxies = vec!["127.0.0.1".parse().expect("a network")]).await;
    let from = async |client: &str, password: &str| {
        let request = site.stranger().request(reqwest::Method::POST, "/session").header("X-Forwarded-For", client);
        let answer = request.json(&json!({ "login": "anna", "password": password })).send().await.expect("an answer");
        answer.status().as_u16()
    };
    for _ in 0..10 {
        assert_eq!(from("198.51.100.66", "wrong").await, 401);
    }
    assert_eq!(from("198.51.100.66", PASSWORD).await, 429);
    assert_eq!(from("198.51.100.7", PASSWORD).await, 201, "a right password from elsewhere works");
}

async fn cookie(client: &Client, headers: &[(&str, &str)]) -> String {
    let mut request = client.request(reqwest::Method::POST, "/session").json(&json!({ "login": "admin", "password": PASSWORD }));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.expect("an answer");
    answer.headers()["set-cookie"].to_str().expect("text").to_owned()
}

async fn metrics(site: &Site, headers: &[(&str, &str)]) -> u16 {
    let mut request = reqwest::Client::new().get(format!("http://{}/metrics", site.server.bound().http));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer").status().as_u16()
}
