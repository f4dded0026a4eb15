use crate::support::{run, soon};
use carillon_sip_core::Transport;
use carillon_sip_net::NetConfig;
use tokio::net::UdpSocket;

#[tokio::test]
async fn a_datagram_is_answered_from_the_port_it_came_to() {
    let mut server = run(NetConfig::default()).await;
    let phone = UdpSocket::bind("127.0.0.1:0").await.expect("socket");
    phone.send_to(b"hello", server.udp).await.expect("sent");

    let (hop, bytes) = server.packet().await;
    assert_eq!(
        (hop.transport, hop.local, hop.remote, &bytes[..]),
        (Transport::Udp, server.udp, phone.local_addr().expect("address"), &b"hello"[..])
    );
    let mut buffer = [0; 100];
    let (length, from) = soon(phone.recv_from(&mut buffer)).await.expect("answer");
    assert_eq!((&buffer[..length], from), (&b"HELLO"[..], server.udp));
    assert_eq!((server.counters.received(), server.counters.sent()), (1, 1));
}

#[tokio::test]
async fn the_loop_ends_when_nobody_can_order_any_more() {
    let server = run(NetConfig::default()).await;
    drop(server.orders);
    soon(server.task).await.expect("ended without panic");
}

#[tokio::test]
async fn a_taken_port_is_named_in_the_error() {
    let server = run(NetConfig::default()).await;
    let error = carillon_sip_net::bind(NetConfig { udp: vec![server.udp], ..NetConfig::default() }).await.expect_err("taken");
    assert!(error.to_string().starts_with(&format!("udp {}", server.udp)), "{error}");
}
