//! A17 A18, G4: the next agent rings, the caller keeps the place, and who misses too often is paused.

use carillon_kit::{Baresip, until};
use serde_json::{Value, json};

use super::{Centre, choose_phone, facts, is};

#[tokio::test]
async fn and_the_caller_keeps_the_place() {
    let centre = Centre::open().await;
    let mut annas = Baresip::start(centre.phone("1001", "udp")).await;
    let mut brunos = Baresip::start(centre.phone("1002", "tcp")).await;
    let (anna, bruno, sofia) = (centre.sign_in("anna").await, centre.sign_in("bruno").await, centre.sign_in("sofia").await);
    choose_phone(&anna, "1001").await;
    choose_phone(&bruno, "1002").await;

    let mut caller = centre.caller().await;
    caller.dial(&centre.uri("5002")).await;
    annas.rings().await;
    let first = sofia.sees("/waiting", "one caller", |waiting| waiting.as_array().map(Vec::len) == Some(1)).await[0].clone();
    annas.is_over().await;
    brunos.rings().await;
    let still = sofia.sees("/waiting", "Bruno rings", |waiting| waiting[0]["offered_to"] == json!(["bruno"])).await;
    assert_eq!((&still[0]["call"], &still[0]["since"], &still[0]["position"]), (&first["call"], &first["since"], &json!(1)));
    brunos.is_over().await;
    annas.rings().await;
    annas.is_over().await;
    let me = is(&anna, "paused").await;
    assert_eq!((&me["agent"]["pause"], &me["agent"]["misses"]), (&json!("misses"), &json!(2)));
    brunos.rings().await;
    brunos.answer().await;
    let talking = is(&bruno, "talking").await;
    assert_eq!(talking["agent"]["call"], first["call"]);
    let id = first["call"].as_str().expect("an id");
    until("Bruno reads of the call he is on", async || (bruno.status(&format!("/calls/{id}")).await == 200).then_some(())).await;
    caller.hang_up().await;
    let call = bruno.sees(&format!("/calls/{id}"), "the call is over", |call| !call["ended_at"].is_null()).await;
    let outcomes: Vec<_> = call["record"]["offers"].as_array().expect("offers").iter().map(|offer| &offer["outcome"]).collect();
    assert_eq!(outcomes, ["no_answer", "no_answer", "no_answer", "answered"]);
    assert_eq!(call["agent"], "bruno");
    assert_eq!(facts(&call, "call.queued").len(), 1, "it waited once");

    assert_eq!(anna.post("/me/resume", Value::Null).await.status, 200);
    is(&anna, "available").await;
}
