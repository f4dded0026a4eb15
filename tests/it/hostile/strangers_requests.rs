//! Threats 7, 12, 17, 19, 20: what is asked without a right to, replayed, looped, or meant for somebody else.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use carillon_kit::phone::{Phone, header, status};
use tokio::{net::UdpSocket, time::timeout};

use crate::site::Site;

const MALLORY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);

#[tokio::test(flavor = "multi_thread")]
async fn requests_outside_of_calls_do_nothing_for_whoever_has_not_proved_a_right() {
    let site = Site::start().await;
    let mut victim = Phone::registered("1001", site.sip).await;
    let mallory = Phone::at(MALLORY.into(), "1002", None).await;
    mallory.knows(site.sip);
    for method in ["MESSAGE", "SUBSCRIBE", "REFER", "PUBLISH", "NOTIFY", "INFO", "UPDATE"] {
        let answer = mallory.ask(method, &["Refer-To: <sip:+390212345678@127.0.0.1>", "Event: presence", "Expires: 60"]).await;
        assert!([401, 403, 405, 481, 489, 501].contains(&status(&answer)), "{method}: {answer}");
    }
    assert!(!victim.was_called());
    site.records(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_proof_and_anothers_address_are_refused() {
    let site = Site::start().await;
    let phone = Phone::at(Ipv4Addr::LOCALHOST.into(), "1001", Some("phone-1001")).await;
    phone.knows(site.sip);
    let proof = phone.proof("REGISTER").await;
    let registered = phone.ask("REGISTER", &[&proof]).await;
    assert_eq!(status(&registered), 200, "{registered}");
    // Heard on the wire and said again, from there and from elsewhere.
    let mallory = Phone::at(MALLORY.into(), "1001", None).await;
    mallory.knows(site.sip);
    for replay in [&phone, &mallory] {
        let refused = replay.ask("REGISTER", &[&proof]).await;
        assert_eq!(status(&refused), 401, "{refused}");
        assert!(header(&refused, "WWW-Authenticate").is_some_and(|challenge| challenge.contains("stale=true")), "{refused}");
    }
    // A right password for one phone, and another's address.
    let thief = Phone::at(MALLORY.into(), "1002", Some("phone-1002")).await;
    thief.knows(site.sip);
    let proof = thief.proof("REGISTER").await;
    let theirs = Phone::at(MALLORY.into(), "1001", None).await;
    theirs.knows(site.sip);
    let refused = theirs.ask("REGISTER", &[&proof]).await;
    assert_eq!(status(&refused), 403, "{refused}");
    let anna = site.signed_in("sofia").await;
    let (_, phones) = anna.get("/phones").await;
    let of = |name: &str| phones.as_array().expect("phones").iter().find(|phone| phone["name"] == name).expect("a phone").clone();
    assert_eq!((&of("1001")["registered"], &of("1002")["registered"]), (&true.into(), &false.into()), "{phones:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_learns_a_neutral_name_and_the_same_of_everybody() {
    let site = Site::start().await;
    let _phone = Phone::registered("1001", site.sip).await;
    let mut told = BTreeSet::new();
    for name in ["1001", "1002", "9999", "admin", "' OR 1=1 --"] {
        let scanner = Phone::at(Ipv4Addr::new(127, 0, 0, 9).into(), &name.replace([' ', '\''], "%20"), None).await;
        scanner.knows(site.sip);
        let answer = scanner.ask("REGISTER", &[]).await;
        let server = header(&answer, "Server").unwrap_or_default();
        told.insert((status(&answer), server, header(&answer, "Allow").is_some()));
    }
    assert_eq!(told, BTreeSet::from([(401, "Carillon".to_owned(), false)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_calls_itself_a_scanner_gets_three_answers() {
    let site = Site::start().await;
    let scanner = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 9), 0)).await.expect("a socket");
    let at = scanner.local_addr().expect("an address");
    let ask = |number: u32, name: &str| {
        let via = format!("SIP/2.0/UDP {at};branch=z9hG4bKscan{number}");
        request("OPTIONS", site.sip, &via, at, &format!("scan{number}"), &format!("Max-Forwards: 70\r\nUser-Agent: {name}"))
    };
    for number in 0..6 {
        scanner.send_to(ask(number, "friendly-scanner").as_bytes(), site.sip).await.expect("the datagram leaves");
    }
    // Who comes from the same address and calls itself something else is heard; what was sent before was dealt with by then.
    scanner.send_to(ask(6, "Deskphone 7").as_bytes(), site.sip).await.expect("the datagram leaves");
    let mut answered = Vec::new();
    while answered.last() != Some(&6) {
        let text = timeout(carillon_kit::phone::PATIENCE, receive(&scanner)).await.expect("an answer").expect("a datagram");
        let id = text.lines().find_map(|line| line.strip_prefix("Call-ID: scan")).and_then(|id| id.trim().parse::<u32>().ok());
        answered.push(id.expect("ours"));
    }
    assert_eq!(answered, [0, 1, 2, 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_whom_a_request_names() {
    let site = Site::start().await;
    let victim = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 10), 0)).await.expect("a socket");
    let mallory = UdpSocket::bind((MALLORY, 0)).await.expect("a socket");
    let (at, theirs) = (mallory.local_addr().expect("an address"), victim.local_addr().expect("an address"));
    for (n, via) in [
        format!("SIP/2.0/UDP {theirs};branch=z9hG4bKa"),
        format!("SIP/2.0/UDP {at};maddr={};branch=z9hG4bKb", theirs.ip()),
        format!("SIP/2.0/UDP {theirs};received={};rport={};branch=z9hG4bKc", theirs.ip(), theirs.port()),
    ]
    .into_iter()
    .enumerate()
    {
        let request = request("OPTIONS", site.sip, &via, at, &format!("reflect{n}"), "Max-Forwards: 70");
        let answer = answer_to(&mallory, &request, site.sip).await;
        assert!(answer.len() <= request.len() + 1024, "{} bytes for {}", answer.len(), request.len());
    }
    assert!(victim.try_recv(&mut [0; 2048]).is_err(), "the victim got something");
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_copies_get_one_answer_and_a_loop_ends() {
    let site = Site::start().await;
    let mallory = UdpSocket::bind((MALLORY, 0)).await.expect("a socket");
    let at = mallory.local_addr().expect("an address");
    let via = format!("SIP/2.0/UDP {at};branch=z9hG4bKcopies");
    let invite = request("INVITE", site.sip, &via, at, "copies", "Max-Forwards: 70");
    for _ in 0..40 {
        mallory.send_to(invite.as_bytes(), site.sip).await.expect("the datagram leaves");
    }
    let mut tags = BTreeSet::new();
    while let Ok(Ok(text)) = timeout(Duration::from_secs(1), receive(&mallory)).await {
        tags.extend(text.lines().find(|line| line.starts_with("To:")).and_then(|to| to.split("tag=").nth(1)).map(str::to_owned));
    }
    assert_eq!(tags.len(), 1, "{tags:?}");

    let spent = request("INVITE", site.sip, &format!("SIP/2.0/UDP {at};branch=z9hG4bKspent"), at, "spent", "Max-Forwards: 0");
    let answer = answer_to(&mallory, &spent, site.sip).await;
    // A stranger hears that first.
    assert!(["SIP/2.0 483", "SIP/2.0 403"].iter().any(|line| answer.starts_with(line)), "{answer}");
    site.records(0).await;
}

fn request(method: &str, server: SocketAddr, via: &str, at: SocketAddr, id: &str, more: &str) -> String {
    format!(
        "{method} sip:5001@{server} SIP/2.0\r\nVia: {via}\r\nFrom: <sip:mallory@elsewhere.example.net>;tag={id}\r\nTo: <sip:5001@{server}>\r\n\
         Call-ID: {id}\r\nCSeq: 1 {method}\r\nContact: <sip:mallory@{at}>\r\n{more}\r\nContent-Length: 0\r\n\r\n"
    )
}

async fn receive(socket: &UdpSocket) -> std::io::Result<String> {
    let mut buffer = vec![0; 8192];
    let length = socket.recv(&mut buffer).await?;
    Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

/// The final answer, which comes to whoever asked.
async fn answer_to(socket: &UdpSocket, request: &str, server: SocketAddr) -> String {
    let answered = async {
        loop {
            socket.send_to(request.as_bytes(), server).await.expect("the datagram leaves");
            if let Ok(Ok(text)) = timeout(Duration::from_millis(500), receive(socket)).await
                && !text.starts_with("SIP/2.0 1")
            {
                return text;
            }
        }
    };
    timeout(carillon_kit::phone::PATIENCE, answered).await.expect("an answer")
}
