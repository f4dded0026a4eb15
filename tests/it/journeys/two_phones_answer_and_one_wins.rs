//! A19, G4: all phones of a queue ring and two answer at once: one has the call, the other is told why not, nobody is stuck.

use carillon_kit::{Answering, Baresip};

use super::{AGENT_HZ, Centre, choose_phone, is};

#[tokio::test]
async fn and_the_other_is_told_it_was_answered_elsewhere() {
    let centre = Centre::open().await;
    let setup = |name, transport| centre.phone(name, transport).answering(Answering::Itself).tone(AGENT_HZ);
    let annas = Baresip::start(setup("1001", "udp")).await;
    let brunos = Baresip::start(setup("1002", "udp")).await;
    let (anna, bruno, sofia) = (centre.sign_in("anna").await, centre.sign_in("bruno").await, centre.sign_in("sofia").await);
    choose_phone(&anna, "1001").await;
    choose_phone(&bruno, "1002").await;

    let mut caller = centre.caller().await;
    caller.dial(&centre.uri("5003")).await;
    caller.is_connected().await;
    let agents = sofia.sees("/agents", "somebody talks", |agents| (0..3).any(|at| agents[at]["state"] == "talking")).await;
    let anna_won = agents[0]["state"] == "talking";
    let ((winner, winners), (loser, mut losers)) =
        if anna_won { ((&anna, annas), (&bruno, brunos)) } else { ((&bruno, brunos), (&anna, annas)) };
    losers.traces("INVITE sip:").await;
    losers.is_over().await;
    let told = losers.traces("Reason:").await;
    assert!(told.contains("cause=200") && told.contains("Call completed elsewhere"), "{told}");
    let free = is(loser, "available").await;
    assert_eq!(free["agent"]["misses"], 0);
    let talking = is(winner, "talking").await;
    let id = talking["agent"]["call"].as_str().expect("a call").to_owned();
    assert_eq!(winners.count("CALL_CLOSED"), 0, "{}", winners.trace());

    caller.hang_up().await;
    is(winner, "wrap_up").await;
    is(winner, "available").await;
    let call = sofia.sees(&format!("/calls/{id}"), "the call is over", |call| !call["ended_at"].is_null()).await;
    let mut outcomes: Vec<_> = call["record"]["offers"].as_array().expect("offers").iter().map(|offer| offer["outcome"].as_str()).collect();
    outcomes.sort();
    assert_eq!(outcomes, [Some("answered"), Some("answered_elsewhere")]);
    assert_eq!(loser.status(&format!("/calls/{id}")).await, 404);
}
