//! A17, G4, K1: more callers than agents. Who waits is served, who leaves is counted, and nobody gets two calls at once.

use std::{collections::BTreeMap, time::Duration};

use carillon_kit::{Answering, Baresip, Sipp};
use serde_json::Value;

use super::{Centre, calls_ended, choose_phone, facts, is, scenario};

const CALLERS: usize = 50;
/// These come when all agents have had somebody for a while, and leave after two seconds.
const IMPATIENT: std::ops::Range<usize> = 20..25;

#[tokio::test]
async fn and_every_call_has_its_record() {
    let centre = Centre::open().await;
    let mut phones = Vec::new();
    let mut agents = Vec::new();
    for (login, phone, transport) in [("anna", "1001", "udp"), ("bruno", "1002", "tcp"), ("carla", "1003", "udp")] {
        let setup = centre.phone(phone, transport).answering(Answering::Itself).talks_for(Duration::from_millis(600)).deaf();
        phones.push(Baresip::start(setup).await);
        let agent = centre.sign_in(login).await;
        choose_phone(&agent, phone).await;
        agents.push(agent);
    }
    let tempers = centre.site.path("tempers.csv");
    let temper = |caller| if IMPATIENT.contains(&caller) { "impatient\n" } else { "patient\n" };
    std::fs::write(&tempers, ["SEQUENTIAL\n".to_owned(), (0..CALLERS).map(temper).collect()].concat()).expect("a file");
    let options = ["-s", "5004", "-r", "5", "-m", "50", "-l", "50", "-inf", tempers.to_str().expect("a path")];
    let callers = Sipp::start(&scenario("waits_for_the_end.xml"), centre.server.bound.sip_udp, centre.site.trunk_port(), &options);
    callers.is_done(Duration::from_secs(120)).await;

    let sofia = centre.sign_in("sofia").await;
    let mut calls = Vec::new();
    for call in calls_ended(&sofia, CALLERS).await {
        calls.push(sofia.get(&format!("/calls/{}", call["id"].as_str().expect("an id"))).await);
    }
    let (answered, unanswered): (Vec<_>, Vec<_>) = calls.iter().partition(|call| !call["answered_at"].is_null());
    assert!(answered.len() >= 40, "{} of {CALLERS} answered; the rest: {:#?}", answered.len(), reasons(&unanswered));
    for call in &answered {
        assert_eq!((&call["ended_by"], &call["reason"]), (&"agent".into(), &"hung_up".into()), "{call:#}");
    }
    let gave_up = reasons(&unanswered);
    assert_eq!(gave_up.get("caller cancelled"), Some(&IMPATIENT.len()), "{gave_up:#?}");
    assert!(gave_up.keys().all(|why| ["caller cancelled", "dialplan queue_timeout"].contains(&why.as_str())), "{gave_up:#?}");
    for call in &calls {
        assert_eq!(facts(call, "call.ended").len(), 1, "{call:#}");
    }
    check_one_at_a_time(&calls);
    for agent in &agents {
        is(agent, "available").await;
    }
}

fn reasons(calls: &[&Value]) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for call in calls {
        let why = |field: &str| call[field].as_str().unwrap_or("nobody").to_owned();
        *found.entry(format!("{} {}", why("ended_by"), why("reason"))).or_default() += 1;
    }
    found
}

/// No agent's leg began before the one before it had ended.
fn check_one_at_a_time(calls: &[Value]) {
    let mut spans: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
    for call in calls {
        for started in facts(call, "leg.started").into_iter().filter(|fact| fact["data"]["role"] == "agent") {
            let leg = &started["data"]["leg"];
            let ended = facts(call, "leg.ended").into_iter().find(|fact| fact["data"]["leg"] == *leg).expect("a leg's end");
            let agent = started["data"]["agent"].as_str().expect("an agent").to_owned();
            let at = |fact: &Value| fact["seq"].as_i64().expect("a number");
            spans.entry(agent).or_default().push((at(started), at(ended)));
        }
    }
    assert_eq!(spans.len(), 3, "all three had calls");
    for (agent, mut legs) in spans {
        legs.sort_unstable();
        for pair in legs.windows(2) {
            assert!(pair[0].1 < pair[1].0, "agent {agent} had two calls at once: {pair:?} (numbers in the journal)");
        }
    }
}
