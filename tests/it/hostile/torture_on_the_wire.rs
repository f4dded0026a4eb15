//! Threat 13 on the running server: every message of the torture list (RFC 4475, RFC 5118), each over the transport it is meant for, gets
//! what its verdict says.

use std::{collections::BTreeMap, fs, net::SocketAddr, path::Path};

use carillon_kit::phone::PATIENCE;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::mutants::fixtures;
use crate::site::Site;

/// Calls to numbers that the dialplan does not know end so: what matters is that they were taken for calls.
const NOBODY_THERE: u16 = 404;

/// A trunk, of which each case has its own over UDP: so it hears nothing of the others.
fn trunk(name: &str, host: &str, port: u16, transport: &str) -> String {
    format!("\n[[trunk]]\nname = \"torture-{name}\"\nhost = \"{host}\"\nport = {port}\ntransport = \"{transport}\"\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sixty_one_get_what_the_list_says() {
    let verdicts = verdicts();
    let mut sockets = BTreeMap::new();
    let mut trunks = trunk("tcp", "127.0.0.1", 5060, "tcp");
    for (case, (over, _)) in &verdicts {
        let host = if over == "udp6" { "::1" } else { "127.0.0.1" };
        if over != "tcp" {
            let socket = UdpSocket::bind((host, 0)).await.expect("a socket");
            trunks += &trunk(case, host, socket.local_addr().expect("bound").port(), "udp");
            sockets.insert(case.clone(), socket);
        }
    }
    let site = Site::start_with(|config, setup| {
        config.sip.udp.push("[::1]:0".parse().expect("an address"));
        config.media.other_address = Some("::1".parse().expect("an address"));
        setup.push_str(&trunks);
    })
    .await;
    let [udp, udp6] = site.server.bound().sip_udp[..] else { panic!("two sockets") };
    let mut wrong = Vec::new();
    for (case, message) in fixtures() {
        let (over, expected) = verdicts.get(&case).unwrap_or_else(|| panic!("{case} has a verdict"));
        let told = match over.as_str() {
            "udp" => datagram(&sockets[&case], udp, &message).await,
            "udp6" => datagram(&sockets[&case], udp6, &message).await,
            _ => stream(site.sip_tcp, &message).await,
        };
        if told != *expected {
            wrong.push(format!("{case}: {told:?} and not {expected:?}"));
        }
    }
    assert_eq!(verdicts.len(), 61, "49 of RFC 4475, 12 of RFC 5118");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Transport and expected final status of each case; no status where nothing may come.
fn verdicts() -> BTreeMap<String, (String, Option<u16>)> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sip/torture/verdicts.txt");
    let text = fs::read_to_string(list).expect("the list");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = lines.map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
        [case, over, _, _, server, ..] => {
            let status = match server {
                "nothing" => None,
                "call" => Some(NOBODY_THERE),
                status => Some(status.parse().expect("a status")),
            };
            (case.to_owned(), (over.to_owned(), status))
        }
        _ => panic!("not a verdict: {line}"),
    });
    read.collect()
}

/// A question whose answer shows that everything before it has been dealt with.
fn question(transport: &str, us: SocketAddr) -> String {
    format!(
        "OPTIONS sip:anybody@example.net SIP/2.0\r\nVia: SIP/2.0/{transport} {us};branch=z9hG4bKquestion;rport\r\nMax-Forwards: 70\r\n\
         From: <sip:torture@example.net>;tag=question\r\nTo: <sip:anybody@example.net>\r\nCall-ID: question-{us}\r\n\
         CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
}

/// The final status in a response, unless it answers the question.
fn final_status(response: &str) -> Option<Option<u16>> {
    let status: u16 = response.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()?;
    match (status, response.contains("Call-ID: question-")) {
        (..200, _) => None,
        (_, true) => Some(None),
        (status, false) => Some(Some(status)),
    }
}

async fn datagram(socket: &UdpSocket, to: SocketAddr, message: &[u8]) -> Option<u16> {
    socket.send_to(message, to).await.expect("sent");
    let us = socket.local_addr().expect("bound");
    let is_invite = message.starts_with(b"INVITE");
    let mut buffer = vec![0; 65_536];
    let mut asked = false;
    loop {
        // A call is answered by its own task, a moment later than a question would be.
        if !asked && !is_invite {
            socket.send_to(question("UDP", us).as_bytes(), to).await.expect("sent");
            asked = true;
        }
        let (length, _) = timeout(PATIENCE, socket.recv_from(&mut buffer)).await.expect("an answer in time").expect("received");
        if let Some(told) = final_status(&String::from_utf8_lossy(&buffer[..length])) {
            return told;
        }
    }
}

async fn stream(to: SocketAddr, message: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(to).await.expect("connected");
    stream.write_all(message).await.expect("sent");
    if !message.starts_with(b"INVITE") {
        let us = stream.local_addr().expect("bound");
        stream.write_all(question("TCP", us).as_bytes()).await.expect("sent");
    }
    let mut heard = String::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let length = timeout(PATIENCE, stream.read(&mut buffer)).await.expect("an answer in time").unwrap_or(0);
        heard.push_str(&String::from_utf8_lossy(&buffer[..length]));
        let mut told = heard.split("SIP/2.0 ").skip(1).filter_map(|rest| final_status(&format!("SIP/2.0 {rest}")));
        match told.next().filter(|_| heard.ends_with("\r\n\r\n")) {
            Some(told) => return told,
            // A stream that cannot be understood any more is closed.
            None if length == 0 => return None,
            None => {}
        }
    }
}
