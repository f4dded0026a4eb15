//! I2, I4, J6, R4, R5, R6, Y12, AB3: an agent classes a call in the wrap-up; it is final but for supervisors; abandoned calls are their holder's.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Client, eventually, send},
    desktop::Desktop,
    site::Site,
};

/// Whoever had a call writes it up for as long as it takes; two ways to have sold, and one for support alone.
const SETUP: &str = r#"
[[disposition]]
name = "Sold"

[[disposition]]
name = "By the year"
parent = "Sold"

[[disposition]]
name = "Called by mistake"
custom = true
queues = ["support"]
"#;

async fn site() -> Site {
    Site::start_with(|_, setup| {
        *setup = setup.replace("wrapup_ms = 200", "wrapup_ms = 600000");
        setup.push_str(SETUP);
    })
    .await
}

async fn id_of(client: &Client, name: &str) -> Value {
    let (_, all) = client.get("/dispositions").await;
    all.as_array().expect("rows").iter().find(|row| row["name"] == name).expect("it")["id"].clone()
}

async fn dispose(client: &Client, call: &str, disposition: &Value, note: Option<&str>) -> (u16, Value) {
    let body = json!({ "disposition": disposition, "note": note });
    send(client.request(Method::PUT, &format!("/calls/{call}/disposition")).json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_wrap_up_once_and_for_all() {
    let site = site().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut desk = Desktop::open(&site, &anna.api).await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut own = anna.phone.rings().await;
    own.answer().await;
    let call = desk.hears("call.bridged", |_| true).await["call"].as_str().expect("an id").to_owned();
    let (sold, yearly, mistake) =
        (id_of(&anna.api, "Sold").await, id_of(&anna.api, "By the year").await, id_of(&anna.api, "Called by mistake").await);
    // It is hers as soon as its record says so.
    eventually("the call being hers", async || (dispose(&anna.api, &call, &yearly, None).await.1["type"] == "call_is_up").then_some(()))
        .await;
    caller.hang_up().await;
    own.is_ended().await;
    anna.is("wrap_up").await;
    desk.hears("call.ended", |fact| fact["call"] == *call).await;
    // A page that is loaded anew has the call that is written up; nobody else has.
    let again = Desktop::open(&site, &anna.api).await;
    let written_up = &again.snapshot()["written_up"];
    assert_eq!((&written_up["call"], &written_up["queue"]), (&json!(call), &json!("sales")), "{written_up:#}");
    assert_eq!(again.snapshot()["calls"], json!([]));
    let sofia = site.signed_in("sofia").await;
    assert_eq!(Desktop::open(&site, &sofia).await.snapshot()["written_up"], Value::Null);
    eventually("its end in its record", async || (dispose(&anna.api, &call, &sold, None).await.0 == 422).then_some(())).await;

    for (disposition, note) in [(&sold, None), (&mistake, None), (&yearly, Some("x".repeat(2001)))] {
        let (status, problem) = dispose(&anna.api, &call, disposition, note.as_deref()).await;
        assert_eq!((status, &problem["type"]), (422, &json!("invalid")), "{problem}");
    }
    let bruno = site.signed_in("bruno").await;
    assert_eq!(dispose(&bruno, &call, &yearly, None).await.0, 404, "it is not his call");
    // Of two desks of one agent at once one is told that the other was first.
    let (a, b) = tokio::join!(dispose(&anna.api, &call, &yearly, Some(" thinks it over ")), dispose(&anna.api, &call, &yearly, None));
    let mut both = [a.0, b.0];
    both.sort_unstable();
    assert_eq!(both, [204, 409], "{a:?} {b:?}");
    anna.leaves("wrap_up").await;
    assert_eq!(Desktop::open(&site, &anna.api).await.snapshot()["written_up"], Value::Null);
    desk.hears("call.disposed", |fact| fact["call"] == *call && fact["names"] == json!(["Sold", "By the year"])).await;
    assert_eq!(dispose(&anna.api, &call, &yearly, None).await.1["type"], "disposed");

    let (_, page) = anna.api.get(&format!("/calls?disposition={}&sort=disposition", sold.as_str().expect("an id"))).await;
    let row = &page["items"][0];
    assert_eq!((&row["id"], &row["disposition"]), (&json!(call), &json!("By the year")));
    assert_eq!(row["disposition_names"], json!(["Sold", "By the year"]));
    assert_eq!(anna.api.get("/calls?disposed=false").await.1["items"], json!([]));
    let record = site.record().await;
    assert_eq!(record["disposition"]["names"], json!(["Sold", "By the year"]), "it stands in the call record");

    // A supervisor corrects it, and the audit log keeps both. What is removed later stays in the record.
    let sofia = site.signed_in("sofia").await;
    assert_eq!(dispose(&sofia, &call, &yearly, Some("did not buy")).await.0, 204);
    let admin = site.signed_in("admin").await;
    let (_, audited) = admin.get("/audit?entity=call").await;
    let entry = &audited["items"][0];
    assert_eq!((&entry["by"], &entry["entity_id"], &entry["action"]), (&json!("sofia"), &json!(call), &json!("update")), "{entry}");
    assert_eq!(entry["after"]["note"], "did not buy", "{entry}");
    assert_eq!(admin.delete(&format!("/dispositions/{}", sold.as_str().expect("an id"))).await.0, 204);
    assert_eq!(admin.get("/dispositions").await.1.as_array().map(Vec::len), Some(1), "what stood below it went with it");
    let (_, page) = sofia.get("/calls?disposed=true").await;
    assert_eq!((&page["items"][0]["disposition"], &page["items"][0]["note"]), (&json!("By the year"), &json!("did not buy")));
}

#[tokio::test(flavor = "multi_thread")]
async fn by_each_who_had_it_in_the_own_wrap_up() {
    let site = site().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut own = anna.phone.rings().await;
    own.answer().await;
    anna.is("talking").await;
    let mut bruno = site.agent("bruno", "1002").await;
    let live = async || anna.api.get("/me").await.1["agent"]["call"].as_str().map(str::to_owned);
    let call = eventually("her call", live).await;
    let (yearly, mistake) = (id_of(&anna.api, "By the year").await, id_of(&anna.api, "Called by mistake").await);
    let admin = site.signed_in("admin").await;
    let (status, ordered) = admin.post("/dispositions", &json!({ "name": "Ordered", "queues": ["sales"] })).await;
    assert_eq!(status, 201, "{ordered}");
    let ordered = ordered["id"].clone();
    let (status, answer) = anna.api.post(&format!("/calls/{call}/transfer"), &json!({ "queue": "support" })).await;
    assert!((200..300).contains(&status), "{answer}");
    own.is_ended().await;
    anna.is("wrap_up").await;
    // In her wrap-up the call is of the queue she answered it in.
    let desk = Desktop::open(&site, &anna.api).await;
    let shown = desk.snapshot()["calls"].as_array().and_then(|calls| calls.iter().find(|shown| shown["call"] == *call)).expect("her call");
    let had = &shown["had_by"][0];
    assert_eq!((&had["agent"], &had["queue"]), (&json!("anna"), &json!("sales")), "{shown:#}");
    // The page of the call offers what it is classed with.
    assert_eq!(anna.api.get(&format!("/calls/{call}")).await.1["dispositions_of"], "sales");
    assert_eq!(dispose(&anna.api, &call, &mistake, None).await.0, 422, "it is classed so in the other queue");
    assert_eq!(dispose(&anna.api, &call, &ordered, Some("sold it")).await.0, 204, "it is up, and over for her");
    anna.leaves("wrap_up").await;
    assert_eq!(dispose(&anna.api, &call, &yearly, None).await.1["type"], "call_is_up", "she has had her say");

    let mut theirs = bruno.phone.rings().await;
    theirs.answer().await;
    bruno.is("talking").await;
    caller.hang_up().await;
    theirs.is_ended().await;
    bruno.is("wrap_up").await;
    eventually("his say", async || (dispose(&bruno.api, &call, &mistake, None).await.0 == 204).then_some(())).await;
    let record = site.record().await;
    assert_eq!(record["disposition"]["names"], json!(["Called by mistake"]), "the last one's stands");
    assert_eq!(dispose(&anna.api, &call, &yearly, None).await.1["type"], "disposed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_call_by_who_has_reserved_it() {
    let site = site().await;
    let anna = site.agent("anna", "1001").await;
    assert_eq!(anna.api.post("/me/pause", &json!({})).await.0, 200);
    let bruno = site.signed_in("bruno").await;
    let mut desk = Desktop::open(&site, &bruno).await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    eventually("the caller waiting", async || {
        let (_, waiting) = bruno.get("/waiting").await;
        (waiting.as_array()?.len() == 1).then_some(())
    })
    .await;
    caller.hang_up().await;
    let call = desk.hears("abandoned.changed", |_| true).await["call"].as_str().expect("an id").to_owned();
    let yearly = id_of(&bruno, "By the year").await;
    assert_eq!(dispose(&bruno, &call, &yearly, None).await.1["type"], "not_reserved");
    assert_eq!(bruno.put(&format!("/abandoned-calls/{call}/reservation"), &json!({})).await.0, 200);
    assert_eq!(dispose(&anna.api, &call, &yearly, None).await.1["type"], "not_reserved");
    assert_eq!(dispose(&bruno, &call, &yearly, None).await.0, 204);
    assert_eq!(dispose(&bruno, &call, &yearly, Some("reached at last")).await.0, 204, "the holder may change it");
    let listed = async |query: &str| anna.api.get(&format!("/abandoned-calls{query}")).await.1["items"].as_array().expect("rows").clone();
    let row = eventually("it in the list", async || listed("?disposed=true").await.first().cloned()).await;
    assert_eq!((&row["disposition"], &row["note"]), (&json!("By the year"), &json!("reached at last")));
    assert!(listed("?disposed=false").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_set_up_in_three_levels() {
    let site = site().await;
    let admin = site.signed_in("admin").await;
    let yearly = id_of(&admin, "By the year").await;
    let (status, third) = admin.post("/dispositions", &json!({ "name": "In advance", "parent": yearly })).await;
    assert_eq!(status, 201, "{third}");
    for (body, field) in [
        (json!({ "name": "Deeper", "parent": third["id"] }), "parent"),
        (json!({ "name": "Below", "parent": yearly, "queues": ["sales"] }), "queues"),
        (json!({ "name": "Nobody's", "queues": ["nothing"] }), "queue"),
        (json!({ "name": "a/b" }), "name"),
        (json!({ "name": " " }), "name"),
    ] {
        let (status, problem) = admin.post("/dispositions", &body).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)), "{problem}");
    }
    assert_eq!(admin.post("/dispositions", &json!({ "name": "Sold" })).await.1["type"], "taken");
    // A place that nobody named is the last; of the same place whoever came first stands first.
    for body in [
        json!({ "name": "Zeta", "position": 4 }),
        json!({ "name": "Beta" }),
        json!({ "name": "Alpha" }),
        json!({ "name": "Gamma", "position": 0 }),
    ] {
        assert_eq!(admin.post("/dispositions", &body).await.0, 201, "{body}");
    }
    let all = admin.get("/dispositions").await.1;
    let first = all.as_array().expect("rows").iter().filter(|row| row["parent"].is_null());
    let first: Vec<_> = first.filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(first, ["Sold", "Called by mistake", "Gamma", "Zeta", "Beta", "Alpha"]);
    let path = format!("/dispositions/{}", third["id"].as_str().expect("an id"));
    let mut change = admin.get(&path).await.1;
    change["parent"] = Value::Null;
    assert_eq!(admin.put(&path, &change).await.1["errors"][0]["field"], "parent");
    change["parent"] = yearly;
    change["name"] = json!("Paid in advance");
    let (status, changed) = admin.put(&path, &change).await;
    assert_eq!((status, &changed["name"], &changed["version"]), (200, &json!("Paid in advance"), &json!(2)), "{changed}");
}
