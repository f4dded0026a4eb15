//! A18, G4, K1: the agent's phone is told at once, and nobody is to blame.

use carillon_kit::Baresip;

use super::{Centre, calls_ended, choose_phone, is};

#[tokio::test]
async fn and_the_agent_is_free_again() {
    let centre = Centre::open().await;
    let mut desk = Baresip::start(centre.phone("1001", "udp")).await;
    let (anna, sofia) = (centre.sign_in("anna").await, centre.sign_in("sofia").await);
    choose_phone(&anna, "1001").await;
    let mut caller = centre.caller().await;
    caller.dial(&centre.uri("5003")).await;
    desk.rings().await;
    caller.hang_up().await;

    desk.is_over().await;
    desk.traces("CANCEL sip:").await;
    let me = is(&anna, "available").await;
    assert_eq!(me["agent"]["misses"], 0);
    let calls = calls_ended(&sofia, 1).await;
    let call = sofia.get(&format!("/calls/{}", calls[0]["id"].as_str().expect("an id"))).await;
    let fields = [("queue", "hotline"), ("ended_by", "caller"), ("reason", "cancelled")];
    for (field, value) in fields {
        assert_eq!(call[field], value, "{field} of {call:#}");
    }
    let record = &call["record"];
    assert!(call["agent"].is_null() && call["connected"].is_null() && call["answered_at"].is_null(), "{call:#}");
    assert_eq!(record["offers"][0]["outcome"], "caller_gone");
    assert_eq!(record["queues"][0]["exit"], "abandoned");
    assert_eq!(record["legs"][1]["ending"]["reason"], "cancelled", "{record:#}");
}
