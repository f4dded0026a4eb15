//! K1, threat 50: what a killed server knew of phones on TCP. Their connections died with it: such a phone is out of reach and its agent
//! is offered no call until it has connected again; a caller who waits meanwhile is offered to it then.

use tokio::process::Command;

use carillon_kit::{Server, phone::Invite};

use super::{Floor, SALES, binary, facts, in_state, phone, sits_down};
use crate::edge::{
    certificates::Authority,
    handset::{By, Handset},
};

const CALLER: &str = "+390231000";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_are_offered_nothing_before_they_do() {
    let authority = Authority::new();
    let mut floor = Floor::before_the_shift(1, 0, |_| {}, Command::new(binary())).await;
    let mut handset = Handset::connect(&phone(0), By::Tcp, floor.server.bound.sip_tcp, &authority).await;
    let registered = handset.register("").await;
    assert!(registered.starts_with("SIP/2.0 200"), "{registered}");
    sits_down(&floor.server, 0).await;

    floor.server.program.kill().await;
    floor.server = Server::again(binary(), &floor.site).await;
    let sofia = floor.supervisor().await;
    assert_eq!(in_state(&sofia.get("/agents").await, "unreachable"), ["agent00"], "{:#}", sofia.get("/agents").await);
    assert_eq!(sofia.get("/phones").await[0]["registered"], false);

    let mut caller = floor.trunk.invite(Invite::to(SALES).from(CALLER)).await;
    caller.is_answered().await;
    let waits = |waiting: &serde_json::Value| waiting.as_array().is_some_and(|waiting| waiting.len() == 1);
    sofia.sees("/waiting", "the caller waits", waits).await;

    let mut handset = Handset::connect(&phone(0), By::Tcp, floor.server.bound.sip_tcp, &authority).await;
    let registered = handset.register("").await;
    assert!(registered.starts_with("SIP/2.0 200"), "{registered}");
    let invite = handset.hears().await;
    assert!(invite.starts_with("INVITE "), "the caller who waited: {invite}");
    handset.answer(&invite, "486 Busy Here").await;
    assert!(handset.hears().await.starts_with("ACK "), "the server took its answer");
    caller.hang_up().await;

    let call = floor.call_of(CALLER).await;
    let first = facts(&call, "offer.ended")[0];
    assert_eq!(first["data"]["outcome"], "busy", "the first offer was made to the phone that had come back: {call:#}");
}
