use crate::support::{News, message, run, soon};
use carillon_sip_net::{Limits, NetConfig};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn hasty() -> NetConfig {
    let limits = Limits { half_open: Duration::from_secs(1), idle: Duration::from_secs(2), ..Limits::default() };
    NetConfig { limits, ..NetConfig::default() }
}

async fn is_closed(mut phone: TcpStream) {
    let mut rest = vec![];
    // Closed or reset, but over.
    let _ = soon(phone.read_to_end(&mut rest)).await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let mut server = run(hasty()).await;
    is_closed(TcpStream::connect(server.tcp).await.expect("connected")).await;
    assert!(matches!(server.news().await, News::Closed(_)));
}

#[tokio::test]
async fn a_message_fed_byte_by_byte_is_not_waited_for() {
    let mut server = run(hasty()).await;
    let mut phone = TcpStream::connect(server.tcp).await.expect("connected");
    phone.write_all(message("whole", "").as_bytes()).await.expect("written");
    server.packet().await;
    // Each byte comes well within the limit; the message as a whole does not.
    let mut every = tokio::time::interval(Duration::from_millis(20));
    let slow = async {
        for byte in message("slow", "").bytes() {
            every.tick().await;
            if phone.write_all(&[byte]).await.is_err() {
                return;
            }
        }
        panic!("the whole message was waited for");
    };
    soon(slow).await;
    assert!(matches!(server.news().await, News::Closed(_)));
}

#[tokio::test]
async fn an_idle_connection_is_closed_later() {
    let mut server = run(hasty()).await;
    let mut phone = TcpStream::connect(server.tcp).await.expect("connected");
    let begun = std::time::Instant::now();
    phone.write_all(message("whole", "").as_bytes()).await.expect("written");
    server.packet().await;
    is_closed(phone).await;
    assert!(begun.elapsed() >= Duration::from_secs(2), "a connection that has said something whole has the longer time");
}
