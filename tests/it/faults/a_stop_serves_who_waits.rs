//! SIGTERM: no new calls; who waits is served by the agents who are there until the grace time ends, then let go; each has a record.

use std::time::Duration;

use carillon_kit::{
    Server,
    phone::{Invite, status},
    until,
};
use tokio::{process::Command, time::Instant};

use super::{Floor, SALES, binary};

#[tokio::test]
async fn until_its_grace_time_ends() {
    let change = |site: &carillon_kit::Site| site.configure("drain_s = 2", "drain_s = 6");
    let mut floor = Floor::open_with(1, 0, change, Command::new(binary())).await;
    let mut talk = floor.all_talk("+390210000").await.remove(0);
    let mut second = floor.trunk.invite(Invite::to(SALES).from("+390211111")).await;
    second.is_answered().await;
    let mut third = floor.trunk.invite(Invite::to(SALES).from("+390212222")).await;
    third.is_answered().await;
    floor.server.program.signal("TERM").await;
    until("the server drains", async || (floor.server.page("/readyz").await.0 == 503).then_some(())).await;
    let mut fourth = floor.trunk.invite(Invite::to(SALES).from("+390213333")).await;
    let response = fourth.final_response().await;
    assert_eq!(status(&response), 503, "{response}");

    talk.caller.hang_up().await;
    let mut agent = floor.sales[0].answers().await;
    agent.audio.say(700.0);
    second.audio.hears(700.0).await;
    agent.hang_up().await;
    let mut agent = floor.sales[0].answers().await;
    agent.audio.say(800.0);
    third.audio.hears(800.0).await;
    // Nobody hangs up any more: the grace time ends this one.
    agent.is_ended().await;
    third.is_ended().await;
    let ended = floor.server.program.ended(Duration::from_secs(30)).await;
    assert!(ended.success(), "{ended}");

    floor.server = Server::again(binary(), &floor.site).await;
    for (caller, by, reason) in
        [("+39021000000", "caller", "hung_up"), ("+390211111", "agent", "hung_up"), ("+390212222", "system", "shutting_down")]
    {
        let call = floor.call_of(caller).await;
        assert_eq!((&call["ended_by"], &call["reason"]), (&by.into(), &reason.into()), "{call:#}");
        assert!(!call["answered_at"].is_null(), "{call:#}");
    }
}

#[tokio::test]
async fn and_whoever_waits_then_is_let_go_with_a_record() {
    let mut floor = Floor::open(1, 0).await;
    let mut talk = floor.all_talk("+390210000").await.remove(0);
    let mut waits = floor.trunk.invite(Invite::to(SALES).from("+390211111")).await;
    waits.is_answered().await;
    floor.server.program.signal("TERM").await;
    waits.is_ended().await;
    talk.caller.is_ended().await;
    let ended = floor.server.program.ended(Duration::from_secs(30)).await;
    assert!(ended.success(), "{ended}");
    assert!(!floor.sales[0].phone.was_called(), "an agent is not rung for somebody who is about to be let go");
    floor.server = Server::again(binary(), &floor.site).await;
    let call = floor.call_of("+390211111").await;
    assert_eq!((&call["ended_by"], &call["reason"]), (&"system".into(), &"shutting_down".into()), "{call:#}");
    assert_eq!(call["record"]["queues"][0]["exit"], "ended", "{call:#}");
}

#[tokio::test]
async fn and_a_second_signal_ends_it_at_once() {
    let change = |site: &carillon_kit::Site| site.configure("drain_s = 2", "drain_s = 600");
    let mut floor = Floor::open_with(1, 0, change, Command::new(binary())).await;
    let _talk = floor.all_talk("+390210000").await;
    floor.server.program.signal("TERM").await;
    until("the server drains", async || (floor.server.page("/readyz").await.0 == 503).then_some(())).await;
    let began = Instant::now();
    floor.server.program.signal("TERM").await;
    floor.server.program.ended(Duration::from_secs(30)).await;
    println!("ended {:?} after the second signal", began.elapsed());
    floor.server = Server::again(binary(), &floor.site).await;
    assert_eq!(floor.call_of("+39021000000").await["reason"], "server_lost");
}
