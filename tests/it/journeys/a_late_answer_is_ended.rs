//! A18, G4: a phone whose answer crosses the end of its offer is thanked and hung up; the caller never notices.

use carillon_kit::{PATIENCE, Ports, Sipp};

use super::{Centre, choose_phone, is, scenario};

#[tokio::test]
async fn and_counts_as_a_miss() {
    let centre = Centre::open().await;
    let (server, ports) = (centre.server.bound.sip_udp, Ports::reserve(1));
    let account = ["-s", "1001", "-au", "1001", "-ap", "phone-1001", "-m", "1"];
    Sipp::start(&scenario("register.xml"), server, ports.at_index(0), &account).is_done(PATIENCE).await;
    let phone = Sipp::start(&scenario("answers_when_cancelled.xml"), server, ports.at_index(0), &["-m", "2"]);
    phone.is_there().await;
    let anna = centre.sign_in("anna").await;
    let sofia = centre.sign_in("sofia").await;
    choose_phone(&anna, "1001").await;

    let mut caller = centre.caller().await;
    caller.dial(&centre.uri("5002")).await;
    caller.is_connected().await;
    let me = is(&anna, "paused").await;
    assert_eq!(me["agent"]["pause"], "misses");
    phone.is_done(PATIENCE).await;

    let waiting = sofia.get("/waiting").await;
    let id = waiting[0]["call"].as_str().expect("the caller still waits").to_owned();
    caller.hang_up().await;
    let call = sofia.sees(&format!("/calls/{id}"), "the call is over", |call| !call["ended_at"].is_null()).await;
    assert_eq!((&call["ended_by"], &call["reason"]), (&"caller".into(), &"cancelled".into()), "{call:#}");
    for (offer, leg) in [(0, 1), (1, 2)] {
        assert_eq!(call["record"]["offers"][offer]["outcome"], "no_answer");
        let leg = &call["record"]["legs"][leg];
        assert!(leg["ending"]["by"] == "system" && leg["ending"]["reason"] == "no_answer", "{leg:#}");
    }
}
