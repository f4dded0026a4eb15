//! Threats 11, 13 and 14 on the running server: every torture message and five thousand damaged ones, while a call is up.

use std::{net::SocketAddr, time::Instant};

use carillon_kit::phone::{Phone, status};
use tokio::{net::UdpSocket, time::timeout};

use super::mutants::{Mutants, fixtures};
use crate::{binary::Folder, site::Agent};

const MUTANTS: usize = 5_000;
/// Sent between two proofs that the server still answers; a server's socket buffer holds them.
const AT_ONCE: usize = 50;
const MEMORY: u64 = 64 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_and_a_call_in_progress_keeps_its_audio() {
    let (folder, trunk) = (Folder::new(), Phone::trunk().await);
    let careless = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let setup = crate::site::setup(trunk.address())
        + &format!("\n[[trunk]]\nname = \"careless\"\nhost = \"127.0.0.1\"\nport = {}\n", careless.local_addr().expect("bound").port());
    folder.write("setup.toml", &setup);
    let applied = folder.carillon(&["apply", "setup.toml"]).await;
    assert!(applied.status.success(), "{}", applied.err);
    let mut server = folder.run().await;
    trunk.knows(server.bound.sip_udp);
    let mut anna = Agent::at_work(server.bound.http, server.bound.sip_udp, "anna", "1001").await;
    let mut caller = trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;
    agent.answer().await;
    caller.audio.say(500.0);
    agent.audio.say(1300.0);
    agent.audio.hears(500.0).await;
    caller.audio.hears(1300.0).await;

    let (memory, began, heard) = (server.memory(), Instant::now(), agent.audio.heard().len());
    let stranger = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let witness = Phone::at([127, 0, 0, 1].into(), "witness", None).await;
    witness.knows(server.bound.sip_udp);
    let mut mutants = Mutants::new(1, &good_messages(server.bound.sip_udp, careless.local_addr().expect("bound")));
    for socket in [&stranger, &careless] {
        for (_, message) in fixtures() {
            send(socket, &message, server.bound.sip_udp).await;
        }
        for _ in 0..MUTANTS / 2 / AT_ONCE {
            for _ in 0..AT_ONCE {
                send(socket, &mutants.next(), server.bound.sip_udp).await;
            }
            assert_eq!(status(&witness.ask("OPTIONS", &[]).await), 200);
        }
    }
    let share = (agent.audio.heard().len() - heard) as f64 / 8000.0 / began.elapsed().as_secs_f64();
    assert!(share > 0.9, "the agent heard {:.0} % of the time", share * 100.0);
    agent.audio.hears(500.0).await;
    caller.audio.hears(1300.0).await;
    assert!(!caller.has_ended() && !agent.has_ended());
    caller.hang_up().await;
    agent.is_ended().await;
    let grown = server.memory().saturating_sub(memory);
    assert!(grown < MEMORY, "memory grew by {} KiB", grown / 1024);
    assert!(server.program.has_ended().is_none());
    assert!(!server.program.said().contains("panicked"), "nothing panicked");
}

async fn send(socket: &UdpSocket, message: &[u8], to: SocketAddr) {
    // Nothing of these messages may make the server send more than it got (threat 20): answers are read and forgotten.
    while timeout(std::time::Duration::ZERO, socket.recv_from(&mut [0; 65_536])).await.is_ok() {}
    if !message.is_empty() {
        socket.send_to(message, to).await.expect("the datagram leaves");
    }
}

/// What a trunk may well send, to numbers that ring nobody.
fn good_messages(server: SocketAddr, us: SocketAddr) -> Vec<String> {
    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\n\
               a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";
    let message = |method: &str, to: &str, more: &str, body: &str| {
        format!(
            "{method} sip:{to}@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bKgood{method};rport\r\nMax-Forwards: 70\r\n\
             From: \"Somebody\" <sip:+390612345678@example.net>;tag=good\r\nTo: <sip:{to}@{server}>\r\nCall-ID: good-{method}\r\n\
             CSeq: 1 {method}\r\nContact: <sip:somebody@{us}>\r\n{more}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let authorization = "Authorization: Digest username=\"1001\", realm=\"carillon\", nonce=\"0000\", uri=\"sip:carillon\", \
                         response=\"00000000000000000000000000000000\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"x\"\r\n";
    vec![
        message("INVITE", "7777", "Content-Type: application/sdp\r\n", sdp),
        message("INVITE", "1003", "Content-Type: application/sdp\r\n", sdp),
        message("OPTIONS", "1001", "Accept: application/sdp\r\n", ""),
        message("REGISTER", "1001", authorization, ""),
        message("BYE", "7777", "", ""),
        message("CANCEL", "7777", "", ""),
        message("INFO", "7777", "Content-Type: application/dtmf-relay\r\n", "Signal=1\r\nDuration=160\r\n"),
        message("ACK", "7777", "", ""),
    ]
}
