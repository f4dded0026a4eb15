//! Threat 8: nobody's call costs us money who has no right to make it; what goes out in an hour has an end, and so has a circle.

use std::fs;

use carillon_kit::phone::{PATIENCE, Phone, status};
use serde_json::json;
use tokio::{net::UdpSocket, time::timeout};

use crate::site::{PLAN, Site};

/// What agents may dial, what they may not, and a trunk that takes two calls an hour.
const ROUTES: &str = r#"
[[trunk]]
name = "dear"
host = "127.0.0.1"
port = DEAR_PORT
max_calls_per_hour = 2

[[outbound_route]]
prefix = "+39"
trunk = "lab"

[[outbound_route]]
prefix = "+1"
class = "international"
trunk = "lab"

[[outbound_route]]
prefix = "+41"
trunk = "dear"

[[outbound_route]]
prefix = "112"
class = "emergency"
trunk = "dear"
"#;

async fn site() -> (Site, Phone) {
    let dear = Phone::trunk().await;
    let port = dear.address().port().to_string();
    let site = Site::start_with(|_, setup| setup.push_str(&ROUTES.replace("DEAR_PORT", &port))).await;
    dear.knows(site.sip);
    (site, dear)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_may_not_dial_one_cannot_have_dialled_either() {
    let (mut site, dear) = site().await;
    // From a trunk through us to another one: to nowhere.
    for number in ["+390212345678", "+12125550100", "+41441234567", "0039021234567"] {
        assert_eq!(status(&site.trunk.dial(number).await.final_response().await), 404, "{number}");
        assert_eq!(status(&dear.dial(number).await.final_response().await), 404, "{number}");
    }
    // By transfer, of a call that is up: neither an agent without the right, nor a phone that nobody works with, nor a trunk.
    let anna = site.agent("anna", "1001").await;
    let (code, problem) = anna.api.post("/calls", &json!({ "number": "+12125550100" })).await;
    assert_eq!(code, 403, "{problem}");
    let mut lobby = Phone::registered("1002", site.sip).await;
    let mut call = anna.phone.dial("1002").await;
    let mut theirs = lobby.rings().await;
    theirs.answer().await;
    call.is_answered().await;
    let server = site.sip;
    for (side, number) in [(&mut call, "+12125550100"), (&mut theirs, "+390212345678")] {
        let response = side.transact("REFER", &[&format!("Refer-To: <sip:{number}@{server}>")], None).await;
        assert!(status(&response) == 202 || status(&response) >= 400, "{response}");
        if status(&response) == 202 {
            assert!(side.is_told().await.contains(" 100 "));
            assert!(!side.is_told().await.contains(" 200 "), "{number}");
        }
    }
    call.hang_up().await;
    let mut inbound = site.trunk.dial("1002").await;
    let mut rung = lobby.rings().await;
    rung.answer().await;
    inbound.is_answered().await;
    let response = inbound.transact("REFER", &[&format!("Refer-To: <sip:+390212345678@{server}>")], None).await;
    assert!(status(&response) >= 400, "a trunk puts nobody through: {response}");
    inbound.hang_up().await;
    assert!(!site.trunk.was_called());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_s_calls_through_a_trunk_have_an_end() {
    let (site, mut dear) = site().await;
    let anna = site.agent("anna", "1001").await;
    for _ in 0..2 {
        let mut call = anna.phone.dial("+41441234567").await;
        dear.incoming_call().await.refuse("486 Busy Here").await;
        assert_eq!(status(&call.final_response().await), 486);
    }
    assert!(status(&anna.phone.dial("+41441234567").await.final_response().await) >= 400);
    assert!(!dear.was_called(), "the third of the hour");
    // But help is called by any phone, whatever was called before.
    let lobby = Phone::registered("1002", site.sip).await;
    for phone in [&lobby, &anna.phone] {
        let mut call = phone.dial("112").await;
        let mut help = dear.rings().await;
        help.answer().await;
        call.is_answered().await;
        call.hang_up().await;
        help.is_ended().await;
    }
}

/// A plan that sends what the trunk brings back to the trunk.
const CIRCLE: &str = r#"
[[route]]
from = "trunk"
called = "+39*"
step = "outside"

[step.outside]
kind = "dial"
number = "+390212345678"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_goes_in_a_circle_ends() {
    let trunk = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let at = trunk.local_addr().expect("an address");
    let mut plan = None;
    let site = Site::start_with(|config, setup| {
        plan = Some(config.dialplan.folder.join("plan.toml"));
        setup.push_str(&format!(
            "\n[[trunk]]\nname = \"circle\"\nhost = \"127.0.0.1\"\nport = {}\n\n[[outbound_route]]\nprefix = \"+39\"\ntrunk = \"circle\"\n",
            at.port()
        ));
    })
    .await;
    fs::write(plan.expect("a plan"), format!("{CIRCLE}{PLAN}")).expect("the plan is written");
    let (code, problem) = site.signed_in("admin").await.post("/dialplan/reload", &json!({})).await;
    assert_eq!(code, 204, "{problem}");

    let server = site.sip;
    let mut buffer = [0; 8192];
    for hops in (0..6).rev() {
        let invite = format!(
            "INVITE sip:+390212345678@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bKround{hops}\r\n\
             From: <sip:+39061@example.net>;tag=r{hops}\r\nTo: <sip:+390212345678@{server}>\r\nCall-ID: round-{hops}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:x@{at}>\r\nMax-Forwards: {hops}\r\nContent-Length: 0\r\n\r\n"
        );
        trunk.send_to(invite.as_bytes(), server).await.expect("the datagram leaves");
        // What comes back of it: the next round's INVITE with a hop less, or the end of the circle.
        let seen = loop {
            let length = timeout(PATIENCE, trunk.recv(&mut buffer)).await.expect("an answer in time").expect("a datagram");
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let is_of_round = text.contains(&format!("Call-ID: round-{hops}"));
            let left = text.lines().find_map(|line| line.strip_prefix("Max-Forwards: ")).and_then(|left| left.trim().parse::<u32>().ok());
            match left {
                Some(left) if text.starts_with("INVITE ") && left < hops.max(1) => break Ok(left),
                _ if is_of_round && !text.starts_with("SIP/2.0 1") => break Err(text),
                _ => {}
            }
        };
        match hops {
            0 => assert!(seen.as_ref().is_err_and(|answer| answer.starts_with("SIP/2.0 483")), "{seen:?}"),
            _ => assert_eq!(seen, Ok(hops - 1)),
        }
    }
}
