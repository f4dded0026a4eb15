//! A18, A19: the desk is the agent's until the call at hand is over, and nobody else's; a telephone that is gone is told of.

use carillon_kit::phone::Phone;
use reqwest::Method;
use serde_json::json;

use crate::{
    client::{eventually, send},
    desktop::Desktop,
    site::Site,
};

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_in_mid_call_waits_for_its_end_and_nobody_gets_the_phone_meanwhile() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    caller.audio.say(500.0);
    agent.audio.hears(500.0).await;
    anna.is("talking").await;
    assert_eq!(send(anna.api.request(Method::DELETE, "/session")).await.0, 204);

    // The call goes on, and the phone is still hers.
    let from = agent.audio.heard().len();
    agent.audio.hears_more(0.5).await;
    assert!(agent.audio.heard().len() > from && !agent.has_ended());
    let bruno = site.signed_in("bruno").await;
    let (status, problem) = bruno.put("/session/phone", &json!({ "phone": "1001" })).await;
    assert_eq!((status, &problem["type"]), (409, &json!("phone_claimed")), "{problem}");
    let (_, free) = bruno.get("/phones?available=true").await;
    assert!(!free.to_string().contains("1001"), "{free}");
    caller.hang_up().await;
    agent.is_ended().await;
    bruno.choose_phone("1001").await;
    let sofia = site.signed_in("sofia").await;
    let (_, agents) = sofia.get("/agents").await;
    let state = agents.as_array().expect("agents").iter().find(|agent| agent["login"] == "anna").map(|agent| agent["state"].clone());
    assert_eq!(state, Some(json!("logged_out")), "no wrap-up is left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_agents_who_choose_a_telephone_at_once_one_has_it() {
    let site = Site::start().await;
    let phone = Phone::registered("1001", site.sip).await;
    for round in 0..25 {
        let (anna, bruno) = (site.signed_in("anna").await, site.signed_in("bruno").await);
        let choice = json!({ "phone": "1001" });
        let (first, second) = tokio::join!(anna.put("/session/phone", &choice), bruno.put("/session/phone", &choice));
        let mut told = [first, second];
        told.sort_by_key(|(status, _)| *status);
        assert_eq!((told[0].0, told[1].0), (200, 409), "round {round}: {told:?}");
        assert_eq!(told[1].1["type"], "phone_claimed", "round {round}");
        for agent in [anna, bruno] {
            assert_eq!(agent.delete("/session").await.0, 204);
        }
    }
    drop(phone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_that_is_gone_makes_its_agent_unreachable_and_the_agent_is_told() {
    let site = Site::start().await;
    let anna = site.agent("anna", "1001").await;
    let mut desk = Desktop::open(&site, &anna.api).await;
    assert_eq!(anna.phone.register(0).await.status_code.code(), 200);
    desk.hears("agent.changed", |row| row["login"] == "anna" && row["state"] == "unreachable").await;
    anna.is("unreachable").await;
    // It stays hers, and comes back with her.
    let bruno = site.signed_in("bruno").await;
    assert_ne!(bruno.put("/session/phone", &json!({ "phone": "1001" })).await.0, 200);
    assert_eq!(anna.phone.register(3600).await.status_code.code(), 200);
    desk.hears("agent.changed", |row| row["login"] == "anna" && row["state"] == "available").await;
    eventually("the phone being there again", async || {
        let (_, me) = anna.api.get("/me").await;
        (me["agent"]["phone"] == "1001").then_some(())
    })
    .await;
}
