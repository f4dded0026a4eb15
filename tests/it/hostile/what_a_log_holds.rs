//! Threat 47: after a day's work in small, with mistakes and a crash of the database, the log at its most talkative holds no password, no
//! token, no credentials, no number and no name of a caller.

use carillon_kit::phone::{Invite, Phone};
use serde_json::json;
use tokio::process::Command;

use crate::faults::{Floor, SALES, binary};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_and_nobody() {
    let mut command = Command::new(binary());
    command.env("CARILLON_LOG", "trace,sqlx=debug,hyper=debug");
    let mut floor = Floor::open_with(1, 0, |_| {}, command).await;
    let sofia = floor.supervisor().await;
    let mut talk = floor.all_talk("+390245678").await.remove(0);
    talk.goes_on(500.0, 900.0).await;
    talk.caller.press_by_info('7').await;
    let mut waits = floor.trunk.invite(Invite::to(SALES).from("+390298765")).await;
    waits.is_answered().await;
    waits.hang_up().await;
    talk.caller.hang_up().await;
    let wrong = sofia.post("/session", json!({ "login": "agent00", "password": "wrong-but-secret" })).await;
    assert_eq!(wrong.status, 401, "{wrong:?}");
    let made = sofia.post("/phones", json!({ "name": "2999", "label": "Hall", "password": "made-of-secrets" })).await;
    assert_eq!(made.status, 201, "{made:?}");
    let guesser = Phone::at(std::net::Ipv4Addr::LOCALHOST.into(), "2000", Some("guessed-secret")).await;
    guesser.knows(floor.server.bound.sip_udp);
    guesser.register(60).await;
    floor.call_of("+39024567800").await;
    floor.closes().await;

    let log = floor.server.program.said();
    assert!(log.contains("DEBUG") && log.lines().count() > 50, "a talkative log");
    let secrets = [
        "in-the-tests",
        "phone-2000",
        "wrong-but-secret",
        "made-of-secrets",
        "guessed-secret",
        sofia.token(),
        floor.sales[0].person.token(),
        "response=\"",
        "$argon2",
    ];
    let people = ["39024567800", "390298765"];
    for word in secrets.into_iter().chain(people) {
        let line = log.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "the log holds {word:?}");
    }
}
