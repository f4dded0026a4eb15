use crate::support::{News, Order, message, run, soon};
use bytes::Bytes;
use carillon_sip_core::{Hop, Transmit};
use carillon_sip_net::NetConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

#[tokio::test]
async fn a_message_without_a_flow_connects_and_the_next_uses_the_same_connection() {
    let mut server = run(NetConfig::default()).await;
    let peer = TcpListener::bind("127.0.0.1:0").await.expect("listener");
    let hop = Hop::tcp(server.tcp, peer.local_addr().expect("address"), None);
    for bytes in ["first ", "second"] {
        server.order(Order::Send(Transmit { hop, bytes: Bytes::from_static(bytes.as_bytes()) })).await;
    }
    let (mut stream, _) = soon(peer.accept()).await.expect("connected");
    let mut seen = [0; 12];
    soon(stream.read_exact(&mut seen)).await.expect("both messages");
    assert_eq!(&seen, b"first second");

    stream.write_all(message("back", "").as_bytes()).await.expect("written");
    let (back, _) = server.packet().await;
    assert_eq!(Hop { flow: None, ..back }, hop, "what comes back is known by the hop that was used");
    drop(stream);
    assert_eq!(server.news().await, News::Closed(back.flow.expect("a flow")));
    assert_eq!(server.news().await, News::Unreachable(hop));
}

#[tokio::test]
async fn a_peer_that_does_not_listen_is_reported() {
    let mut server = run(NetConfig::default()).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("listener");
    let hop = Hop::tcp(server.tcp, nobody.local_addr().expect("address"), None);
    drop(nobody);
    server.order(Order::Send(Transmit { hop, bytes: Bytes::from_static(b"x") })).await;
    assert!(matches!(server.news().await, News::Closed(_)));
    assert_eq!(server.news().await, News::Unreachable(hop));
}

#[tokio::test]
async fn a_message_for_a_connection_that_is_gone_is_reported() {
    let mut server = run(NetConfig::default()).await;
    let flow = carillon_sip_core::FlowId(77);
    let hop = Hop::tcp(server.tcp, "127.0.0.1:9".parse().expect("address"), Some(flow));
    server.order(Order::Send(Transmit { hop, bytes: Bytes::from_static(b"x") })).await;
    assert_eq!(server.news().await, News::Closed(flow));
}
