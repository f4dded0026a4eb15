//! A4, I1, K1: stopping and crashing. Registrations live on, running calls are ended or found, recordings can be played.

use std::time::Duration;

use carillon_kit::{Answering, Baresip, Server, sound, until};
use serde_json::json;

use super::{AGENT_HZ, CALLER_HZ, Centre, binary, calls_ended, choose_phone, facts, is};

#[tokio::test]
async fn and_a_stop_ends_what_is_left_after_its_grace() {
    let mut centre = Centre::open().await;
    let mut desk = Baresip::start(centre.phone("1001", "udp").answering(Answering::Itself).tone(AGENT_HZ)).await;
    let mut tcp = Baresip::start(centre.phone("1002", "tcp")).await;
    let (anna, sofia) = (centre.sign_in("anna").await, centre.sign_in("sofia").await);
    sofia.sees("/phones", "both phones", |phones| phones[0]["registered"] == true && phones[1]["registered"] == true).await;
    choose_phone(&anna, "1001").await;
    let mut caller = centre.caller().await;
    caller.dial(&centre.uri("5003")).await;
    caller.is_connected().await;
    let call = is(&anna, "talking").await["agent"]["call"].as_str().expect("a call").to_owned();

    centre.server.program.signal("TERM").await;
    until("the server drains", async || (centre.server.page("/readyz").await.0 == 503).then_some(())).await;
    tcp.dial(&centre.uri("1001")).await;
    let refused = tcp.is_over().await;
    assert!(refused.contains("503"), "a new call while it drains: {refused}");
    is(&anna, "talking").await;
    caller.is_over().await;
    desk.is_over().await;
    let status = centre.server.program.ended(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");

    let registered = desk.trace().matches("REGISTER sip:").count();
    centre.server = Server::run(binary(), &centre.site).await;
    let sofia = centre.sign_in("sofia").await;
    let phones = sofia.get("/phones").await;
    assert_eq!((&phones[0]["registered"], &phones[1]["registered"]), (&json!(true), &json!(false)), "only the one on UDP: {phones:#}");
    let calls = calls_ended(&sofia, 1).await;
    assert_eq!(calls[0]["id"], call.as_str());
    assert_eq!((&calls[0]["ended_by"], &calls[0]["reason"]), (&json!("system"), &json!("shutting_down")), "{:#}", calls[0]);

    // Anna's session stands: after the wrap-up of who was on a call she is offered the next one.
    let anna = centre.sign_in("anna").await;
    is(&anna, "available").await;
    caller.dial(&centre.uri("5003")).await;
    desk.is_connected().await;
    caller.is_connected().await;
    assert_eq!(desk.trace().matches("REGISTER sip:").count(), registered, "the phone did not register again");
    caller.hang_up().await;
    calls_ended(&sofia, 2).await;
    tcp.registers().await;
    sofia.sees("/phones", "the phone on TCP is back", |phones| phones[1]["registered"] == true).await;
}

#[tokio::test]
async fn and_a_crash_leaves_the_call_and_its_recording_to_be_found() {
    let mut centre = Centre::open().await;
    let desk = Baresip::start(centre.phone("1001", "udp").answering(Answering::Itself).tone(AGENT_HZ)).await;
    let anna = centre.sign_in("anna").await;
    choose_phone(&anna, "1001").await;
    let mut caller = centre.caller().await;
    caller.dial(&centre.uri("5001")).await;
    let call = is(&anna, "talking").await["agent"]["call"].as_str().expect("a call").to_owned();
    desk.hears(CALLER_HZ, Duration::from_millis(2500)).await;
    centre.server.program.kill().await;

    centre.server = Server::run(binary(), &centre.site).await;
    let sofia = centre.sign_in("sofia").await;
    calls_ended(&sofia, 1).await;
    let call = sofia.get(&format!("/calls/{call}")).await;
    let fields = [("ended_by", "system"), ("reason", "server_lost"), ("agent", "anna"), ("connected", "1001"), ("queue", "sales")];
    for (field, value) in fields {
        assert_eq!(call[field], value, "{field} of {call:#}");
    }
    assert_eq!(facts(&call, "call.ended").len(), 1);
    let audio = format!("/recordings/{}/audio", call["recording"].as_str().expect("a recording"));
    let (status, bytes) = sofia.download(&audio, None).await;
    assert_eq!(status, 200);
    let recording = sound::Recording::parse(&bytes);
    assert!(recording.seconds() > 1.2, "all but the last second is there: {}", recording.seconds());
    for (side, hz) in [(&recording.left, CALLER_HZ), (&recording.right, AGENT_HZ)] {
        assert!(sound::seconds_of_tone(side, hz) > recording.seconds() - 0.4, "its own tone on each side");
    }
}
