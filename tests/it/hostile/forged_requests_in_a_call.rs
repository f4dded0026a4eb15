//! Threat 18: BYE, CANCEL, re-INVITE, UPDATE, INFO and REFER in a live call, from whoever knows its Call-ID and tags, or guesses them. The
//! call goes on, its audio stays where it is, and no forger is told what is right.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use carillon_kit::phone::Call;
use tokio::{net::UdpSocket, time::timeout};

use crate::site::Site;

const METHODS: [&str; 6] = ["BYE", "CANCEL", "INVITE", "UPDATE", "INFO", "REFER"];

#[tokio::test(flavor = "multi_thread")]
async fn change_nothing() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    caller.audio.say(500.0);
    agent.audio.hears(500.0).await;

    for call in [&caller, &agent] {
        for (host, wrong_tag) in [(Ipv4Addr::new(127, 0, 0, 7), false), (Ipv4Addr::new(127, 0, 0, 7), true), (Ipv4Addr::LOCALHOST, false)] {
            for method in METHODS {
                let refused = forge(call, method, host, wrong_tag, site.sip).await;
                assert!([403, 481].contains(&refused), "{method} from {host}, wrong tag {wrong_tag}: {refused}");
            }
        }
    }
    agent.audio.say(900.0);
    caller.audio.hears(900.0).await;
    caller.audio.say(600.0);
    agent.audio.hears(600.0).await;
    assert!(!caller.has_ended() && !agent.has_ended(), "the call goes on");
    caller.hang_up().await;
    agent.is_ended().await;
    assert_eq!(crate::site::ending(&site.record().await), "caller hung_up");
}

/// The status a forged request gets.
async fn forge(call: &Call, method: &str, host: Ipv4Addr, wrong_tag: bool, server: SocketAddr) -> u16 {
    let forger = UdpSocket::bind((host, 0)).await.expect("a socket");
    let at = forger.local_addr().expect("an address");
    let port = at.port();
    let elsewhere =
        format!("v=0\r\no=- 9 9 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\na=sendrecv\r\n");
    let body = ["INVITE", "UPDATE"].contains(&method).then_some(elsewhere.as_str());
    let request = call.forged(method, at, wrong_tag, body);
    let mut answer = [0; 4096];
    loop {
        forger.send_to(request.as_bytes(), server).await.expect("the datagram leaves");
        let Ok(received) = timeout(Duration::from_millis(500), forger.recv(&mut answer)).await else { continue };
        let text = String::from_utf8_lossy(&answer[..received.expect("a datagram")]).into_owned();
        let status: u16 = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        if status >= 200 {
            return status;
        }
    }
}
