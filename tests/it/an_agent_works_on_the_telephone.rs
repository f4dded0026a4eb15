//! A3, A5, A21, B14, B16, AB9, AB14, D1, D2, D3, H6: agents who log in, out and pause on the telephone; its own program; the page that looks on.

use carillon_kit::phone::{Call, Phone};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Client, eventually, send},
    desktop::Desktop,
    site::{PASSWORD, Site},
};

const PIN: &str = "47110815";

/// Carla works on her telephone; her PIN is given by the set-up file, as her password is.
const CARLA: &str = r#"
[[user]]
login = "carla"
name = "Carla Bruni"
role = "agent"
password = "PASSWORD"
pin = "47110815"
agent = { number = "203", typology = "phonebar" }
"#;

async fn site() -> Site {
    Site::start_with(|_, setup| setup.push_str(&CARLA.replace("PASSWORD", PASSWORD))).await
}

/// Enters keys and ends them with a hash, once what asks for them has begun.
async fn enters(call: &mut Call, keys: &str) {
    call.audio.hears_more(0.3).await;
    keys.chars().chain(['#']).for_each(|key| call.audio.press(key, 3));
}

/// Dials a code that asks for nothing, and hears it out.
async fn dials(phone: &Phone, code: &str) {
    let mut call = phone.dial(code).await;
    call.is_answered().await;
    call.is_ended().await;
}

async fn logs_in(phone: &Phone, number: &str, pin: &str) {
    let mut call = phone.dial("*45").await;
    call.is_answered().await;
    enters(&mut call, number).await;
    enters(&mut call, pin).await;
    call.is_ended().await;
}

async fn is(client: &Client, state: &str) -> Value {
    eventually(&format!("the agent being {state}"), async || {
        let (_, me) = client.get("/me").await;
        (me["agent"]["state"] == state).then(|| me["agent"].clone())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn by_its_keys_and_the_page_shows_it() {
    let site = site().await;
    let phone = Phone::registered("1003", site.sip).await;
    let page = site.signed_in("carla").await;
    let mut desk = Desktop::open(&site, &page).await;
    for (path, body) in [("/me/pause", json!({})), ("/me/resume", json!({})), ("/session/take-over", json!({}))] {
        let (status, problem) = page.post(path, &body).await;
        assert_eq!((status, &problem["type"]), (409, &json!("use_the_phone")), "{path}");
    }
    let (status, problem) = page.put("/session/phone", &json!({ "phone": "1003" })).await;
    assert_eq!((status, &problem["type"]), (409, &json!("use_the_phone")));

    logs_in(&phone, "203", PIN).await;
    let agent = is(&page, "available").await;
    assert_eq!(agent["phone"], "1003");
    assert_eq!(page.get("/session").await.1["elsewhere"], Value::Null, "the page looks on, there is nothing to take over");
    dials(&phone, "*47").await;
    desk.hears("agent.changed", |row| row["login"] == "carla" && row["state"] == "paused").await;
    assert_eq!(is(&page, "paused").await["pause"], "break");
    dials(&phone, "*48").await;
    is(&page, "available").await;
    // Whoever signs out of the page works on.
    let other = site.signed_in("carla").await;
    assert_eq!(send(other.request(Method::DELETE, "/session")).await.0, 204);
    is(&page, "available").await;
    dials(&phone, "*46").await;
    is(&page, "logged_out").await;
    dials(&phone, "*47").await;

    // They are in no list, unless asked for; the PIN is nowhere.
    let admin = site.signed_in("admin").await;
    assert_eq!(admin.get("/calls").await.1["items"], json!([]));
    let calls = eventually("the records", async || {
        let (_, page) = admin.get("/calls?kind=service&limit=50").await;
        page["items"].as_array().filter(|calls| calls.len() == 5).cloned()
    })
    .await;
    for call in calls {
        let id = call["id"].as_str().expect("an id");
        for path in [format!("/calls/{id}"), format!("/calls/{id}/sip")] {
            let (_, written) = admin.get(&path).await;
            assert!(!written.to_string().contains(PIN) && !written.to_string().contains("Signal="), "{path}: {written}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_wrong_tries_and_no_more() {
    let site = site().await;
    let phone = Phone::registered("1003", site.sip).await;
    let page = site.signed_in("carla").await;
    let mut call = phone.dial("*45").await;
    call.is_answered().await;
    for (number, pin) in [("203", "0000"), ("999", PIN), ("203", "4711081")] {
        enters(&mut call, number).await;
        enters(&mut call, pin).await;
        if pin != "4711081" {
            // What it says of it, which lasts two seconds, and the next question.
            call.audio.hears_more(2.5).await;
        }
    }
    call.is_ended().await;
    is(&page, "logged_out").await;
    // A telephone is one agent's.
    let anna = site.agent("anna", "1003").await;
    logs_in(&phone, "203", PIN).await;
    is(&page, "logged_out").await;
    assert_eq!(anna.api.get("/me").await.1["agent"]["phone"], "1003");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_its_own_program_which_opens_the_desktop_signed_in_once() {
    let site = site().await;
    let mut phone = Phone::registered("1003", site.sip).await;
    let (status, opened) = site.stranger().post("/session", &json!({ "login": "carla", "password": PASSWORD, "client": "phonebar" })).await;
    assert_eq!(status, 201, "{opened}");
    let token = opened["token"].as_str().expect("a token").to_owned();
    let program = |method: Method, path: &str| site.stranger().request(method, path).bearer_auth(&token);
    let order = async |method: Method, path: &str, body: Value| send(program(method, path).json(&body)).await;
    eventually("the phone being there", async || {
        (order(Method::PUT, "/session/phone", json!({ "phone": "1003" })).await.0 == 200).then_some(())
    })
    .await;
    assert_eq!(order(Method::POST, "/me/pause", json!({})).await.0, 200);
    assert_eq!(order(Method::POST, "/me/resume", json!({})).await.0, 200);

    let (status, link) = order(Method::POST, "/session/desktop-link", json!({})).await;
    assert_eq!(status, 201, "{link}");
    let path = link["path"].as_str().expect("a path").strip_prefix("/api/v1").expect("the first version").to_owned();
    let response = site.stranger().request(Method::GET, &path).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let cookie = response.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let page = cookie.split(';').next().expect("a cookie").to_owned();
    let (status, session) = send(site.stranger().request(Method::GET, "/session").header("Cookie", &page)).await;
    assert_eq!((status, &session["me"]["login"], &session["elsewhere"]), (200, &json!("carla"), &Value::Null));
    let (status, problem) = send(site.stranger().request(Method::GET, &path)).await;
    assert_eq!((status, &problem["type"]), (401, &json!("link_used")), "it works once");
    // A page makes no links.
    let desktop = site.signed_in("carla").await;
    assert_eq!(desktop.post("/session/desktop-link", &json!({})).await.0, 403);

    // D1-D3: a click on the page calls by the telephone, while it is at work and may be worked from here.
    let (status, made) = desktop.post("/calls", &json!({ "number": "1001" })).await;
    assert_eq!(status, 202, "{made}");
    phone.incoming_call().await.refuse("603 Decline").await;
    let admin = site.signed_in("admin").await;
    let (_, users) = admin.get("/users").await;
    let carla =
        users.as_array().or(users["items"].as_array()).expect("users").iter().find(|user| user["login"] == "carla").expect("her").clone();
    let mut changed = carla.clone();
    changed["agent"]["remote_control"] = json!(false);
    let (status, answer) = admin.put(&format!("/users/{}", carla["id"].as_str().expect("an id")), &changed).await;
    assert_eq!(status, 200, "{answer}");
    let (status, problem) = desktop.post("/calls", &json!({ "number": "1001" })).await;
    assert_eq!((status, &problem["type"]), (403, &json!("remote_control_off")));
    // Signing the program out logs the agent out.
    assert_eq!(order(Method::DELETE, "/session", json!({})).await.0, 204);
    is(&desktop, "logged_out").await;
    let (status, problem) = desktop.post("/calls", &json!({ "number": "1001" })).await;
    assert_ne!(status, 202, "{problem}");
}
