//! 256 file descriptors and a memory cap: what finds no room is refused with 503, what is up goes on, and the server lives.

use carillon_kit::phone::{Invite, status};
use tokio::{net::TcpStream, process::Command};

use super::{Floor, RUSH, SALES, binary};

/// Of address space. The server needs a small part of it; threads' stacks the rest.
const MEMORY: &str = "--as=3000000000";

#[tokio::test]
async fn it_refuses_work_and_never_dies() {
    let mut limited = Command::new("prlimit");
    limited.args(["--nofile=256:256", MEMORY]).arg(binary());
    let mut floor = Floor::open_with(1, 1, |_| {}, limited).await;
    let mut talk = floor.all_talk("+390210000").await.remove(0);
    let mut idle = Vec::new();
    for address in [floor.server.bound.http, floor.server.bound.sip_tcp] {
        for _ in 0..60 {
            idle.extend(TcpStream::connect(address).await);
        }
    }
    let mut waiting = Vec::new();
    let refused = loop {
        let mut caller = floor.trunk.invite(Invite::to(SALES).from(&format!("+39022{:04}", waiting.len()))).await;
        let response = caller.final_response().await;
        if status(&response) != 200 {
            break response;
        }
        waiting.push(caller);
        assert!(waiting.len() < 128, "256 descriptors are not the limit");
    };
    assert_eq!(status(&refused), 503, "{refused}");
    talk.goes_on(440.0, 700.0).await;
    assert!(floor.server.program.has_ended().is_none());

    drop(idle);
    for caller in &mut waiting {
        caller.hang_up().await;
    }
    talk.goes_on(500.0, 800.0).await;
    let mut caller = floor.trunk.invite(Invite::to(RUSH).from("+390211111")).await;
    let (_, mut agent) = tokio::join!(caller.is_answered(), floor.rush[0].answers());
    agent.audio.say(900.0);
    caller.audio.hears(900.0).await;
    agent.hang_up().await;
    talk.caller.hang_up().await;
    let sofia = floor.supervisor().await;
    // The last one was refused, and has its record too if there was room for the call.
    let calls = waiting.len() + 2;
    println!("{} callers found room", waiting.len());
    let page = sofia.sees("/calls?limit=200", "every call has its record", |page| super::items(page).len() >= calls).await;
    assert!((calls..=calls + 1).contains(&super::items(&page).len()), "one a call");
    floor.closes().await;
}
