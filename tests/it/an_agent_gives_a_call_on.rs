//! Call control by the API, tones measured on every leg: hold, transfer, consultation; what phones do by themselves; the recording of it.

use carillon_kit::phone::{Call, Invite, share, status};
use serde_json::{Value, json};

use crate::{
    client::{Client, eventually},
    desktop::Desktop,
    site::{Agent, Site, both_sides, ending},
};

const CALLER: f64 = 500.0;
const ANNA: f64 = 1300.0;
const BRUNO: f64 = 1900.0;

struct Talk {
    site: Site,
    anna: Agent,
    bruno: Agent,
    caller: Call,
    agent: Call,
    id: String,
}

/// A caller of the recorded queue talks with Anna; Bruno has a break.
async fn talk() -> Talk {
    talk_at(Site::start().await).await
}

async fn talk_at(site: Site) -> Talk {
    let mut anna = site.agent("anna", "1001").await;
    let bruno = site.agent("bruno", "1002").await;
    assert_eq!(bruno.api.post("/me/pause", &json!({})).await.0, 200);
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    caller.audio.say(CALLER);
    agent.audio.say(ANNA);
    agent.audio.hears(CALLER).await;
    caller.audio.hears(ANNA).await;
    anna.is("talking").await;
    let id = anna.api.get("/me").await.1["agent"]["call"].as_str().expect("a call").to_owned();
    Talk { site, anna, bruno, caller, agent, id }
}

impl Talk {
    async fn order(&self, what: &str, body: &Value) {
        let (status, problem) = self.anna.api.post(&format!("/calls/{}/{what}", self.id), body).await;
        assert_eq!(status, 204, "{what}: {problem}");
    }

    async fn refused(&self, what: &str, body: &Value) -> (u16, String) {
        let (status, problem) = self.anna.api.post(&format!("/calls/{}/{what}", self.id), body).await;
        (status, problem["type"].as_str().unwrap_or_default().to_owned())
    }
}

/// The last 0.4 s that a call heard once it has heard as much more.
async fn now_heard(call: &mut Call) -> Vec<i16> {
    call.audio.hears_more(0.6).await;
    let heard = call.audio.heard();
    heard[heard.len() - 3200..].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_on_hold_hears_music_and_nobody_hears_the_caller() {
    let mut t = talk().await;
    t.order("hold", &json!({})).await;
    let heard = now_heard(&mut t.caller).await;
    assert!(share(&heard, ANNA) < 0.02 && heard.iter().any(|sample| sample.abs() > 500), "music, and nothing of Anna");
    assert_eq!(t.refused("hold", &json!({})).await, (409, "on_hold".to_owned()));
    let heard_before = t.agent.audio.heard().len();
    t.caller.audio.hears_more(0.5).await;
    assert!(t.agent.audio.heard().len() < heard_before + 1600, "Anna hears nothing");
    t.order("resume", &json!({})).await;
    t.caller.audio.hears_more(0.5).await;
    assert!(share(&now_heard(&mut t.caller).await, ANNA) > 0.5, "she is back");
    t.caller.hang_up().await;
    t.agent.is_ended().await;
    let record = t.site.record().await;
    assert!(record["hold_ms"].as_u64() > Some(500) && record["hold_ms"].as_u64() < record["talk_ms"].as_u64(), "{record:#}");
    whole(&record);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_holds_by_itself_plays_the_same_music() {
    let mut t = talk().await;
    t.agent.hold().await;
    t.agent.audio.hush();
    eventually("the hold being told", async || {
        let (_, call) = t.anna.api.get(&format!("/calls/{}", t.id)).await;
        call["timeline"].as_array()?.iter().any(|fact| fact["type"] == "call.held").then_some(())
    })
    .await;
    let heard = now_heard(&mut t.caller).await;
    assert!(heard.iter().any(|sample| sample.abs() > 500), "music");
    t.caller.hang_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_is_asked_swapped_with_and_given_the_call() {
    let mut t = talk().await;
    assert_eq!(t.refused("consult", &json!({ "agent": "anna" })).await, (409, "no_such_target".to_owned()));
    t.order("consult", &json!({ "agent": "bruno" })).await;
    let mut asked = t.bruno.phone.rings().await;
    t.agent.audio.hears(425.0).await;
    assert_eq!(t.refused("complete", &json!({})).await, (409, "not_answered".to_owned()));
    asked.answer().await;
    asked.audio.say(BRUNO);
    asked.audio.hears(ANNA).await;
    t.agent.audio.hears(BRUNO).await;
    assert!(share(&now_heard(&mut t.caller).await, BRUNO) < 0.02, "the caller hears music");

    t.order("swap", &json!({})).await;
    t.agent.audio.hears_more(0.5).await;
    assert!(share(&now_heard(&mut t.agent).await, CALLER) > 0.5, "Anna is with the caller");
    assert!(share(&now_heard(&mut asked).await, ANNA) < 0.02, "and Bruno waits");

    t.order("complete", &json!({})).await;
    t.agent.is_ended().await;
    asked.audio.hears(CALLER).await;
    t.caller.audio.hears(BRUNO).await;
    t.anna.leaves("talking").await;
    t.bruno.is("talking").await;
    t.caller.audio.hears_more(0.5).await;
    t.caller.hang_up().await;
    asked.is_ended().await;

    let record = t.site.record().await;
    assert_eq!(record["transfers"][0]["attended"], true, "{record:#}");
    whole(&record);
    let (left, right) = both_sides(&t.site.recording_of(&record));
    assert!(share(&left, CALLER) > 0.5 && share(&right, ANNA) > 0.5 && share(&right, BRUNO) > 0.5, "each on the right side");
    assert!(share(&left, ANNA) < 0.02 && share(&left, BRUNO) < 0.02 && share(&right, CALLER) < 0.02);
    assert!(share(&right[right.len() - 3200..], BRUNO) > 0.5, "to the last second");
}

/// The caller, Anna and Bruno, whom she asked.
async fn consulting() -> (Talk, Call) {
    let mut t = talk().await;
    t.order("consult", &json!({ "agent": "bruno" })).await;
    let mut asked = t.bruno.phone.rings().await;
    asked.answer().await;
    asked.audio.say(BRUNO);
    asked.audio.hears(ANNA).await;
    (t, asked)
}

/// Who of the three a call hears from now on: the caller, Anna, Bruno.
async fn hears(call: &mut Call, wanted: [bool; 3]) {
    eventually("the change being heard", async || {
        let heard = now_heard(call).await;
        let is_so = |(hz, wanted): (f64, bool)| if wanted { share(&heard, hz) > 0.5 } else { share(&heard, hz) < 0.02 };
        [CALLER, ANNA, BRUNO].into_iter().zip(wanted).all(is_so).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_speak_with_each_other_and_nobody_hears_himself() {
    let (mut t, mut asked) = consulting().await;
    assert_eq!(t.refused("three-way", &json!({})).await.0, 204);
    hears(&mut t.caller, [false, true, true]).await;
    hears(&mut t.agent, [true, false, true]).await;
    hears(&mut asked, [true, true, false]).await;
    assert_eq!(t.refused("three-way", &json!({})).await, (409, "three_way".to_owned()));
    assert_eq!(t.refused("hold", &json!({})).await, (409, "three_way".to_owned()));
    t.order("digits", &json!({ "digits": "5#" })).await;
    t.caller.audio.is_pressed("5#").await;
    asked.audio.is_pressed("5#").await;

    // The agent drops out: the other two go on, bridged.
    t.order("complete", &json!({})).await;
    t.agent.is_ended().await;
    hears(&mut t.caller, [false, false, true]).await;
    hears(&mut asked, [true, false, false]).await;
    t.caller.hang_up().await;
    asked.is_ended().await;
    let record = t.site.record().await;
    whole(&record);
    let (left, right) = both_sides(&t.site.recording_of(&record));
    assert!(share(&left, CALLER) > 0.5 && share(&right, ANNA) > 0.5 && share(&right, BRUNO) > 0.5, "each on the right side");
    assert!(share(&left, ANNA) < 0.02 && share(&left, BRUNO) < 0.02 && share(&right, CALLER) < 0.02);
    assert!(share(&right[right.len() - 3200..], BRUNO) > 0.5, "to the last second");
    let both_at_once = right.chunks_exact(3200).any(|window| share(window, ANNA) > 0.5 && share(window, BRUNO) > 0.5);
    assert!(both_at_once, "while all three spoke both were recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_the_three_leaves_two_who_hear_each_other() {
    let (mut t, mut asked) = consulting().await;
    t.order("three-way", &json!({})).await;
    hears(&mut t.caller, [false, true, true]).await;
    asked.hang_up().await;
    hears(&mut t.caller, [false, true, false]).await;
    hears(&mut t.agent, [true, false, false]).await;
    t.order("hold", &json!({})).await;
    t.order("resume", &json!({})).await;
    t.caller.hang_up().await;
    t.agent.is_ended().await;
    whole(&t.site.record().await);

    let (mut t, mut asked) = consulting().await;
    t.order("three-way", &json!({})).await;
    hears(&mut asked, [true, true, false]).await;
    t.caller.hang_up().await;
    hears(&mut t.agent, [false, false, true]).await;
    hears(&mut asked, [false, true, false]).await;
    // The agent ends it for everybody.
    assert_eq!(t.refused("hang-up", &json!({})).await.0, 202);
    t.agent.is_ended().await;
    asked.is_ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_ends_a_consultation_on_the_desktop_leaves_the_caller_to_the_other() {
    let mut t = talk().await;
    let mut desk = Desktop::open(&t.site, &t.anna.api).await;
    let end = format!("/calls/{}/hang-up", t.id);
    t.order("consult", &json!({ "agent": "bruno" })).await;
    let mut asked = t.bruno.phone.rings().await;
    t.bruno.is("offered").await;
    let (_, me) = t.bruno.api.get("/me").await;
    assert_eq!((&me["agent"]["call"], &me["agent"]["offer"]), (&json!(t.id), &Value::Null), "it rings him, by no queue");
    assert_eq!(t.bruno.api.post(&end, &json!({})).await.0, 202, "he has no time, before he answers");
    asked.is_ended().await;
    t.bruno.leaves("offered").await;
    let row = desk.hears("call.changed", |row| row["not_reached"] == "rejected").await;
    assert_eq!(row["parties"][0]["on_hold"], true, "the caller waits for her to go on: {row}");

    t.order("resume", &json!({})).await;
    t.order("consult", &json!({ "agent": "bruno" })).await;
    let mut asked = t.bruno.phone.rings().await;
    asked.answer().await;
    asked.audio.say(BRUNO);
    t.agent.audio.hears(BRUNO).await;
    assert_eq!(t.bruno.api.post(&end, &json!({})).await.0, 202, "he has said what he knows");
    asked.is_ended().await;
    t.bruno.leaves("talking").await;
    t.order("resume", &json!({})).await;
    hears(&mut t.caller, [false, true, false]).await;

    t.order("consult", &json!({ "agent": "bruno" })).await;
    let mut asked = t.bruno.phone.rings().await;
    asked.answer().await;
    asked.audio.say(BRUNO);
    t.agent.audio.hears(BRUNO).await;
    assert_eq!(t.anna.api.post(&end, &json!({})).await.0, 202, "she leaves him the caller");
    t.agent.is_ended().await;
    hears(&mut t.caller, [false, false, true]).await;
    assert_eq!(t.bruno.api.post(&end, &json!({})).await.0, 202, "of two who talk one ends it for both");
    t.caller.is_ended().await;
    asked.is_ended().await;
    assert_eq!(ending(&t.site.record().await), "agent hung_up");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_reach_the_other_side_by_its_own_way_and_no_log() {
    let mut t = talk().await;
    for bad in ["", "12 3", "x", "1\r\n2", &"1".repeat(65)] {
        let (status, problem) = t.anna.api.post(&format!("/calls/{}/digits", t.id), &json!({ "digits": bad })).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("digits")), "{bad:?}");
        assert!(bad.len() < 2 || !problem.to_string().contains(bad), "they are not repeated");
    }
    t.order("digits", &json!({ "digits": "0471#" })).await;
    t.caller.audio.is_pressed("0471#").await;
    t.caller.audio.hears(ANNA).await;
    t.order("hold", &json!({})).await;
    assert_eq!(t.refused("digits", &json!({ "digits": "1" })).await, (409, "on_hold".to_owned()));
    t.caller.hang_up().await;
    t.agent.is_ended().await;
    let record = t.site.record().await;
    let admin = t.site.signed_in("admin").await;
    let id = record["call"].as_str().expect("an id");
    for path in ["", "/sip"] {
        let (_, written) = admin.get(&format!("/calls/{id}{path}")).await;
        assert!(!written.to_string().contains("0471"), "{path}: {written}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_by_info_to_a_line_that_knows_no_telephone_events() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.invite(Invite::to("5001").without_telephone_events()).await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    agent.audio.say(ANNA);
    caller.audio.hears(ANNA).await;
    anna.is("talking").await;
    let id = anna.api.get("/me").await.1["agent"]["call"].as_str().expect("a call").to_owned();
    let (status, problem) = anna.api.post(&format!("/calls/{id}/digits"), &json!({ "digits": "9*" })).await;
    assert_eq!(status, 204, "{problem}");
    assert_eq!([caller.is_pressed_by_info().await, caller.is_pressed_by_info().await], ['9', '*']);
    let record_of = async || site.signed_in("admin").await.get(&format!("/calls/{id}/sip")).await.1.to_string();
    caller.hang_up().await;
    agent.is_ended().await;
    site.record().await;
    assert!(!record_of().await.contains("Signal=9"), "the ladder hides what was pressed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_given_to_a_colleague_a_queue_and_a_number() {
    let mut t = talk().await;
    assert_eq!(t.refused("transfer", &json!({})).await.0, 422);
    assert_eq!(t.refused("transfer", &json!({ "number": "1@evil" })).await.0, 422);
    assert_eq!(t.refused("transfer", &json!({ "queue": "nowhere" })).await.0, 422);
    t.order("transfer", &json!({ "agent": "bruno" })).await;
    t.agent.is_ended().await;
    let mut second = t.bruno.phone.rings().await;
    second.answer().await;
    second.audio.say(BRUNO);
    t.caller.audio.hears(BRUNO).await;
    second.audio.hears(CALLER).await;

    // On to the queue Anna is in.
    t.anna.is("available").await;
    let (status, problem) = t.bruno.api.post(&format!("/calls/{}/transfer", t.id), &json!({ "queue": "sales" })).await;
    assert_eq!(status, 204, "{problem}");
    second.is_ended().await;
    let mut third = t.anna.phone.rings().await;
    third.answer().await;
    third.audio.say(ANNA);
    third.audio.hears(CALLER).await;
    t.caller.audio.hears_more(0.5).await;
    assert!(share(&now_heard(&mut t.caller).await, ANNA) > 0.5);
    third.hang_up().await;
    t.caller.is_ended().await;
    let record = t.site.record().await;
    assert_eq!((record["transfers"].as_array().map(Vec::len), record["queues"].as_array().map(Vec::len)), (Some(2), Some(2)));
    assert_eq!(ending(&record), "agent hung_up");
    whole(&record);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_refers_the_caller_to_another() {
    let mut t = talk().await;
    let refer_to = format!("Refer-To: <sip:1002@{}>", t.site.sip);
    let response = t.agent.transact("REFER", &[&refer_to], None).await;
    assert_eq!(status(&response), 202, "{response}");
    assert_eq!([t.agent.is_told().await, t.agent.is_told().await], ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]);
    let mut second = t.bruno.phone.rings().await;
    second.answer().await;
    second.audio.say(BRUNO);
    t.caller.audio.hears(BRUNO).await;
    second.audio.hears(CALLER).await;
    t.caller.hang_up().await;
    let record = t.site.record().await;
    assert_eq!(record["transfers"][0]["to"], "1002", "{record:#}");
}

/// Anna's phone has the caller on hold and asks Bruno by a call of its own.
async fn asks_by_phone(t: &mut Talk) -> (Call, Call) {
    t.agent.hold().await;
    let mut own = t.anna.phone.dial("1002").await;
    let mut asked = t.bruno.phone.rings().await;
    asked.answer().await;
    own.is_answered().await;
    own.audio.say(ANNA);
    asked.audio.say(BRUNO);
    asked.audio.hears(ANNA).await;
    own.audio.hears(BRUNO).await;
    (own, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_puts_its_two_calls_together_on_either_of_them() {
    for on_the_callers in [true, false] {
        // Of several media threads a phone's calls share one, or they could not be put together.
        let mut t = talk_at(Site::start_with(|config, _| config.media.threads = 3).await).await;
        let (mut own, mut asked) = asks_by_phone(&mut t).await;
        let (referring, named) = if on_the_callers { (&mut t.agent, own.as_replaced()) } else { (&mut own, t.agent.as_replaced()) };
        let escaped = named.replace(';', "%3B").replace('=', "%3D").replace('@', "%40");
        let refer_to = format!("Refer-To: <sip:1002@{}?Replaces={escaped}>", t.site.sip);
        let response = referring.transact("REFER", &[&refer_to], None).await;
        assert_eq!(status(&response), 202, "{response}");
        assert_eq!([referring.is_told().await, referring.is_told().await], ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]);
        t.agent.is_ended().await;
        own.is_ended().await;
        hears(&mut t.caller, [false, false, true]).await;
        hears(&mut asked, [true, false, false]).await;
        t.bruno.is("talking").await;
        t.anna.leaves("talking").await;
        t.caller.hang_up().await;
        asked.is_ended().await;
        t.bruno.leaves("talking").await;

        let records = t.site.records(2).await;
        let of = |kind: &str| records.iter().find(|record| record["kind"] == kind).unwrap_or_else(|| panic!("no {kind} call"));
        let (caller_call, own_call) = (of("inbound"), of("internal"));
        assert_eq!((&caller_call["transfers"][0]["attended"], &caller_call["transfers"][0]["to"]), (&json!(true), &json!("1002")));
        assert_eq!(own_call["ending"]["reason"], "transferred", "{own_call:#}");
        whole(caller_call);
        let (left, right) = both_sides(&t.site.recording_of(caller_call));
        assert!(share(&left, CALLER) > 0.5 && share(&right, ANNA) > 0.5 && share(&right, BRUNO) > 0.5, "each on the right side");
        assert!(share(&right[right.len() - 3200..], BRUNO) > 0.5, "to the last second");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_to_a_call_that_is_gone_is_declined_and_the_talk_goes_on() {
    let mut t = talk().await;
    let (mut own, mut asked) = asks_by_phone(&mut t).await;
    let named = own.as_replaced().replace(';', "%3B").replace('=', "%3D");
    asked.hang_up().await;
    own.is_ended().await;
    let refer_to = format!("Refer-To: <sip:1002@{}?Replaces={named}>", t.site.sip);
    let response = t.agent.transact("REFER", &[&refer_to], None).await;
    assert_eq!(status(&response), 603, "{response}");
    t.caller.hang_up().await;
    t.agent.is_ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_phone_takes_the_place_of_an_agents() {
    let mut t = talk().await;
    let mut second = t.bruno.phone.invite(Invite::to("1001").replacing(&t.agent.as_replaced())).await;
    second.is_answered().await;
    t.agent.is_ended().await;
    second.audio.say(BRUNO);
    hears(&mut t.caller, [false, false, true]).await;
    hears(&mut second, [true, false, false]).await;
    t.bruno.is("talking").await;
    // Nobody takes the place of one who is gone, nor of one he has made up.
    for named in [t.agent.as_replaced(), "x;to-tag=1;from-tag=2".to_owned()] {
        let response = t.bruno.phone.invite(Invite::to("1001").replacing(&named)).await.final_response().await;
        assert_eq!(status(&response), 481, "{response}");
    }
    second.hang_up().await;
    t.caller.is_ended().await;
    let record = t.site.record().await;
    whole(&record);
    let (_, right) = both_sides(&t.site.recording_of(&record));
    assert!(share(&right, ANNA) > 0.5 && share(&right, BRUNO) > 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_has_a_hand_in_it() {
    let t = talk().await;
    let sofia: Client = t.site.signed_in("sofia").await;
    for what in ["hold", "resume", "swap", "complete", "cancel-consult", "three-way"] {
        let path = format!("/calls/{}/{what}", t.id);
        assert_eq!(t.bruno.api.post(&path, &json!({})).await.0, 404, "{what}");
        assert_eq!(sofia.post(&path, &json!({})).await.0, 403, "{what}");
    }
}

/// The recording is as long as its span.
fn whole(record: &Value) {
    let recording = &record["recordings"][0];
    let (span, length) = (recording["span_ms"].as_i64().expect("a span"), recording["length_ms"].as_i64().expect("a length"));
    assert!((span - length).abs() < 300, "{length} ms of audio for {span} ms: {recording}");
}
