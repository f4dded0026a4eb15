//! Y1-Y4, Y6, A16: setting up by the API: every resource, every role, and each change in use at once (threat 35; B11, I1).

use carillon_kit::phone::status;
use serde_json::{Value, json};

use crate::{client::Client, desktop::Desktop, site::Site};

/// Resources: path, something to add, a field to change, and a value that does not go.
fn resources() -> Vec<(&'static str, Value, &'static str, Value, Value)> {
    let queue = json!({
        "name": "billing", "label": "Billing", "strategy": "ring_all", "offer_ms": 5000, "wrapup_ms": 1000, "misses_pause": 0,
        "max_wait_ms": 60000, "max_waiting": 5, "music": "hold", "record": false, "consent": null
    });
    vec![
        (
            "/users",
            json!({ "login": "carla", "name": "Carla Neri", "role": "agent", "password": "long-enough", "agent": { "number": "203", "typology": "external" } }),
            "name",
            json!("Carla Bianchi"),
            json!(""),
        ),
        ("/phones", json!({ "name": "1009", "label": "Desk 9", "password": "phone-1009" }), "label", json!("Desk nine"), json!(7)),
        ("/queues", queue, "offer_ms", json!(7000), json!(0)),
        (
            "/trunks",
            json!({ "name": "far", "host": "192.0.2.9", "port": 5060, "transport": "udp", "max_calls": 3 }),
            "port",
            json!(5070),
            json!(0),
        ),
        ("/outbound-routes", json!({ "prefix": "+44", "trunk": "lab", "record": true }), "prefix", json!("+45"), json!("no spaces")),
        ("/pauses", json!({ "name": "lunch", "label": "Lunch", "default": false, "paid": false }), "paid", json!(true), json!("yes")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_is_added_read_changed_and_removed() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    for (path, thing, field, other, wrong) in resources() {
        let (code, added) = admin.post(path, &thing).await;
        assert_eq!((code, &added["version"]), (201, &1.into()), "{path}: {added}");
        assert_eq!(added.get("password"), None, "a password is never shown");
        let one = format!("{path}/{}", added["id"].as_str().expect("an id"));
        assert_eq!(admin.get(&one).await, (200, added.clone()), "{path}");
        let (code, problem) = admin.post(path, &thing).await;
        assert_eq!((code, &problem["type"]), (409, &"taken".into()), "{path}: {problem}");
        assert!(problem["errors"][0]["field"].is_string(), "{path}: {problem}");

        let mut change = added.clone();
        change[field] = wrong;
        let (code, problem) = admin.put(&one, &change).await;
        assert_eq!((code, &problem["type"]), (422, &"invalid".into()), "{path}: {problem}");
        change[field] = other.clone();
        let (code, changed) = admin.put(&one, &change).await;
        assert_eq!((code, &changed[field], &changed["version"]), (200, &other, &2.into()), "{path}: {changed}");
        let (code, problem) = admin.put(&one, &change).await;
        assert_eq!((code, &problem["type"]), (409, &"stale".into()), "{path}: {problem}");
        change["version"] = 2.into();
        change["colour"] = "red".into();
        assert_eq!(admin.put(&one, &change).await.0, 422, "{path}: what nobody knows is refused");
        // What is left out stays as it is, whatever is sent beside it.
        for (part, version) in [(json!({ "version": 2 }), 3), (json!({ "version": 3, field: other }), 4)] {
            let (code, kept) = admin.put(&one, &part).await;
            assert_eq!((code, &kept["version"]), (200, &version.into()), "{path}: {kept}");
            assert_eq!(settings(&kept), settings(&changed), "{path}: {part}");
        }

        let (_, list) = admin.get(path).await;
        let rows = list["items"].as_array().or(list.as_array()).expect("a list");
        assert!(rows.iter().any(|row| row["id"] == added["id"]), "{path}: {list}");
        for login in ["anna", "sofia"] {
            let other = site.signed_in(login).await;
            let tried = [other.get(&one).await, other.post(path, &thing).await, other.put(&one, &changed).await, other.delete(&one).await];
            assert_eq!(tried.map(|(code, _)| code), [403; 4], "{path} by {login}");
        }
        assert_eq!(admin.delete(&one).await.0, 204, "{path}");
        assert_eq!((admin.get(&one).await.0, admin.delete(&one).await.0), (404, 404), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_needed_is_not_removed() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    let id = async |path: &str, field: &str, value: &str| {
        let (_, list) = admin.get(path).await;
        let rows = list["items"].as_array().or(list.as_array()).expect("a list").clone();
        let row = rows.into_iter().find(|row| row[field] == value).expect("a row");
        format!("{path}/{}", row["id"].as_str().expect("an id"))
    };
    let sales = id("/queues", "name", "sales").await;
    assert_eq!(admin.delete(&sales).await.1["type"], "in_use", "the dialplan names it");
    let (_, mut renamed) = admin.get(&sales).await;
    renamed["name"] = "selling".into();
    assert_eq!(admin.put(&sales, &renamed).await.1["type"], "in_use");
    assert_eq!(admin.delete(&id("/users", "login", "admin").await).await.1["type"], "last_admin");
    assert_eq!(admin.delete(&id("/pauses", "name", "break").await).await.1["type"], "in_use", "it is the default");
    assert_eq!(admin.post("/outbound-routes", &json!({ "prefix": "+44", "trunk": "lab" })).await.0, 201);
    assert_eq!(admin.delete(&id("/trunks", "name", "lab").await).await.1["type"], "in_use", "a route goes to it");
    let (_, mut silent) = admin.get(&sales).await;
    silent["music"] = "nothing".into();
    assert_eq!(admin.put(&sales, &silent).await.1["errors"][0]["field"], "music");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_agent_with_a_new_phone_takes_the_next_call_and_a_removed_one_none() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    let mut desktop = Desktop::open(&site, &admin).await;
    let (_, carla) = admin.post("/users", &resources()[0].1).await;
    let (_, phone) = admin.post("/phones", &resources()[1].1).await;
    desktop.hears("setup.changed", |_| true).await;
    let (_, queues) = admin.get("/queues").await;
    let sales = queues.as_array().expect("queues").iter().find(|queue| queue["name"] == "sales").expect("sales")["id"].clone();
    let (carla, phone, sales) = (text(&carla["id"]), text(&phone["id"]), text(&sales));
    let member = format!("/queues/{sales}/members/{carla}");
    assert_eq!(admin.put(&member, &json!({ "priority": 1 })).await.0, 204);
    let (_, members) = admin.get(&format!("/queues/{sales}/members")).await;
    assert!(members.as_array().expect("members").iter().any(|member| member["login"] == "carla"), "{members}");

    let mut desk = carillon_kit::phone::Phone::registered("1009", site.sip).await;
    let mut api: Client = site.stranger();
    api.sign_in("carla", "long-enough").await;
    api.choose_phone("1009").await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut ringing = desk.rings().await;
    ringing.answer().await;
    desktop.hears("agent.changed", |row| row["login"] == "carla" && row["state"] == "talking").await;
    caller.hang_up().await;
    ringing.is_ended().await;
    site.record().await;

    let follower = Desktop::open(&site, &api).await;
    assert_eq!(admin.delete(&format!("/users/{carla}")).await.0, 204);
    assert_eq!(follower.closed_with().await, 4401);
    assert_eq!(api.get("/me").await.0, 401, "the sessions went with the user");
    assert_eq!(admin.delete(&format!("/phones/{phone}")).await.0, 204);
    let refused = desk.dial("5001").await.final_response().await;
    assert!([401, 403].contains(&status(&refused)), "a removed phone is a stranger: {refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn supervisors_pause_resume_and_log_out_agents_and_agents_decline() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let id = text(&anna.api.get("/me").await.1["id"]);
    let order = |what: &str| format!("/agents/{id}/{what}");
    assert_eq!(anna.api.post(&order("pause"), &json!({})).await.0, 403);
    assert_eq!(sofia.post(&order("pause"), &json!({ "reason": "nap" })).await.0, 422);
    assert_eq!(sofia.post(&order("pause"), &json!({ "reason": "break" })).await.1["state"], "paused");
    anna.is("paused").await;
    assert_eq!(sofia.post(&order("resume"), &json!({})).await.1["state"], "available");

    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut ringing = anna.phone.rings().await;
    let offer = text(&anna.api.get("/me").await.1["agent"]["offer"]);
    let decline = format!("/offers/{offer}/decline");
    let bruno = site.signed_in("bruno").await;
    assert_eq!(bruno.post(&decline, &json!({})).await.0, 409, "another's offer");
    assert_eq!(anna.api.post(&decline, &json!({})).await.0, 204);
    ringing.is_ended().await;
    caller.hang_up().await;
    assert_eq!(site.record().await["offers"][0]["outcome"], "declined");

    let follower = Desktop::open(&site, &anna.api).await;
    assert_eq!(sofia.post(&order("log-out"), &json!({})).await.1["state"], "logged_out");
    assert_eq!(follower.closed_with().await, 4401);
    assert_eq!(anna.api.get("/me").await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_s_typology_says_where_the_work_is_begun() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    let anna = site.signed_in("anna").await;
    let (_, me) = anna.get("/me").await;
    let one = format!("/users/{}", text(&me["id"]));
    for (version, typology, kind) in [(1, "phonebar", "use_the_phone"), (2, "external", "phone_unreachable"), (3, "webrtc", "invalid")] {
        let (code, changed) = admin.put(&one, &json!({ "version": version, "agent": { "typology": typology } })).await;
        assert_eq!((code, &changed["agent"]["typology"], &changed["agent"]["number"]), (200, &json!(typology), &json!("201")), "{changed}");
        assert_eq!(anna.get("/me").await.1["agent"]["typology"], typology, "in use at once");
        let (_, problem) = anna.put("/session/phone", &json!({ "phone": "1001" })).await;
        assert_eq!(problem["type"], kind, "{typology}: {problem}");
    }
    let (code, problem) = admin.put(&one, &json!({ "version": 4, "agent": { "typology": "pigeon" } })).await;
    assert_eq!((code, &problem["type"]), (422, &json!("invalid")), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_wrote_is_taken_up_when_told() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    assert_eq!(site.signed_in("sofia").await.post("/reload", &json!({})).await.0, 403);
    let setup = "[[pause_reason]]\nname = \"lunch\"\n";
    let db = carillon_store::Db::open(&site.database()).await.expect("the database");
    carillon::setup::apply_text(&db, setup, "carillon").await.expect("a setup");
    assert_eq!(admin.get("/pauses").await.1.as_array().map(Vec::len), Some(1));
    assert_eq!(admin.post("/reload", &json!({})).await.0, 204);
    assert_eq!(admin.get("/pauses").await.1.as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_below_a_name_stays_too_and_null_takes_away() {
    let site = Site::start().await;
    let admin = site.signed_in("admin").await;
    let (_, carla) = admin.post("/users", &resources()[0].1).await;
    let one = format!("/users/{}", text(&carla["id"]));
    let (code, changed) = admin.put(&one, &json!({ "version": 1, "agent": { "wrapup_ms": 5000 } })).await;
    assert_eq!((code, &changed["agent"]["number"], &changed["agent"]["wrapup_ms"]), (200, &json!("203"), &json!(5000)), "{changed}");
    assert_eq!((&changed["name"], &changed["role"]), (&json!("Carla Neri"), &json!("agent")));
    let (_, changed) = admin.put(&one, &json!({ "version": 2, "agent": { "wrapup_ms": null } })).await;
    assert_eq!((&changed["agent"]["number"], &changed["agent"]["wrapup_ms"]), (&json!("203"), &Value::Null));
    let (_, changed) = admin.put(&one, &json!({ "version": 3, "role": "supervisor", "agent": null })).await;
    assert_eq!((&changed["agent"], &changed["name"]), (&Value::Null, &json!("Carla Neri")));
    let mut api: Client = site.stranger();
    api.sign_in("carla", "long-enough").await;
    let (code, problem) = admin.put(&one, &json!({ "name": "Nobody" })).await;
    assert_eq!((code, &problem["type"]), (422, &json!("invalid")), "without its version nothing changes");
}

/// Settings without what grows with each change, and without how the thing stands.
fn settings(kept: &Value) -> Value {
    let mut settings = kept.clone();
    let fields = settings.as_object_mut().expect("settings");
    fields.retain(|name, _| !["version", "updated_at", "status"].contains(&name.as_str()));
    settings
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
