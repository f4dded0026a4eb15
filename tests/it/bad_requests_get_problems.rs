//! What makes no sense to the API is answered with a problem of the right status, and harms nobody ("Bad input", threats 37, 45).

use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};

use crate::{client::Client, site::Site};

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_with_a_request() {
    let site = Site::start().await;
    let (stranger, anna, admin) = (site.stranger(), site.signed_in("anna").await, site.signed_in("admin").await);
    let json = |client: &Client, method: Method, path: &str, body: &str| {
        client.request(method, path).header(header::CONTENT_TYPE, "application/json").body(body.to_owned())
    };
    let get = |path: &str| admin.request(Method::GET, path);
    let long = format!(r#"{{"login":"{}","password":"x"}}"#, "a".repeat(100_000));
    let deep = format!(r#"{{"login":{}1{},"password":"x"}}"#, "[".repeat(20_000), "]".repeat(20_000));
    let long_cursor = format!("/calls?after={}", "x".repeat(5_000));
    let cases: Vec<(&str, RequestBuilder, u16)> = vec![
        ("no JSON", json(&stranger, Method::POST, "/session", "{\"login\":"), 400),
        ("no text", stranger.request(Method::POST, "/session").header(header::CONTENT_TYPE, "application/json").body(vec![0xff; 9]), 400),
        ("nothing", json(&stranger, Method::POST, "/session", ""), 400),
        ("another type", stranger.request(Method::POST, "/session").body("login=anna"), 415),
        ("a number for a name", json(&stranger, Method::POST, "/session", r#"{"login":5,"password":"x"}"#), 422),
        ("a field missing", json(&stranger, Method::POST, "/session", r#"{"login":"anna"}"#), 422),
        ("a field nobody knows", json(&stranger, Method::POST, "/session", r#"{"login":"anna","password":"x","role":"admin"}"#), 422),
        ("nested twenty thousand deep", json(&stranger, Method::POST, "/session", &deep), 422),
        ("a body too long", json(&stranger, Method::POST, "/session", &long), 413),
        ("a list for an object", json(&anna, Method::PUT, "/session/phone", "[]"), 422),
        ("a phone that is not there", json(&anna, Method::PUT, "/session/phone", r#"{"phone":"7777"}"#), 422),
        ("a phone that is not registered", json(&anna, Method::PUT, "/session/phone", r#"{"phone":"1003"}"#), 422),
        ("a pause nobody has", json(&anna, Method::POST, "/me/pause", r#"{"reason":"holiday"}"#), 422),
        ("a pause without a phone", json(&anna, Method::POST, "/me/pause", "{}"), 409),
        ("a cursor of another's making", get("/calls?after=here"), 422),
        ("a cursor too long", get(&long_cursor), 422),
        ("a cursor of another order", get("/calls?sort=caller&after=started_at.desc.00000000-0000-7000-8000-000000000000.i5"), 422),
        ("a column nobody has", get("/calls?sort=colour"), 422),
        ("a way that is none", get("/recordings?order=up"), 422),
        ("a limit too high", get("/calls?limit=201"), 422),
        ("a limit of none", get("/calls?limit=0"), 422),
        ("a search without end", get(&format!("/recordings?q={}", "1".repeat(101))), 422),
        ("a limit below none", get("/recordings?limit=-1"), 422),
        ("a time that is none", get("/calls?from=yesterday"), 422),
        ("a kind nobody knows", get("/calls?kind=loud"), 422),
        ("a queue nobody has", get("/calls?queue=marketing"), 422),
        ("a parameter nobody knows", get("/calls?page=2"), 422),
        ("an id that is none", get("/calls/1"), 404),
        ("a way out of the folder", get("/recordings/..%2f..%2fetc%2fpasswd/audio"), 404),
        ("an id of nothing", get(&format!("/calls/{NOBODY}")), 404),
        ("an id of no recording", get(&format!("/recordings/{NOBODY}/audio")), 404),
        ("a call that is not up", json(&admin, Method::POST, &format!("/calls/{NOBODY}/hang-up"), ""), 404),
        ("a path nobody has", get("/secrets"), 404),
        ("a method nobody has here", admin.request(Method::DELETE, "/calls"), 405),
        ("another method nobody has here", admin.request(Method::PATCH, "/me"), 405),
        ("an agent's matter for an administrator", json(&admin, Method::POST, "/me/resume", ""), 403),
    ];
    for (what, request, wanted) in cases {
        expect_problem(what, request, wanted).await;
    }
    let wrong_method = admin.request(Method::DELETE, "/calls").send().await.expect("an answer");
    assert_eq!(wrong_method.headers()[header::ALLOW], "GET,HEAD,POST");
    assert_eq!(admin.get("/me").await.0, 200, "and the server serves");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_cannot_act_with_the_cookie() {
    let site = Site::start().await;
    let stranger = site.stranger();
    let credentials = json!({ "login": "admin", "password": crate::site::PASSWORD });
    let opened = stranger.request(Method::POST, "/session").json(&credentials).send().await.expect("an answer");
    let cookie = opened.headers()[header::SET_COOKIE].to_str().expect("a cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().expect("name and value");
    let with = |method: Method, path: &str, origin: Option<&str>| {
        let request = stranger.request(method, path).header(header::COOKIE, pair);
        match origin {
            Some(origin) => request.header(header::ORIGIN, origin),
            None => request,
        }
    };
    let own = format!("http://{}", site.server.bound().http);
    for foreign in ["http://evil.example", "null", "https://127.0.0.1", &format!("{own}.evil.example")] {
        expect_problem(foreign, with(Method::POST, "/dialplan/reload", Some(foreign)), 401).await;
    }
    for allowed in [Some(own.as_str()), None] {
        let reloaded = with(Method::POST, "/dialplan/reload", allowed).send().await.expect("an answer");
        assert_eq!(reloaded.status(), 204, "{allowed:?}");
    }
    assert_eq!(with(Method::GET, "/me", Some("http://evil.example")).send().await.expect("an answer").status(), 200, "reading is safe");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_passwords_close_the_door_for_that_name_alone() {
    let site = Site::start().await;
    let stranger = site.stranger();
    let guess = |login: &str| stranger.request(Method::POST, "/session").json(&json!({ "login": login, "password": "guessed" }));
    let mut told = Vec::new();
    for login in ["anna", "nobody-of-that-name"] {
        let mut answers = Vec::new();
        for _ in 0..10 {
            answers.push(expect_problem(login, guess(login), 401).await);
        }
        let refused = guess(login).send().await.expect("an answer");
        let wait: u64 = refused.headers()[header::RETRY_AFTER].to_str().ok().and_then(|wait| wait.parse().ok()).expect("seconds");
        assert!((600..=901).contains(&wait), "{wait}");
        answers.push(expect_problem(login, guess(login), 429).await);
        told.push(answers);
    }
    assert_eq!(told[0], told[1], "a name that is there and one that is not are told the same");
    // The right password does not open this door now, and every other door opens.
    let right = stranger.request(Method::POST, "/session").json(&json!({ "login": "Anna", "password": crate::site::PASSWORD }));
    expect_problem("the right one, too late", right, 429).await;
    site.signed_in("bruno").await;
}

/// Sends it and gives the problem it is answered with.
pub(crate) async fn expect_problem(what: &str, request: RequestBuilder, wanted: u16) -> Value {
    let response = request.send().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let (status, kind) = (response.status().as_u16(), response.headers().get(header::CONTENT_TYPE).cloned());
    let text = response.text().await.expect("a body");
    assert_eq!(status, wanted, "{what}: {text}");
    assert_eq!(kind.as_ref().and_then(|kind| kind.to_str().ok()), Some("application/problem+json"), "{what}: {text}");
    let problem: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{what}: {error}: {text}"));
    assert_eq!(problem["status"], wanted, "{what}: {text}");
    assert!(["type", "title"].iter().all(|field| problem[field].as_str().is_some_and(|text| !text.is_empty())), "{what}: {text}");
    assert!(!text.contains("src/") && !text.contains("sqlx"), "nothing of our insides is told: {text}");
    problem
}
