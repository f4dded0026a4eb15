//! D1, H5, I3, I5, J5, K7 and threats 8, 30: calls an agent makes, by the desktop and by the keypad, and the trunks they take.

use std::time::{Duration, Instant};

use carillon_kit::phone::{Invite, Phone, header, status as status_of};
use serde_json::{Value, json};

use crate::{
    desktop::Desktop,
    site::{Site, ending},
};

const SPARE: &str = "SPARE_PORT";

/// Two trunks, one behind the other; a right that the agents have and one that they have not; an emergency number.
const ROUTES: &str = r#"
[[trunk]]
name = "spare"
host = "127.0.0.1"
port = SPARE_PORT

[[outbound_route]]
prefix = "+39"
trunk = "lab"
fallback = ["spare"]
caller_id = "+390200000"

[[outbound_route]]
prefix = "+1"
class = "international"
trunk = "lab"

[[outbound_route]]
prefix = "112"
class = "emergency"
trunk = "lab"
fallback = ["spare"]
caller_id = "+390200112"
"#;

async fn site() -> (Site, Phone) {
    let spare = Phone::trunk().await;
    let port = spare.address().port().to_string();
    let site = Site::start_with(|_, setup| {
        setup.push_str(&ROUTES.replace(SPARE, &port));
        *setup = setup.replace("password = \"phone-1001\"", "password = \"phone-1001\"\nauto_answer = \"call_info\"");
    })
    .await;
    spare.knows(site.sip);
    (site, spare)
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_click_the_own_phone_first_and_then_the_number() {
    let (mut site, _spare) = site().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut desk = Desktop::open(&site, &anna.api).await;
    let (code, made) = anna.api.post("/calls", &json!({ "number": "tel:+39 (02) 123-4567" })).await;
    assert_eq!(code, 202, "{made}");

    let mut own = anna.phone.incoming_call().await;
    let invite = own.invitation().expect("an INVITE");
    assert!(header(invite, "Call-Info").is_some_and(|info| info.contains("answer-after=0")), "{invite}");
    assert!(header(invite, "From").is_some_and(|from| from.contains("+39021234567")), "the phone shows whom it calls: {invite}");
    assert!(!site.trunk.was_called(), "nothing is dialled before the own phone answered");
    own.answer().await;

    let mut other = site.trunk.rings().await;
    let invite = other.invitation().expect("an INVITE");
    assert!(invite.uri.to_string().starts_with("sip:+39021234567@"), "{invite}");
    assert!(header(invite, "From").is_some_and(|from| from.contains("+390200000")), "{invite}");
    own.audio.hears(425.0).await;
    let state = anna.api.get("/me").await.1;
    assert_eq!((&state["agent"]["state"], &state["agent"]["call"]), (&json!("talking"), &made["id"]));
    other.answer().await;
    other.audio.say(500.0);
    own.audio.say(1300.0);
    other.audio.hears(1300.0).await;
    own.audio.hears(500.0).await;
    let row = desk.hears("call.changed", |row| row["state"] == "talking").await;
    assert_eq!((&row["kind"], &row["agent"], row["parties"].as_array().map(Vec::len)), (&json!("outbound"), &json!("anna"), Some(2)));
    other.hang_up().await;
    own.is_ended().await;

    anna.is("wrap_up").await;
    let record = site.record().await;
    assert_eq!((&record["kind"], &record["called"]), (&json!("outbound"), &json!("+39021234567")), "{record:#}");
    assert_eq!(ending(&record), "callee hung_up");
    let (_, page) = anna.api.get("/calls").await;
    assert_eq!(page["items"][0]["id"], made["id"], "it is in the agent's list");
    let bruno = site.signed_in("bruno").await;
    assert_eq!(bruno.get("/calls").await.1["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_declines_dials_nothing_and_busy_is_heard() {
    let (mut site, _spare) = site().await;
    let mut anna = site.agent("anna", "1001").await;
    anna.api.post("/calls", &json!({ "number": "+39021234567" })).await;
    anna.phone.incoming_call().await.refuse("603 Decline").await;
    let record = site.record().await;
    assert_eq!(ending(&record), "caller rejected");
    assert!(!site.trunk.was_called());

    anna.is("available").await;
    anna.api.post("/calls", &json!({ "number": "+39021234567" })).await;
    let mut own = anna.phone.incoming_call().await;
    own.answer().await;
    site.trunk.incoming_call().await.refuse("486 Busy Here").await;
    own.audio.hears(425.0).await;
    own.is_ended().await;
    assert_eq!(ending(&site.records(2).await[0]), "callee busy");
    let items = anna.api.get("/calls").await.1["items"].clone();
    let agents: Vec<_> = items.as_array().expect("rows").iter().map(|row| row["agent"].clone()).collect();
    assert_eq!(agents, ["anna", "anna"], "who dialled, though nobody was reached: {items:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_network_says_is_heard_before_the_answer_and_the_desktop_knows_why_nobody_came() {
    let (mut site, _spare) = site().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut desk = Desktop::open(&site, &anna.api).await;
    anna.api.post("/calls", &json!({ "number": "+39021234567" })).await;
    let mut own = anna.phone.incoming_call().await;
    own.answer().await;
    let other = site.trunk.incoming_call().await;
    other.is_heard_early().await;
    other.audio.say(900.0);
    own.audio.hears(900.0).await;
    other.refuse("486 Busy Here").await;
    own.audio.hears(425.0).await;
    let row = desk.hears("call.changed", |row| row["not_reached"] == "busy").await;
    assert_eq!(row["parties"].as_array().map(Vec::len), Some(1), "only the agent is left: {row}");
    own.is_ended().await;
    let record = site.record().await;
    assert_eq!((ending(&record), &record["answered_at"]), ("callee busy".to_owned(), &Value::Null), "it was no talk");

    // By the keypad: heard before the own call is answered.
    anna.is("available").await;
    let mut call = anna.phone.dial("+39021234567").await;
    let mut other = site.trunk.incoming_call().await;
    other.is_heard_early().await;
    other.audio.say(900.0);
    let progress = call.hears_early().await;
    assert_eq!(status_of(&progress), 183);
    call.audio.hears(900.0).await;
    other.answer().await;
    call.is_answered().await;
    call.audio.say(1300.0);
    other.audio.hears(1300.0).await;
    call.hang_up().await;
    other.is_ended().await;
    site.records(2).await;
    let (_, page) = anna.api.get("/calls").await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2), "keypad or click: both are hers");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_dialled_or_may_not_be_is_said_and_nothing_goes_out() {
    let (mut site, _spare) = site().await;
    let mut anna = site.agent("anna", "1001").await;
    for (number, code, kind) in [
        ("1\r\nVia: SIP/2.0/UDP evil", 422, "invalid"),
        ("1@evil.example", 422, "invalid"),
        ("", 422, "invalid"),
        ("+7123", 422, "invalid"),
        ("+12125550100", 403, "no_right_international"),
    ] {
        let (status, problem) = anna.api.post("/calls", &json!({ "number": number })).await;
        assert_eq!((status, &problem["type"]), (code, &json!(kind)), "{number}: {problem}");
        assert_eq!(problem["errors"][0]["field"], "number");
    }
    // In the name of a queue somebody else works in.
    for (queue, code, kind) in [("support", 403, "not_your_queue"), ("nowhere", 422, "invalid")] {
        let (status, problem) = anna.api.post("/calls", &json!({ "number": "+39021234567", "queue": queue })).await;
        assert_eq!((status, &problem["type"], &problem["errors"][0]["field"]), (code, &json!(kind), &json!("queue")), "{problem}");
    }
    let bruno = site.signed_in("bruno").await;
    let (status, problem) = bruno.post("/calls", &json!({ "number": "+39021234567" })).await;
    assert_eq!((status, &problem["type"]), (409, &json!("not_logged_in")));

    // The keypad obeys the same, and so does a phone nobody works with.
    let response = anna.phone.dial("+12125550100").await.final_response().await;
    assert_eq!(status_of(&response), 403);
    let lobby = Phone::registered("1002", site.sip).await;
    let response = lobby.dial("+39021234567").await.final_response().await;
    assert_eq!(status_of(&response), 403);
    assert!(!site.trunk.was_called() && !anna.phone.was_called());
    assert_eq!(ending(&site.records(2).await[0]), "system forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_trunk_is_taken_within_four_seconds() {
    let (mut site, mut spare) = site().await;
    let anna = site.agent("anna", "1001").await;

    let mut call = anna.phone.dial("+39021234567").await;
    site.trunk.incoming_call().await.refuse("503 Service Unavailable").await;
    let mut other = spare.rings().await;
    other.answer().await;
    call.is_answered().await;
    call.audio.say(1300.0);
    other.audio.hears(1300.0).await;
    anna.is("talking").await;
    other.hang_up().await;
    let record = site.record().await;
    let trunks: Vec<_> = legs(&record).iter().filter(|leg| !leg["trunk"].is_null()).map(|leg| leg["ending"]["reason"].clone()).collect();
    assert_eq!(trunks, [json!("unreachable"), json!("hung_up")], "the record tells the way: {record:#}");

    site.trunk.unplug();
    let began = Instant::now();
    let mut call = anna.phone.dial("+39021234567").await;
    let other = spare.incoming_call().await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    other.refuse("486 Busy Here").await;
    assert_eq!(status_of(&call.final_response().await), 486);
    let record = site.records(2).await.remove(0);
    let trunks: Vec<_> = legs(&record).iter().filter(|leg| !leg["trunk"].is_null()).map(|leg| leg["ending"]["reason"].clone()).collect();
    assert_eq!(trunks, [json!("unreachable"), json!("busy")], "silence is told as well: {record:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_called_sees_the_queue_s_number_or_the_agent_s_or_the_route_s() {
    let (mut site, _spare) = site().await;
    let mut anna = site.agent("anna", "1001").await;
    let admin = site.signed_in("admin").await;
    let named = async |list: &str, name: &str, value: &str| {
        let (_, page) = admin.get(list).await;
        let rows = page["items"].as_array().or(page.as_array()).expect("rows").clone();
        let row = rows.into_iter().find(|row| row[name] == value).expect("it");
        format!("{list}/{}", row["id"].as_str().expect("an id"))
    };
    let (queue, agent) = (named("/queues", "name", "sales").await, named("/users", "login", "anna").await);
    let mut shown = Vec::new();
    for (change, queue) in [
        (None, None),
        (Some((&agent, json!({ "version": 1, "agent": { "caller_id": "+390200201" } }))), None),
        (Some((&queue, json!({ "version": 1, "caller_id": "+390200500" }))), Some("sales")),
        (None, None),
    ] {
        if let Some((path, change)) = change {
            let (status, answer) = admin.put(path, &change).await;
            assert_eq!(status, 200, "{answer}");
        }
        let (status, made) = anna.api.post("/calls", &json!({ "number": "+39021234567", "queue": queue })).await;
        assert_eq!(status, 202, "{made}");
        let mut own = anna.phone.incoming_call().await;
        own.answer().await;
        let other = site.trunk.incoming_call().await;
        let from = header(other.invitation().expect("an INVITE"), "From").expect("a From");
        shown.push(from.split_once("sip:").and_then(|(_, rest)| rest.split_once('@')).expect("a user").0.to_owned());
        other.refuse("486 Busy Here").await;
        own.is_ended().await;
        anna.is("available").await;
    }
    assert_eq!(shown, ["+390200000", "+390200201", "+390200500", "+390200201"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_call_goes_out_from_any_phone_and_supervisors_are_told() {
    let (mut site, _spare) = site().await;
    let sofia = site.signed_in("sofia").await;
    let mut wall = Desktop::open(&site, &sofia).await;
    let lobby = Phone::registered("1003", site.sip).await;
    let mut call = lobby.invite(Invite::to("112")).await;
    let mut other = site.trunk.rings().await;
    let invite = other.invitation().expect("an INVITE");
    assert!(invite.uri.to_string().starts_with("sip:112@"), "{invite}");
    assert!(header(invite, "From").is_some_and(|from| from.contains("+390200112")), "the site's identity: {invite}");
    let alarm = wall.hears("call.emergency", |_| true).await;
    assert_eq!((&alarm["number"], &alarm["agent"]), (&json!("112"), &Value::Null));
    other.answer().await;
    call.is_answered().await;
    call.audio.say(1300.0);
    other.audio.hears(1300.0).await;
    call.hang_up().await;
}

fn legs(record: &Value) -> &Vec<Value> {
    record["legs"].as_array().expect("legs")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trunk_s_hour_allows_is_spent_after_a_restart_too() {
    let routes = "\n[[outbound_route]]\nprefix = \"+39\"\ntrunk = \"lab\"\n\n[[outbound_route]]\nprefix = \"112\"\nclass = \"emergency\"\ntrunk = \"lab\"\n";
    let mut site = Site::start_with(|_, setup| {
        *setup = setup.replace("name = \"lab\"\n", "name = \"lab\"\nmax_calls_per_hour = 1\n");
        setup.push_str(routes);
    })
    .await;
    let anna = site.agent("anna", "1001").await;
    // What emergency services were called for counts for nothing.
    for number in ["112", "+39021234567"] {
        let mut call = anna.phone.dial(number).await;
        site.trunk.incoming_call().await.refuse("486 Busy Here").await;
        assert_eq!(status_of(&call.final_response().await), 486, "{number}");
    }
    site.records(2).await;

    let mut site = site.restarted().await;
    let bruno = site.agent("bruno", "1002").await;
    let response = bruno.phone.dial("+39021234567").await.final_response().await;
    assert!(status_of(&response) >= 400 && !site.trunk.was_called(), "the hour's only call was made by the run before");
    let mut call = bruno.phone.dial("112").await;
    site.trunk.incoming_call().await.refuse("486 Busy Here").await;
    assert_eq!(status_of(&call.final_response().await), 486);
}
