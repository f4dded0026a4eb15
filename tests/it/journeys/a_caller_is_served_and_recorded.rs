//! A16-A19, G4, I1-I3, K1 K2 K5: from the caller's first word to the record of the call and its recording.

use carillon_kit::{Baresip, Person, sound};
use serde_json::{Value, json};

use super::{AGENT_HZ, CALLER, CALLER_HZ, Centre, calls_ended, facts, is, ms_between, names, sounds};

/// Who hangs up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HangsUp {
    Caller,
    Agent,
}

#[tokio::test]
async fn and_the_caller_hangs_up() {
    serve(HangsUp::Caller, "caller").await;
}

#[tokio::test]
async fn and_the_agent_hangs_up() {
    serve(HangsUp::Agent, "agent").await;
}

async fn serve(hangs_up: HangsUp, ended_by: &str) {
    let centre = Centre::open().await;
    let mut desk = Baresip::start(centre.phone("1001", "udp").tone(AGENT_HZ)).await;
    let other = Baresip::start(centre.phone("1002", "tcp")).await;
    let (anna, bruno, sofia) = sign_in(&centre).await;

    let mut caller = centre.caller().await;
    caller.dial(&centre.uri("5001")).await;
    caller.is_connected().await;
    let ringing = desk.rings().await;
    assert!(ringing.contains(CALLER), "the phone shows who calls: {ringing}");
    is(&anna, "offered").await;
    let waiting = |waiting: &Value| waiting[0]["offered_to"] == json!(["anna"]) && waiting[0]["waited_ms"].as_u64() > Some(1500);
    sofia.sees("/waiting", "the caller hears the music while Anna rings", waiting).await;
    desk.answer().await;
    desk.is_connected().await;
    let talking = is(&anna, "talking").await;
    let call = talking["agent"]["call"].as_str().expect("the call Anna is on").to_owned();
    sofia.sees(&format!("/calls/{call}"), "talk of two seconds", |call| talks_for(call) > 2000).await;
    match hangs_up {
        HangsUp::Caller => caller.hang_up().await,
        HangsUp::Agent => desk.hang_up().await,
    }
    is(&anna, "wrap_up").await;
    caller.is_over().await;
    desk.is_over().await;

    let calls = calls_ended(&anna, 1).await;
    let call = anna.get(&format!("/calls/{call}")).await;
    assert_eq!(calls[0]["id"], call["id"]);
    check_record(&call, ended_by);
    is(&anna, "available").await;
    assert_eq!(other.count("CALL_INCOMING"), 0, "nobody else was rung");

    check_sight(&call, [&anna, &sofia], &bruno).await;
    check_recording(&anna, &call).await;
    check_ears(&caller, &desk);
}

/// Both phones are there for both agents; what one takes the other is not offered.
async fn sign_in(centre: &Centre) -> (Person, Person, Person) {
    let (anna, bruno, sofia) = (centre.sign_in("anna").await, centre.sign_in("bruno").await, centre.sign_in("sofia").await);
    anna.sees("/phones?available=true", "both phones", |phones| names(phones) == ["1001", "1002"]).await;
    let chosen = anna.put("/session/phone", json!({ "phone": "1001" })).await;
    assert_eq!((chosen.status, &chosen.body["agent"]["state"]), (200, &json!("available")), "{chosen:?}");
    assert_eq!(names(&bruno.get("/phones?available=true").await), ["1002"]);
    let refused = bruno.put("/session/phone", json!({ "phone": "1001" })).await;
    assert_eq!((refused.status, &refused.body["type"]), (409, &json!("phone_claimed")), "{refused:?}");
    (anna, bruno, sofia)
}

fn talks_for(call: &Value) -> i64 {
    let Some(bridged) = facts(call, "call.bridged").first().copied() else { return 0 };
    let since: i64 = bridged["at"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok()).expect("a time").as_millisecond();
    jiff::Timestamp::now().as_millisecond() - since
}

/// The call's one record says exactly what happened.
fn check_record(call: &Value, ended_by: &str) {
    let expected = [
        ("kind", "inbound"),
        ("caller", CALLER),
        ("called", "5001"),
        ("connected", "1001"),
        ("queue", "sales"),
        ("agent", "anna"),
        ("ended_by", ended_by),
        ("reason", "hung_up"),
    ];
    for (field, value) in expected {
        assert_eq!(call[field], value, "{field} of {call:#}");
    }
    let record = &call["record"];
    let legs = record["legs"].as_array().expect("legs");
    let endings: Vec<_> = legs.iter().map(|leg| (&leg["role"], &leg["ending"]["by"], &leg["ending"]["reason"])).collect();
    let hung_up = (json!(ended_by), json!("hung_up"));
    assert_eq!(endings, [(&json!("caller"), &hung_up.0, &hung_up.1), (&json!("agent"), &hung_up.0, &hung_up.1)]);
    assert_eq!(record["offers"][0]["outcome"], "answered");
    assert_eq!(record["queues"][0]["exit"], "answered");
    assert_eq!(record["consents"][0]["prompt"], "consent");
    assert_eq!(facts(call, "call.ended").len(), 1);
    let (ring, wait, talk) = (&call["ring_ms"], &call["wait_ms"], &call["talk_ms"]);
    assert!(wait.as_u64() >= ring.as_u64() && talk.as_u64() >= Some(2000), "{ring} {wait} {talk}");
}

async fn check_sight(call: &Value, see: [&Person; 2], does_not: &Person) {
    let (id, recording) = (call["id"].as_str().expect("an id"), call["recording"].as_str().expect("a recording"));
    let places = [format!("/calls/{id}"), format!("/recordings/{recording}"), format!("/recordings/{recording}/audio")];
    for place in &places {
        for person in see {
            assert_eq!(person.status(place).await, 200, "{place}");
        }
        assert_eq!(does_not.status(place).await, 404, "{place}");
    }
    for list in ["/calls", "/recordings"] {
        assert_eq!(does_not.get(list).await["items"], json!([]), "{list}");
        assert_eq!(see[0].get(list).await["items"].as_array().map(Vec::len), Some(1), "{list}");
    }
}

/// Each side's tone stands on its own side, all of the span and nothing else is there, and any range of it can be had.
async fn check_recording(anna: &Person, call: &Value) {
    let audio = format!("/recordings/{}/audio", call["recording"].as_str().expect("a recording"));
    let (status, whole) = anna.download(&audio, None).await;
    assert_eq!(status, 200);
    let recording = sound::Recording::parse(&whole);
    let span = ms_between(facts(call, "recording.started")[0], facts(call, "recording.stopped")[0]) as f64 / 1000.0;
    assert!((recording.seconds() - span).abs() < 0.2, "{} s of audio for a span of {span} s", recording.seconds());
    for (side, own, others) in [(&recording.left, CALLER_HZ, AGENT_HZ), (&recording.right, AGENT_HZ, CALLER_HZ)] {
        let (own, others) = (sound::seconds_of_tone(side, own), sound::seconds_of_tone(side, others));
        assert!(own > span - 0.5 && others < 0.1, "of {span} s: {own} s of its own tone, {others} s of the other's");
    }
    let (status, part) = anna.download(&audio, Some("1000-1999")).await;
    assert_eq!((status, part.as_slice()), (206, &whole[1000..2000]));
}

/// The caller heard consent, welcome, music and the agent, one after the other; the agent heard the caller and nothing else.
fn check_ears(caller: &Baresip, desk: &Baresip) {
    let heard = caller.heard().remove(0);
    let prompt = |name: &str| sound::read(&sounds().join(format!("prompts/en/{name}.wav")));
    let (consent, welcome) = (prompt("consent"), prompt("welcome"));
    let (consent_at, consent_likeness) = sound::find(&heard, &consent[sound::SECOND / 2..sound::SECOND]);
    let (welcome_at, welcome_likeness) = sound::find(&heard, &welcome[sound::SECOND / 2..sound::SECOND]);
    assert!(consent_likeness > 0.9 && welcome_likeness > 0.9, "consent {consent_likeness}, welcome {welcome_likeness}");
    let apart = welcome_at - consent_at;
    let expected = consent.len() as f64 / sound::SECOND as f64;
    assert!((apart - expected).abs() < 0.2, "the welcome began {apart} s after the consent of {expected} s");

    let music_from = ((welcome_at - 0.5) * sound::SECOND as f64) as usize + welcome.len() + sound::SECOND / 5;
    let music = sound::read_music(&sounds().join("music/hold.wav"));
    let twice = [music.as_slice(), music.as_slice()].concat();
    let (_, likeness) = sound::find(&twice, &heard[music_from..music_from + sound::SECOND / 4]);
    assert!(likeness > 0.9, "what came after the welcome is the music: {likeness}");

    assert!(sound::seconds_of_tone(&heard, AGENT_HZ) > 1.5, "the caller heard the agent");
    let heard = desk.heard().remove(0);
    let total = heard.len() as f64 / sound::SECOND as f64;
    assert!(sound::seconds_of_tone(&heard, CALLER_HZ) > total - 0.5 && total > 1.5, "the agent heard the caller, {total} s");
}
