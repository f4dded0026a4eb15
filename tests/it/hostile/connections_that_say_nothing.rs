//! Threat 15: connections are bounded in number for each source and in time for what they begin.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use carillon_kit::phone::{Phone, status};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::timeout,
};

use crate::site::Site;

/// More than one source may have.
const CONNECTIONS: usize = 200;
/// What one source may have.
const ALLOWED: usize = 128;
/// The time for a message, with room for a busy machine.
const HALF_OPEN: Duration = Duration::from_secs(10 + 5);

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_loris_holds_few_and_not_for_long() {
    let site = Site::start().await;
    let began = Instant::now();
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let stream = connect(Ipv4Addr::new(127, 0, 0, 5), site.sip_tcp).await;
        connections.spawn(drip(stream));
    }
    let mut lives = Vec::new();
    while let Some(life) = timeout(HALF_OPEN, connections.join_next()).await.expect("every connection is closed in time") {
        lives.push(life.expect("a connection's life"));
        if lives.len() == CONNECTIONS - ALLOWED {
            // Others are served meanwhile, over UDP and from elsewhere over TCP.
            let witness = Phone::at(Ipv4Addr::new(127, 0, 0, 6).into(), "witness", None).await;
            witness.knows(site.sip);
            assert_eq!(status(&witness.ask("OPTIONS", &[]).await), 200);
            drop(connect(Ipv4Addr::new(127, 0, 0, 6), site.sip_tcp).await);
        }
    }
    assert!(began.elapsed() < HALF_OPEN + Duration::from_secs(5));
    let at_once = lives.iter().filter(|life| **life < Duration::from_secs(5)).count();
    assert_eq!(at_once, CONNECTIONS - ALLOWED, "those over the bound are closed at once, the others after ten seconds: {lives:?}");
}

async fn connect(from: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((from, 0).into()).expect("the address");
    socket.connect(to).await.expect("a connection")
}

/// Writes a request a byte a second, and never to its end. Gives how long the server bore it.
async fn drip(mut stream: TcpStream) -> Duration {
    let began = Instant::now();
    let mut beat = tokio::time::interval(Duration::from_secs(1));
    for byte in "OPTIONS sip:server SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1".bytes() {
        let mut answer = [0; 1];
        tokio::select! {
            _ = beat.tick() => if stream.write_all(&[byte]).await.is_err() { break },
            read = stream.read(&mut answer) => match read {
                Ok(length) if length > 0 => {}
                _ => break,
            },
        }
    }
    began.elapsed()
}
