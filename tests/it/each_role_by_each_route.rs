//! Threat 35 and Y24: who may do what, for every operation of the API's description, and other people's things are not there.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    bad_requests_get_problems::expect_problem,
    client::{Client, eventually, send},
    site::Site,
};

/// What a role gets for a good request: an operation, its body, then nobody, agent, supervisor, administrator.
///
/// Conflicts (409) and things that are not there (404, 422) mean: allowed, and nothing came of it.
const ROLES: &[(&str, &str, [u16; 4])] = &[
    ("GET /api/v1/session", "", [401, 200, 200, 200]),
    ("PUT /api/v1/session/phone", r#"{"phone":"1003"}"#, [401, 422, 403, 403]),
    ("POST /api/v1/session/take-over", "", [401, 409, 403, 403]),
    ("GET /api/v1/me", "", [401, 200, 200, 200]),
    ("PUT /api/v1/me/password", r#"{"current":"not-it","new":"long-enough"}"#, [401, 409, 409, 409]),
    ("POST /api/v1/me/second-factor", r#"{"current":"not-it"}"#, [401, 409, 409, 409]),
    // Nothing was begun.
    ("POST /api/v1/me/second-factor/confirm", r#"{"code":"287082"}"#, [401, 422, 422, 422]),
    ("POST /api/v1/me/second-factor/recovery-codes", r#"{"code":"287082"}"#, [401, 409, 409, 409]),
    ("POST /api/v1/me/second-factor/off", r#"{"code":"287082"}"#, [401, 409, 409, 409]),
    ("POST /api/v1/me/phone-token", "", [401, 403, 403, 403]),
    ("POST /api/v1/me/pause", "{}", [401, 409, 403, 403]),
    ("POST /api/v1/me/resume", "", [401, 409, 403, 403]),
    ("POST /api/v1/me/queues/{queue}/pause", "{}", [401, 409, 403, 403]),
    ("POST /api/v1/me/queues/{queue}/resume", "", [401, 409, 403, 403]),
    ("POST /api/v1/me/end-wrapup", "", [401, 409, 403, 403]),
    ("GET /api/v1/phones", "", [401, 200, 200, 200]),
    ("GET /api/v1/pauses", "", [401, 200, 200, 200]),
    ("GET /api/v1/agents", "", [401, 403, 200, 200]),
    ("GET /api/v1/queues", "", [401, 200, 200, 200]),
    ("GET /api/v1/waiting", "", [401, 200, 200, 200]),
    ("GET /api/v1/targets", "", [401, 200, 200, 200]),
    ("GET /api/v1/calls", "", [401, 200, 200, 200]),
    ("GET /api/v1/calls/sums", "", [401, 422, 422, 422]),
    ("GET /api/v1/calls/{id}", "", [401, 404, 200, 200]),
    ("POST /api/v1/calls/{id}/hang-up", "", [401, 404, 404, 404]),
    ("POST /api/v1/calls", r#"{"number":"+442012345678"}"#, [401, 409, 403, 403]),
    ("POST /api/v1/calls/{id}/hold", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/step-away", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/return", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/resume", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/swap", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/complete", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/cancel-consult", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/three-way", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/{mode}", r#"{"phone":"1003"}"#, [401, 403, 404, 404]),
    ("POST /api/v1/calls/{id}/stop-supervising", "", [401, 403, 404, 404]),
    ("POST /api/v1/calls/{id}/take-over", "", [401, 403, 404, 404]),
    ("POST /api/v1/calls/{id}/pause-recording", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/resume-recording", "", [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/digits", r#"{"digits":"1#"}"#, [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/transfer", r#"{"queue":"sales"}"#, [401, 404, 403, 403]),
    ("POST /api/v1/calls/{id}/consult", r#"{"agent":"bruno"}"#, [401, 404, 403, 403]),
    ("GET /api/v1/calls/{id}/sip", "", [401, 403, 200, 200]),
    ("GET /api/v1/calls/{id}/sip.pcap", "", [401, 403, 200, 200]),
    ("GET /api/v1/abandoned-calls", "", [401, 200, 200, 200]),
    ("PUT /api/v1/abandoned-calls/{id}/reservation", "", [401, 404, 403, 403]),
    ("DELETE /api/v1/abandoned-calls/{id}/reservation", "", [401, 404, 404, 404]),
    ("PUT /api/v1/calls/{id}/disposition", r#"{"disposition":"019aa000-0000-7000-8000-000000000000"}"#, [401, 404, 422, 422]),
    ("GET /api/v1/dispositions", "", [401, 200, 200, 200]),
    ("POST /api/v1/dispositions", r#"{"name":"Sold"}"#, [401, 403, 403, 201]),
    ("GET /api/v1/dispositions/{id}", "", [401, 403, 403, 404]),
    ("PUT /api/v1/dispositions/{id}", r#"{"name":"Sold","version":1}"#, [401, 403, 403, 404]),
    ("DELETE /api/v1/dispositions/{id}", "", [401, 403, 403, 404]),
    ("GET /api/v1/recordings", "", [401, 200, 200, 200]),
    ("GET /api/v1/recordings/{id}", "", [401, 404, 200, 200]),
    ("PUT /api/v1/recordings/{id}/rating", r#"{"stars":4}"#, [401, 403, 204, 204]),
    ("GET /api/v1/recordings/{id}/audio", "", [401, 404, 200, 200]),
    ("GET /api/v1/recordings/{id}/links", "", [401, 403, 200, 200]),
    ("POST /api/v1/recordings/{id}/links", r#"{"hours":1}"#, [401, 403, 201, 201]),
    // A link nobody made; whoever has a good one needs no session.
    ("DELETE /api/v1/recordings/{id}/links/{link}", "", [401, 403, 404, 404]),
    ("GET /api/v1/recording-links/{token}", "", [404, 404, 404, 404]),
    ("GET /api/v1/sounds", "", [401, 403, 403, 200]),
    ("PUT /api/v1/sounds/{kind}/{name}", "not audio", [401, 403, 403, 422]),
    ("DELETE /api/v1/sounds/{kind}/{name}", "", [401, 403, 403, 404]),
    ("GET /api/v1/sounds/{kind}/{name}/audio", "", [401, 403, 403, 404]),
    ("GET /api/v1/users", "", [401, 403, 403, 200]),
    ("POST /api/v1/users", r#"{"login":"carla","name":"Carla","role":"supervisor","password":"long-enough"}"#, [401, 403, 403, 201]),
    ("GET /api/v1/users/{id}", "", [401, 403, 403, 404]),
    (
        "PUT /api/v1/users/{id}",
        r#"{"login":"carla","name":"Carla","role":"supervisor","password":"long-enough","version":1}"#,
        [401, 403, 403, 404],
    ),
    ("DELETE /api/v1/users/{id}", "", [401, 403, 403, 404]),
    ("GET /api/v1/accounts", "", [401, 403, 403, 200]),
    ("POST /api/v1/users/{id}/invitation", "", [401, 403, 403, 404]),
    ("DELETE /api/v1/users/{id}/lock", "", [401, 403, 403, 404]),
    ("DELETE /api/v1/users/{id}/second-factor", "", [401, 403, 403, 404]),
    ("POST /api/v1/phones", r#"{"name":"1009","label":"Desk 9","password":"phone-1009"}"#, [401, 403, 403, 201]),
    ("GET /api/v1/phones/{id}", "", [401, 403, 403, 404]),
    ("PUT /api/v1/phones/{id}", r#"{"name":"1009","label":"Desk 9","password":"phone-1009","version":1}"#, [401, 403, 403, 404]),
    ("DELETE /api/v1/phones/{id}", "", [401, 403, 403, 404]),
    ("POST /api/v1/phones/{id}/provisioning", "", [401, 403, 403, 404]),
    // Settings nobody asked for.
    ("GET /api/v1/phone-provisioning/{token}", "", [404, 404, 404, 404]),
    (
        "POST /api/v1/queues",
        r#"{"name":"billing","label":"Billing","strategy":"ring_all","offer_ms":1,"wrapup_ms":1,"misses_pause":0,"max_waiting":1,"music":"hold","record":false}"#,
        [401, 403, 403, 201],
    ),
    ("GET /api/v1/queues/{id}", "", [401, 403, 403, 404]),
    (
        "PUT /api/v1/queues/{id}",
        r#"{"name":"billing","label":"Billing","strategy":"ring_all","offer_ms":1,"wrapup_ms":1,"misses_pause":0,"max_waiting":1,"music":"hold","record":false,"version":1}"#,
        [401, 403, 403, 404],
    ),
    ("DELETE /api/v1/queues/{id}", "", [401, 403, 403, 404]),
    ("GET /api/v1/trunks", "", [401, 403, 403, 200]),
    ("POST /api/v1/trunks", r#"{"name":"far","host":"192.0.2.9","port":5060,"transport":"udp","max_calls":1}"#, [401, 403, 403, 201]),
    ("GET /api/v1/trunks/{id}", "", [401, 403, 403, 404]),
    (
        "PUT /api/v1/trunks/{id}",
        r#"{"name":"far","host":"192.0.2.9","port":5060,"transport":"udp","max_calls":1,"version":1}"#,
        [401, 403, 403, 404],
    ),
    ("DELETE /api/v1/trunks/{id}", "", [401, 403, 403, 404]),
    ("GET /api/v1/outbound-routes", "", [401, 403, 403, 200]),
    ("POST /api/v1/outbound-routes", r#"{"prefix":"+44","trunk":"lab"}"#, [401, 403, 403, 201]),
    ("GET /api/v1/outbound-routes/{id}", "", [401, 403, 403, 404]),
    ("PUT /api/v1/outbound-routes/{id}", r#"{"prefix":"+44","trunk":"lab","version":1}"#, [401, 403, 403, 404]),
    ("DELETE /api/v1/outbound-routes/{id}", "", [401, 403, 403, 404]),
    ("POST /api/v1/pauses", r#"{"name":"lunch","label":"Lunch"}"#, [401, 403, 403, 201]),
    ("GET /api/v1/pauses/{id}", "", [401, 403, 403, 404]),
    ("PUT /api/v1/pauses/{id}", r#"{"name":"lunch","label":"Lunch","version":1}"#, [401, 403, 403, 404]),
    ("DELETE /api/v1/pauses/{id}", "", [401, 403, 403, 404]),
    ("GET /api/v1/queues/{id}/members", "", [401, 403, 403, 404]),
    ("PUT /api/v1/queues/{id}/members/{agent}", r#"{"priority":1}"#, [401, 403, 403, 404]),
    ("DELETE /api/v1/queues/{id}/members/{agent}", "", [401, 403, 403, 404]),
    ("POST /api/v1/agents/{id}/pause", "{}", [401, 403, 404, 404]),
    ("POST /api/v1/agents/{id}/resume", "", [401, 403, 404, 404]),
    ("POST /api/v1/agents/{id}/queues/{queue}/pause", "{}", [401, 403, 404, 404]),
    ("POST /api/v1/agents/{id}/queues/{queue}/resume", "", [401, 403, 404, 404]),
    ("POST /api/v1/agents/{id}/log-out", "", [401, 403, 404, 404]),
    ("POST /api/v1/agents/{id}/note", r#"{"text":"Well done."}"#, [401, 403, 404, 404]),
    ("POST /api/v1/offers/{id}/decline", "", [401, 409, 403, 403]),
    ("GET /api/v1/audit", "", [401, 403, 403, 200]),
    ("GET /api/v1/api-keys", "", [401, 403, 403, 200]),
    ("POST /api/v1/api-keys", r#"{"name":"CRM","user":"anna","scopes":["read"]}"#, [401, 403, 403, 201]),
    ("DELETE /api/v1/api-keys/{id}", "", [401, 403, 403, 404]),
    ("GET /api/v1/session/ways", "", [200, 200, 200, 200]),
    // This site has no provider.
    ("GET /api/v1/session/oidc", "", [404, 404, 404, 404]),
    ("GET /api/v1/session/oidc/back", "", [404, 404, 404, 404]),
    // This site has no mail server, and nobody made the link.
    ("POST /api/v1/session/forgotten-password", r#"{"email":"anna@example.com"}"#, [409, 409, 409, 409]),
    ("POST /api/v1/session/new-password", r#"{"token":"1","new":"Carillon-1"}"#, [401, 401, 401, 401]),
    ("GET /api/v1/mail", "", [401, 403, 403, 200]),
    ("POST /api/v1/mail/test", r#"{"to":"anna@example.com"}"#, [401, 403, 403, 409]),
    ("GET /api/v1/me/notifications", "", [401, 200, 200, 200]),
    ("POST /api/v1/me/notifications/seen", "", [401, 204, 204, 204]),
    ("GET /api/v1/me/filters", "", [401, 200, 200, 200]),
    ("PUT /api/v1/me/filters/{list}", "[]", [401, 204, 204, 204]),
    ("GET /api/v1/me/sessions", "", [401, 200, 200, 200]),
    ("DELETE /api/v1/me/sessions/{id}", "", [401, 404, 404, 404]),
    ("POST /api/v1/session/desktop-link", "", [401, 403, 403, 403]),
    // A link nobody made.
    ("GET /api/v1/session/desktop/{token}", "", [401, 401, 401, 401]),
    ("POST /api/v1/reload", "", [401, 403, 403, 204]),
    ("POST /api/v1/dialplan/reload", "", [401, 403, 403, 204]),
    // This is not the demo.
    ("POST /api/v1/demo/simulate", r#"{"calls":1}"#, [401, 403, 404, 404]),
    // Asked without an upgrade.
    ("GET /api/v1/events", "", [401, 426, 426, 426]),
    ("DELETE /api/v1/session", "", [401, 204, 204, 204]),
    ("POST /api/v1/session", r#"{"login":"anna","password":"in-the-tests"}"#, [201, 201, 201, 201]),
];

#[tokio::test(flavor = "multi_thread")]
async fn gets_what_the_table_says() {
    let site = Site::start().await;
    let (call, recording) = a_call_of_anna(&site).await;
    let table: BTreeMap<&str, (&str, [u16; 4])> = ROLES.iter().map(|(operation, body, wanted)| (*operation, (*body, *wanted))).collect();
    let listed: Vec<String> = table.keys().map(|operation| (*operation).to_owned()).collect();
    assert_eq!(operations(), listed, "every operation of the description has its line, and no other");

    // Bruno was not in the call: for him it does not exist.
    let people = [None, Some("bruno"), Some("sofia"), Some("admin")];
    for (operation, (body, wanted)) in table {
        for (login, wanted) in people.into_iter().zip(wanted) {
            // A session of its own for each: one of the operations ends it.
            let client = match login {
                Some(login) => site.signed_in(login).await,
                None => site.stranger(),
            };
            let id = if operation.contains("recordings") { &recording } else { &call };
            let what = format!("{operation} by {}", login.unwrap_or("nobody"));
            let request = request(&client, operation, id, body);
            if wanted < 400 {
                let status = request.send().await.expect("an answer").status().as_u16();
                assert_eq!(status, wanted, "{what}");
            } else {
                expect_problem(&what, request, wanted).await;
            }
        }
    }
    // Stars leave who gave them and those of before; the same again is no change.
    let (_, log) = site.signed_in("admin").await.get(&format!("/audit?entity=recording&entity_id={recording}")).await;
    let stars = |entry: &Value| (entry["by"].clone(), entry["before"]["rating"].clone(), entry["after"]["rating"].clone());
    let rated = log["items"].as_array().expect("entries").iter().filter(|entry| entry["action"] == "update");
    let rated: Vec<_> = rated.map(stars).collect();
    assert_eq!(rated, [(json!("sofia"), Value::Null, json!(4))], "{log}");
}

/// What of a call that is up only who is in it may do.
const OF_WHO_TALKS: [(&str, &str); 15] = [
    ("hold", "{}"),
    ("resume", "{}"),
    ("step-away", "{}"),
    ("return", "{}"),
    ("swap", "{}"),
    ("complete", "{}"),
    ("cancel-consult", "{}"),
    ("three-way", "{}"),
    ("pause-recording", "{}"),
    ("resume-recording", "{}"),
    ("digits", r#"{"digits":"1#"}"#),
    ("transfer", r#"{"queue":"sales"}"#),
    ("transfer", r#"{"agent":"bruno"}"#),
    ("consult", r#"{"agent":"bruno"}"#),
    ("hang-up", "{}"),
];

#[tokio::test(flavor = "multi_thread")]
async fn has_no_hand_in_what_is_live_and_another_s() {
    let site = Site::start_with(|_, setup| *setup = setup.replace("max_wait_ms = 1500\n", "")).await;
    let bruno = site.agent("bruno", "1002").await;
    assert_eq!(bruno.api.post("/me/pause", &json!({})).await.0, 200);
    let nothing = json!({});

    // Somebody gives up in a queue that Anna does not work in.
    let mut caller = site.trunk.dial("5002").await;
    caller.is_answered().await;
    eventually("the caller waiting", async || (bruno.api.get("/waiting").await.1.as_array()?.len() == 1).then_some(())).await;
    caller.hang_up().await;
    let abandoned = eventually("the abandoned call", async || {
        let (_, page) = bruno.api.get("/abandoned-calls").await;
        page["items"][0]["id"].as_str().map(str::to_owned)
    });
    let reservation = format!("/abandoned-calls/{}/reservation", abandoned.await);
    let mut anna = site.agent("anna", "1001").await;
    assert_eq!(anna.api.get("/abandoned-calls").await.1["items"], json!([]));
    assert_eq!(anna.api.put(&reservation, &nothing).await.0, 404);
    assert_eq!(bruno.api.put(&reservation, &nothing).await.0, 200, "it is there");
    assert_eq!(anna.api.delete(&reservation).await.0, 404);
    assert_eq!(bruno.api.get("/abandoned-calls").await.1["items"][0]["reserved_by"]["login"], "bruno");

    // An offer to Anna is not Bruno's to decline, nor anybody's who takes no calls.
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut own = anna.phone.rings().await;
    let offer = anna.api.get("/me").await.1["agent"]["offer"].as_str().expect("an offer").to_owned();
    let (sofia, admin) = (site.signed_in("sofia").await, site.signed_in("admin").await);
    for (client, wanted) in [(&bruno.api, 404), (&sofia, 403), (&admin, 403)] {
        assert_eq!(client.post(&format!("/offers/{offer}/decline"), &nothing).await.0, wanted);
    }
    assert_eq!(anna.api.get("/me").await.1["agent"]["offer"], json!(offer), "it rings on");
    own.answer().await;
    anna.is("talking").await;

    // Nor is her call, nor where she is signed in.
    let call = anna.api.get("/me").await.1["agent"]["call"].as_str().expect("a call").to_owned();
    for (what, body) in OF_WHO_TALKS {
        let path = format!("/calls/{call}/{what}");
        let body = serde_json::from_str(body).expect("JSON");
        assert_eq!(bruno.api.post(&path, &body).await.0, 404, "{what} by a colleague");
        // Supervisors end calls, and that alone.
        if what != "hang-up" {
            assert_eq!(sofia.post(&path, &body).await.0, 403, "{what} by a supervisor");
        }
    }
    assert_eq!(bruno.api.get(&format!("/calls/{call}")).await.0, 404);
    let session = anna.api.get("/me/sessions").await.1[0]["id"].as_str().expect("an id").to_owned();
    for client in [&bruno.api, &sofia, &admin] {
        assert_eq!(client.delete(&format!("/me/sessions/{session}")).await.0, 404);
    }
    assert_eq!(anna.api.get("/me").await.1["agent"]["state"], "talking", "nothing came of it");
    // All of it is there for her.
    assert_eq!(anna.api.post(&format!("/calls/{call}/hold"), &nothing).await.0, 204);
    assert_eq!(anna.api.post(&format!("/calls/{call}/hang-up"), &nothing).await.0, 202);
    own.is_ended().await;
    caller.is_ended().await;
    assert_eq!(anna.api.delete(&format!("/me/sessions/{session}")).await.0, 204);
    assert_eq!(anna.api.get("/me").await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn sees_in_lists_what_is_theirs() {
    let site = Site::start().await;
    let (call, recording) = a_call_of_anna(&site).await;
    for (login, sees) in [("anna", true), ("bruno", false), ("sofia", true), ("admin", true)] {
        let client = site.signed_in(login).await;
        for (list, id) in [("/calls", &call), ("/recordings", &recording)] {
            let (_, page) = client.get(list).await;
            let found = page["items"].as_array().is_some_and(|items| items.iter().any(|item| item["id"] == **id));
            assert_eq!(found, sees, "{login} {list}: {page}");
        }
    }
    // Anna's own are there for her, one by one.
    let anna = site.signed_in("anna").await;
    assert_eq!(anna.get(&format!("/calls/{call}")).await.0, 200);
    assert_eq!(send(anna.request(Method::GET, &format!("/recordings/{recording}/audio"))).await.0, 200);
    // What a session may do ends with it.
    assert_eq!(send(anna.request(Method::DELETE, "/session")).await.0, 204);
    assert_eq!(anna.get("/me").await.0, 401);
}

/// A recorded call that Anna answered: its id and its recording's.
async fn a_call_of_anna(site: &Site) -> (String, String) {
    let mut anna = site.agent("anna", "1001").await;
    let record = site.a_talk_with(&mut anna).await;
    anna.is("available").await;
    assert_eq!(send(anna.api.request(Method::DELETE, "/session")).await.0, 204);
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    (text(&record["call"]), text(&record["recordings"][0]["recording"]))
}

/// `METHOD PATH` of every operation, in order.
fn operations() -> Vec<String> {
    let document: Value = serde_json::from_str(include_str!("../../docs/api/openapi.json")).expect("the description");
    let paths = document["paths"].as_object().expect("paths");
    let mut operations: Vec<String> = paths
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().expect("methods").keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    operations.sort();
    operations
}

fn request(client: &Client, operation: &str, id: &str, body: &str) -> reqwest::RequestBuilder {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let path = path.strip_prefix("/api/v1").expect("the first version").replace("{id}", id);
    let path = path
        .replace("{agent}", id)
        .replace("{link}", id)
        .replace("{queue}", "sales")
        .replace("{list}", "calls")
        .replace("{mode}", "listen")
        .replace("{kind}", "prompts")
        .replace("{name}", "a-name");
    let request = client.request(method.parse().expect("a method"), &path);
    match body {
        "" => request,
        body => request.json(&serde_json::from_str::<Value>(body).unwrap_or(json!({}))),
    }
}
