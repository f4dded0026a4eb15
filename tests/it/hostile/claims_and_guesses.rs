//! Threats 6, 10, 11, 12 and 19: claims that are not believed, passwords that are not found by trying, and a proof that does not leave.

use std::net::Ipv4Addr;

use carillon_kit::phone::{Invite, Phone, header, status};
use tokio::net::UdpSocket;

use crate::site::Site;

const MALLORY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);

#[tokio::test(flavor = "multi_thread")]
async fn a_callee_that_challenges_us_gets_no_proof_of_anything() {
    let mut site = Site::start().await;
    let mut callee = Phone::registered("1001", site.sip).await;
    let caller = Phone::registered("1002", site.sip).await;
    for realm in ["carillon", "elsewhere.example.net"] {
        let challenge = format!("Digest realm=\"{realm}\", nonce=\"n\", algorithm=MD5, qop=\"auth\"");
        for line in [format!("WWW-Authenticate: {challenge}"), format!("Proxy-Authenticate: {challenge}")] {
            let code = if line.starts_with("WWW") { "401 Unauthorized" } else { "407 Proxy Authentication Required" };
            let mut call = caller.dial("1001").await;
            let rung = callee.rings().await;
            rung.refuse_with(code, &[&line]).await;
            let refused = call.final_response().await;
            assert!(status(&refused) >= 400, "{refused}");
            assert!(header(&refused, "WWW-Authenticate").is_none(), "nor does the caller: {refused}");
        }
    }
    site.records(4).await;
    assert!(!callee.was_called(), "no INVITE came again");
    assert!(!site.trunk.was_called());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenth_wrong_password_is_the_last_that_is_heard_and_the_phone_elsewhere_is_not_hurt() {
    let site = Site::start().await;
    let guesser = Phone::at(MALLORY.into(), "1001", Some("a guess")).await;
    guesser.knows(site.sip);
    for _ in 0..10 {
        assert_eq!(status(&guesser.register(60).await), 403);
    }
    let lucky = Phone::at(MALLORY.into(), "1001", Some("phone-1001")).await;
    lucky.knows(site.sip);
    assert_eq!(status(&lucky.register(60).await), 403, "the right one comes too late");
    Phone::registered("1001", site.sip).await;
    // Another user of the same house is not punished for it.
    let neighbour = Phone::at(MALLORY.into(), "1002", Some("phone-1002")).await;
    neighbour.knows(site.sip);
    assert_eq!(status(&neighbour.register(60).await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_calls_in_no_other_name() {
    const ASSERTED: &str = "P-Asserted-Identity: <sip:+390299999@example.net>";
    let site = Site::start().await;
    let mut victim = Phone::registered("1001", site.sip).await;
    let phone = Phone::registered("1002", site.sip).await;
    let mut call = phone.invite(Invite::to("1001").from("1003")).await;
    assert_eq!(status(&call.final_response().await), 403);

    let mut call = phone.invite(Invite::to("1001").header(ASSERTED)).await;
    let rung = victim.rings().await;
    let shown = header(rung.invitation().expect("an INVITE"), "From").expect("a From");
    assert!(shown.contains("1002") && !shown.contains("0299999"), "{shown}");
    rung.refuse("486 Busy Here").await;
    call.final_response().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_has_been_everywhere_ends_here() {
    let looping = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let at = looping.local_addr().expect("an address");
    let site = Site::start_with(|_, setup| {
        setup.push_str(&format!("\n[[trunk]]\nname = \"looping\"\nhost = \"127.0.0.1\"\nport = {}\n", at.port()));
    })
    .await;
    let server = site.sip;
    let invite = format!(
        "INVITE sip:5001@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bKloop\r\nFrom: <sip:+39061@example.net>;tag=l\r\n\
         To: <sip:5001@{server}>\r\nCall-ID: loop\r\nCSeq: 1 INVITE\r\nContact: <sip:x@{at}>\r\nMax-Forwards: 0\r\nContent-Length: 0\r\n\r\n"
    );
    looping.send_to(invite.as_bytes(), server).await.expect("the datagram leaves");
    let mut answer = [0; 4096];
    let length =
        tokio::time::timeout(carillon_kit::phone::PATIENCE, looping.recv(&mut answer)).await.expect("an answer").expect("a datagram");
    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(answer.starts_with("SIP/2.0 483"), "{answer}");
    site.records(0).await;
}
