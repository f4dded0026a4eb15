//! A supervisor listens, whispers and barges in, or takes the call over: who hears whom by four tones, what the recording holds, and who is told of it (X4, AB11).

use carillon_kit::phone::{Call, Phone, share};
use serde_json::{Value, json};

use crate::{
    client::{Client, eventually},
    desktop::Desktop,
    site::{Agent, Site, both_sides},
};

const CALLER: f64 = 500.0;
const ANNA: f64 = 1300.0;
const BRUNO: f64 = 1900.0;
/// What the supervisor says while only the agent, or nobody, is to hear it.
const ASIDE: f64 = 2300.0;
/// What the supervisor says to all.
const ALOUD: f64 = 3100.0;

/// Stretches of a second listened to at most until somebody is heard: on a busy machine a telephone of the test may miss its time to speak. Whoever
/// must not be heard is heard in none of them.
const STRETCHES: usize = 5;

/// The parties, as the rows and columns of a matrix: caller, Anna, Bruno, supervisor.
#[derive(Default)]
struct Parties([Option<Call>; 4]);

impl Parties {
    fn caller(&mut self) -> &mut Call {
        self.0[0].as_mut().expect("the caller is there")
    }

    fn agent(&mut self) -> &mut Call {
        self.0[1].as_mut().expect("Anna is there")
    }

    fn supervisor(&mut self) -> &mut Call {
        self.0[3].as_mut().expect("the supervisor is there")
    }

    /// Each cell: `1` the row hears the column, `0` it does not. Rows of nobody are left out.
    async fn expect(&mut self, what: &str, supervisor_says: f64, matrix: [&str; 4]) {
        let tones = [CALLER, ANNA, BRUNO, supervisor_says];
        for (row, party) in self.0.iter_mut().enumerate() {
            let Some(party) = party else { continue };
            let mut faint = String::new();
            for _ in 0..STRETCHES {
                party.audio.hears_more(1.0).await;
                let heard = party.audio.heard();
                let heard = &heard[heard.len() - 3200..];
                faint.clear();
                for (column, is_heard) in matrix[row].bytes().enumerate() {
                    let level = share(heard, tones[column]);
                    let said = format!("{what}: {row} hears {column} at {level:.3}");
                    assert!(is_heard == b'1' || level < 0.03, "{said}");
                    if is_heard == b'1' && level <= 0.5 {
                        faint = said;
                    }
                }
                if faint.is_empty() {
                    break;
                }
            }
            assert!(faint.is_empty(), "{faint}");
        }
    }
}

async fn order(of: &Client, call: &str, what: &str, body: Value) -> (u16, String) {
    let (status, answer) = of.post(&format!("/calls/{call}/{what}"), &body).await;
    (status, answer["type"].as_str().unwrap_or_default().to_owned())
}

async fn call_of(agent: &Agent) -> String {
    agent.api.get("/me").await.1["agent"]["call"].as_str().expect("a call").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hears_whom_it_should_and_the_recording_holds_what_all_may_hear() {
    let site = Site::start().await;
    let (mut anna, mut bruno) = (site.agent("anna", "1001").await, site.agent("bruno", "1002").await);
    assert_eq!(bruno.api.post("/me/pause", &json!({})).await.0, 200);
    let sofia = site.signed_in("sofia").await;
    let mut desk = Phone::registered("1003", site.sip).await;
    let mut parties = Parties::default();
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    anna.is("talking").await;
    let call = call_of(&anna).await;
    caller.audio.say(CALLER);
    agent.audio.say(ANNA);
    parties.0 = [Some(caller), Some(agent), None, None];
    parties.expect("two", ASIDE, ["0100", "1000", "", ""]).await;

    assert_eq!(order(&sofia, &call, "listen", json!({ "phone": "1003" })).await.0, 202);
    let mut beside = desk.rings().await;
    beside.answer().await;
    beside.audio.say(ASIDE);
    beside.audio.hears(CALLER).await;
    parties.0[3] = Some(beside);
    parties.expect("listen", ASIDE, ["0100", "1000", "", "1100"]).await;

    assert_eq!(order(&sofia, &call, "whisper", json!({})).await.0, 202);
    parties.agent().audio.hears(ASIDE).await;
    parties.expect("whisper", ASIDE, ["0100", "1001", "", "1100"]).await;

    // What is still on its way is an aside.
    parties.supervisor().audio.say(ALOUD);
    parties.agent().audio.hears_no_more(ASIDE).await;
    assert_eq!(order(&sofia, &call, "barge", json!({})).await.0, 202);
    parties.caller().audio.hears(ALOUD).await;
    parties.expect("barge", ALOUD, ["0101", "1001", "", "1100"]).await;

    assert_eq!(order(&anna.api, &call, "consult", json!({ "agent": "bruno" })).await.0, 204);
    let mut asked = bruno.phone.rings().await;
    asked.answer().await;
    asked.audio.say(BRUNO);
    asked.audio.hears(ANNA).await;
    parties.0[2] = Some(asked);
    parties.expect("barge in a consultation", ALOUD, ["0000", "0011", "0101", "0110"]).await;
    assert_eq!(order(&anna.api, &call, "three-way", json!({})).await.0, 204);
    parties.caller().audio.hears(BRUNO).await;
    parties.expect("barge in three-way", ALOUD, ["0111", "1011", "1101", "1110"]).await;

    assert_eq!(order(&sofia, &call, "stop-supervising", json!({})).await.0, 204);
    parties.0[3].take().expect("the supervisor").is_ended().await;
    parties.caller().audio.hears_no_more(ALOUD).await;
    parties.expect("three-way", ALOUD, ["0110", "1010", "1100", ""]).await;
    parties.caller().hang_up().await;
    let record = finished(&site, parties).await;
    let (left, right) = both_sides(&site.recording_of(&record));
    for (hz, is_left, is_right) in
        [(CALLER, true, false), (ANNA, false, true), (BRUNO, false, true), (ASIDE, false, false), (ALOUD, false, true)]
    {
        for (side, samples, is_there) in [("left", &left, is_left), ("right", &right, is_right)] {
            let level = share(samples, hz);
            assert!(if is_there { level > 0.5 } else { level < 0.02 }, "{hz} Hz on the {side} at {level:.3}");
        }
    }
    let recording = &record["recordings"][0];
    let (span, length) = (recording["span_ms"].as_i64().expect("a span"), recording["length_ms"].as_i64().expect("a length"));
    assert!((span - length).abs() < 300, "{length} ms of audio for {span} ms");
}

/// The record, once the two colleagues who were left have hung up.
async fn finished(site: &Site, mut parties: Parties) -> Value {
    parties.agent().hang_up().await;
    site.record().await
}

#[tokio::test(flavor = "multi_thread")]
async fn supervisors_alone_do_so_and_are_told_of_it() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let mut desk = Phone::registered("1003", site.sip).await;
    let (mut seen, mut agents) = (Desktop::open(&site, &sofia).await, Desktop::open(&site, &anna.api).await);
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    anna.is("talking").await;
    let call = call_of(&anna).await;
    let phone = json!({ "phone": "1003" });
    assert_eq!(order(&anna.api, &call, "listen", phone.clone()).await, (403, "forbidden".to_owned()));
    for (body, refused) in [
        (json!({}), (422, "invalid")),
        (json!({ "phone": "7" }), (422, "invalid")),
        (json!({ "phone": "1002" }), (409, "phone_unreachable")),
        (json!({ "phone": "1001" }), (409, "phone_taken")),
    ] {
        assert_eq!(order(&sofia, &call, "listen", body).await, (refused.0, refused.1.to_owned()));
    }
    assert_eq!(order(&sofia, &call, "stop-supervising", json!({})).await, (409, "not_supervising".to_owned()));

    assert_eq!(order(&sofia, &call, "listen", phone.clone()).await.0, 202);
    desk.rings().await.answer().await;
    let row = seen.hears("call.changed", |row| !row["supervisor"].is_null()).await;
    assert_eq!(row["supervisor"], json!({ "login": "sofia", "name": "Sofia Greco", "mode": "listen" }));
    assert_eq!(row["parties"].as_array().map(Vec::len), Some(2), "{row}");
    let admin = site.signed_in("admin").await;
    assert_eq!(order(&admin, &call, "whisper", json!({ "phone": "1003" })).await.0, 409, "one supervisor, and the phone is in use");
    assert_eq!(order(&sofia, &call, "barge", json!({})).await.0, 202);
    seen.hears("call.changed", |row| row["supervisor"]["mode"] == "barge").await;
    assert_eq!(order(&sofia, &call, "stop-supervising", json!({})).await.0, 204);
    seen.hears("call.changed", |row| row["call"] == *call && row["supervisor"].is_null()).await;

    caller.hang_up().await;
    agent.is_ended().await;
    agents.hears("call.saved", |_| true).await;
    let heard = agents.heard_of_calls();
    assert!(!heard.contains(&"call.supervised") && heard.iter().filter(|kind| **kind == "leg.started").count() <= 2, "{heard:?}");
    let (_, hers) = anna.api.get(&format!("/calls/{call}")).await;
    assert!(!hers.to_string().contains("supervis"), "{hers:#}");
    let facts = site.facts("call.supervised").await;
    assert_eq!(facts.iter().map(|fact| fact["mode"].as_str().unwrap_or_default()).collect::<Vec<_>>(), ["listen", "barge"]);
    let audited = eventually("the audit log", async || {
        let (_, page) = admin.get("/audit?entity=call").await;
        page["items"].as_array().filter(|items| items.len() == 2).cloned()
    })
    .await;
    assert!(audited.iter().all(|entry| entry["by"] == "sofia"), "{audited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_is_taken_over_and_the_agents_work_is_done() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let sofia = site.signed_in("sofia").await;
    let mut desk = Phone::registered("1003", site.sip).await;
    let mut seen = Desktop::open(&site, &sofia).await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    anna.is("talking").await;
    let call = call_of(&anna).await;
    caller.audio.say(CALLER);
    agent.audio.say(ANNA);
    caller.audio.hears(ANNA).await;
    assert_eq!(order(&sofia, &call, "take-over", json!({})).await, (409, "not_supervising".to_owned()));
    assert_eq!(order(&anna.api, &call, "take-over", json!({})).await.0, 403);

    assert_eq!(order(&sofia, &call, "listen", json!({ "phone": "1003" })).await.0, 202);
    let mut beside = desk.rings().await;
    beside.answer().await;
    beside.audio.say(ALOUD);
    beside.audio.hears(CALLER).await;
    assert_eq!(order(&sofia, &call, "take-over", json!({})).await.0, 204);
    agent.is_ended().await;
    anna.leaves("talking").await;
    caller.audio.hears(ALOUD).await;
    caller.audio.hears_no_more(ANNA).await;
    beside.audio.hears_more(1.0).await;
    let is_hers = |row: &Value| {
        let phones = row["parties"].as_array().map(|parties| parties.iter().map(|party| party["phone"].clone()).collect::<Vec<_>>());
        row["supervisor"].is_null() && row["agent"] == "sofia" && phones == Some(vec![json!(null), json!("1003")])
    };
    seen.hears("call.changed", is_hers).await;

    caller.hang_up().await;
    beside.is_ended().await;
    let record = site.record().await;
    assert_eq!(record["transfers"].as_array().map(Vec::len), Some(1), "{record:#}");
    // From then on it is that person's work, whoever else has had it.
    let (_, me) = sofia.get("/me").await;
    let taken: Vec<&Value> = record["legs"].as_array().expect("legs").iter().filter(|leg| !leg["took_over_at"].is_null()).collect();
    assert!(matches!(&taken[..], [leg] if leg["agent"] == me["id"]), "{record:#}");
    let (_, right) = both_sides(&site.recording_of(&record));
    assert!(share(&right[right.len() - 4000..], ALOUD) > 0.5, "whoever has the call is recorded");
    let admin = site.signed_in("admin").await;
    let (_, audited) = admin.get("/audit?entity=call").await;
    assert!(audited.to_string().contains("take_over"), "{audited:#}");
}
