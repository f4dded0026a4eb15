//! AB13, Z9: an agent from whom numbers are hidden finds no digit of one in any answer, any event and on the telephone, and can dial all the same.

use std::collections::BTreeSet;

use carillon_kit::phone::{Call, Invite};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Client, eventually},
    desktop::Desktop,
    site::Site,
};

/// The customer's number, as it is written anywhere.
const NUMBER: &str = "+390298765432";
/// The least of it that nobody may find.
const DIGITS: &str = "98765";

/// Takes the permission to see numbers from an agent, or gives it back.
async fn shown(site: &Site, login: &str, parts: &Value) {
    let admin = site.signed_in("admin").await;
    let (_, users) = admin.get("/users").await;
    let user = users["items"].as_array().expect("users").iter().find(|user| user["login"] == login).expect("the agent").clone();
    let path = format!("/users/{}", user["id"].as_str().expect("an id"));
    let (_, mut user) = admin.get(&path).await;
    user["agent"]["parts"] = parts.clone();
    let (status, saved) = admin.put(&path, &user).await;
    assert_eq!(status, 200, "{saved}");
}

/// The INVITE a telephone rings by.
fn invitation(call: &Call) -> String {
    call.invitation().expect("it was called").to_string()
}

fn holds_it(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    text.contains(DIGITS) || digits.contains(NUMBER.trim_start_matches('+'))
}

/// Every operation of the description that reads, asked for by an agent, with what there is to be read in place of the ids.
async fn every_answer(client: &Client, call: &str, recording: &str) -> Vec<(String, u16, String)> {
    let document: Value = serde_json::from_str(include_str!("../../docs/api/openapi.json")).expect("the description");
    let mut answers = Vec::new();
    let mut ask = async |path: String| {
        let response = client.request(Method::GET, &path).send().await.expect("an answer");
        let headers = format!("{:?}", response.headers());
        let (status, body) = (response.status().as_u16(), response.bytes().await.expect("a body"));
        answers.push((path, status, format!("{headers} {}", String::from_utf8_lossy(&body))));
    };
    for (path, methods) in document["paths"].as_object().expect("paths") {
        if methods.get("get").is_none() {
            continue;
        }
        let path = path.strip_prefix("/api/v1").expect("the first version");
        let id = if path.contains("recordings") { recording } else { call };
        ask(path
            .replace("{id}", id)
            .replace("{agent}", call)
            .replace("{kind}", "prompts")
            .replace("{name}", "hold")
            .replace("{token}", "none"))
        .await;
    }
    // What is sorted by it, page by page.
    for list in ["/calls", "/recordings", "/abandoned-calls"] {
        for column in ["caller", "called", "connected", "phone"] {
            ask(format!("{list}?sort={column}&order=asc&limit=1")).await;
        }
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn no_digit_of_it_is_in_any_answer_or_event_and_it_is_dialled_all_the_same() {
    let mut site = Site::start_with(|_, setup| setup.push_str("\n[[outbound_route]]\nprefix = \"+39\"\ntrunk = \"lab\"\n")).await;
    shown(&site, "anna", &json!(["calls", "abandoned_calls", "recordings", "pause", "language", "password"])).await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let mut desktop = Desktop::open(&site, &anna.api).await;
    let mut seen = Desktop::open(&site, &sofia).await;

    // A customer calls, is answered, is written up; another call is given up.
    let mut caller = site.trunk.invite(Invite::to("5001").from(NUMBER).named("Mario +39 02 98765432")).await;
    caller.is_answered().await;
    let mut own = anna.phone.rings().await;
    assert!(!holds_it(&invitation(&own)), "{}", invitation(&own));
    own.answer().await;
    anna.is("talking").await;
    let row = desktop.hears("call.changed", |row| row["state"] == "talking").await;
    let reference = row["caller"].as_str().expect("a reference").to_owned();
    assert!(reference.starts_with("•••• "), "{row:#}");
    let (_, live) = anna.api.get("/me").await;
    let call = live["agent"]["call"].as_str().expect("a call").to_owned();
    caller.hang_up().await;
    own.is_ended().await;
    let record = site.record().await;
    let recording = record["recordings"][0]["recording"].as_str().expect("a recording").to_owned();
    assert_eq!(record["caller"], NUMBER, "for others it is as it was");
    anna.is("available").await;
    let (status, _) = anna.api.post("/me/pause", &json!({})).await;
    assert_eq!(status, 200);
    let mut gone = site.trunk.invite(Invite::to("5001").from(NUMBER).named("98765432")).await;
    gone.is_answered().await;
    desktop.hears("queue.changed", |line| line["waiting"].as_array().is_some_and(|waiting| !waiting.is_empty())).await;
    let answers = every_answer(&anna.api, &call, &recording).await;
    gone.hang_up().await;
    eventually("the abandoned call", async || {
        let (_, page) = anna.api.get("/abandoned-calls").await;
        (page["items"].as_array()?.len() == 1).then_some(())
    })
    .await;
    let answers: Vec<_> = answers.into_iter().chain(every_answer(&anna.api, &call, &recording).await).collect();
    for (path, status, text) in &answers {
        assert!(!holds_it(text), "{path} ({status}): {text}");
    }
    let read: BTreeSet<&str> =
        answers.iter().filter(|(_, status, _)| *status == 200).map(|(path, _, _)| path.split('?').next().expect("a path")).collect();
    let details = format!("/calls/{call}");
    for path in ["/calls", "/recordings", "/abandoned-calls", "/waiting", "/me", "/targets", details.as_str()] {
        assert!(read.contains(path), "{path} was read: {read:?}");
    }
    // The reference is dialled as the number would be.
    assert_eq!(anna.api.post("/me/resume", &json!({})).await.0, 200);
    anna.is("available").await;
    assert_eq!(anna.api.post("/calls", &json!({ "number": "•••• nobodyknow" })).await.0, 422);
    let (status, made) = anna.api.post("/calls", &json!({ "number": reference })).await;
    assert_eq!(status, 202, "{made}");
    assert!(!holds_it(&made.to_string()));
    let mut click = anna.phone.rings().await;
    assert!(!holds_it(&invitation(&click)), "{}", invitation(&click));
    click.answer().await;
    let mut customer = site.trunk.rings().await;
    assert!(invitation(&customer).contains(NUMBER), "it is dialled in full");
    customer.answer().await;
    anna.is("talking").await;
    customer.hang_up().await;
    click.is_ended().await;
    site.records(3).await;

    // Pages of a list follow each other by what it is sorted by.
    let (_, first) = anna.api.get("/calls?sort=caller&order=asc&limit=1").await;
    let next = first["next"].as_str().expect("a cursor");
    let next: String = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let (status, second) = anna.api.get(&format!("/calls?sort=caller&order=asc&limit=1&after={next}")).await;
    assert_eq!((status, second["items"].as_array().map(Vec::len)), (200, Some(1)), "{second}");

    seen.hears("call.saved", |_| true).await;
    assert!(seen.heard.iter().any(|message| holds_it(&message.to_string())), "supervisors see it");
    let desktop = desktop.resumed(&site, &anna.api).await;
    for message in &desktop.heard {
        assert!(!holds_it(&message.to_string()), "{message:#}");
    }

    // Given back, it is seen at once: nobody signs in anew.
    shown(&site, "anna", &Value::Null).await;
    let (_, calls) = anna.api.get("/calls").await;
    assert!(holds_it(&calls.to_string()), "{calls}");
}
