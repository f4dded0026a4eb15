//! The real binary with real phones: baresip as agents' phones and callers, SIPp where a peer must follow a script. Each journey has a
//! site, ports and files of its own, so that they run beside each other.

mod a_caller_is_served_and_recorded;
mod a_caller_who_hangs_up_stops_the_ringing;
mod a_late_answer_is_ended;
mod a_queue_without_its_music_stops_the_start;
mod a_restart_keeps_what_was;
mod fifty_callers_meet_three_agents;
mod the_demo_is_as_the_readme_says;
mod two_phones_answer_and_one_wins;
mod what_nobody_answers_goes_to_the_next_agent;

use std::path::{Path, PathBuf};

use carillon_kit::{Baresip, Person, PhoneSetup, Server, Site};
use serde_json::{Value, json};

/// The number our callers call from.
const CALLER: &str = "+390212345678";

/// A server with its site.
struct Centre {
    site: Site,
    server: Server,
}

impl Centre {
    async fn open() -> Self {
        let site = site(SETUP);
        let server = Server::run(binary(), &site).await;
        Self { site, server }
    }

    async fn sign_in(&self, login: &str) -> Person {
        Person::sign_in(&self.server, login, &format!("{login}-password")).await
    }

    /// A phone of ours, as it comes out of the box.
    fn phone(&self, name: &str, transport: &str) -> PhoneSetup {
        PhoneSetup::registered(name, &format!("phone-{name}"), &self.server.bound.sip_udp.to_string(), transport)
    }

    /// A caller behind the trunk.
    async fn caller(&self) -> Baresip {
        Baresip::start(PhoneSetup::peer(CALLER, self.site.trunk_port()).tone(CALLER_HZ)).await
    }

    /// What a caller dials for a number of ours.
    fn uri(&self, number: &str) -> String {
        format!("sip:{number}@{}", self.server.bound.sip_udp)
    }
}

/// The journeys' people, phones, queues and trunk.
const SETUP: &str = include_str!("site/setup.toml");

fn site(setup: &str) -> Site {
    Site::new(setup, include_str!("site/plan.toml"), &sounds())
}

/// Our caller's tone, and an agent's.
const CALLER_HZ: f64 = 1000.0;
const AGENT_HZ: f64 = 600.0;

/// Signs in with a phone: from then on the agent is offered calls.
async fn choose_phone(person: &Person, phone: &str) {
    person.sees("/phones?available=true", &format!("{phone} is available"), |phones| names(phones).contains(&phone.to_owned())).await;
    let chosen = person.put("/session/phone", json!({ "phone": phone })).await;
    assert_eq!(chosen.status, 200, "{chosen:?}");
}

/// Waits until an agent is in a state.
async fn is(person: &Person, state: &str) -> Value {
    person.sees("/me", state, |me| me["agent"]["state"] == state).await
}

/// Waits until so many calls are over; newest first.
async fn calls_ended(person: &Person, count: usize) -> Vec<Value> {
    let all_over = |calls: &Value| {
        let calls = items(calls);
        calls.len() == count && calls.iter().all(|call| !call["ended_at"].is_null())
    };
    items(&person.sees("/calls?limit=200", &format!("{count} calls are over"), all_over).await)
}

/// The facts of a call, of one type.
fn facts<'a>(call: &'a Value, kind: &str) -> Vec<&'a Value> {
    let timeline = call["timeline"].as_array().expect("a timeline");
    timeline.iter().filter(|entry| entry["type"] == kind).collect()
}

/// Milliseconds from one fact to another.
fn ms_between(from: &Value, to: &Value) -> i64 {
    let at = |fact: &Value| fact["mono_ms"].as_i64().expect("milliseconds");
    at(to) - at(from)
}

fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().expect("items").clone()
}

fn names(rows: &Value) -> Vec<String> {
    rows.as_array().expect("rows").iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
}

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_carillon"))
}

/// A scenario for SIPp.
fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/journeys/sipp").join(name)
}

/// Where the demo's prompts and music are; the journeys' are the same.
fn sounds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans/demo")
}
