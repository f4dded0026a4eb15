//! Messages inside TLS, from peers and to peers, and whom we believe.

use crate::{
    certificates::certificates,
    support::{Echo, News, Order, Running, message, run, run_engine, soon},
};
use carillon_sip_core::{Hop, Transmit, Transport};
use carillon_sip_net::{Limits, NetConfig, ServerNames};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

fn listening() -> NetConfig {
    NetConfig { tls: vec!["127.0.0.1:0".parse().expect("address")], tls_server: Some(certificates().server), ..NetConfig::default() }
}

#[tokio::test]
async fn a_peer_is_answered_inside_the_tls_it_came_by() {
    let certificates = certificates();
    let config = NetConfig { tls_server: Some(certificates.server.clone()), ..listening() };
    let mut server = run(config).await;
    let stream = TcpStream::connect(server.tls).await.expect("connected");
    let name = ServerName::try_from("sip.example").expect("a name");
    let mut stream = TlsConnector::from(certificates.client).connect(name, stream).await.expect("a handshake");
    let request = message("tls-1", "hello");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = vec![0; request.len()];
    soon(stream.read_exact(&mut answer)).await.expect("an answer");
    assert_eq!(answer, request.to_ascii_uppercase().as_bytes());
    let (hop, _) = server.packet().await;
    assert_eq!((hop.transport, hop.flow.is_some()), (Transport::Tls, true));
    drop(stream);
    assert!(matches!(server.news().await, News::Closed(_)));
}

#[tokio::test]
async fn what_is_no_tls_is_closed_and_counted() {
    let limits = Limits { half_open: Duration::from_millis(200), ..Limits::default() };
    let mut server = run(NetConfig { limits, ..listening() }).await;
    let mut plain = TcpStream::connect(server.tls).await.expect("connected");
    plain.write_all(message("plain", "").as_bytes()).await.expect("written");
    assert!(matches!(server.news().await, News::Closed(_)));
    let _silent = TcpStream::connect(server.tls).await.expect("connected");
    assert!(matches!(server.news().await, News::Closed(_)), "who says nothing is closed in time");
    assert_eq!(server.counters.handshakes_failed(), 2);
    assert_eq!(server.counters.received(), 0);
}

#[tokio::test]
async fn we_connect_to_a_peer_that_shows_the_certificate_of_its_name_and_to_no_other() {
    let certificates = certificates();
    let mut far = run(NetConfig { tls_server: Some(certificates.server.clone()), ..listening() }).await;
    let near = |names: &[(SocketAddr, &str)], client| {
        let server_names = ServerNames::default();
        server_names.set(names.iter().map(|(at, name)| (*at, (*name).to_owned())));
        run_engine(NetConfig { tls_client: Some(client), server_names, ..NetConfig::default() }, Echo::default())
    };

    let mut by_address = near(&[], certificates.client.clone()).await;
    ask(&by_address, far.tls).await;
    far.packet().await;
    let (hop, _) = by_address.packet().await;
    assert!(hop.transport == Transport::Tls && hop.flow.is_some());
    ask(&by_address, far.tls).await;
    let (again, _) = far.packet().await;
    assert_eq!(by_address.packet().await.0.flow, hop.flow, "the connection is used again");

    let mut by_name = near(&[(far.tls, "sip.example")], certificates.client.clone()).await;
    ask(&by_name, far.tls).await;
    assert_ne!(far.packet().await.0.flow, again.flow);
    by_name.packet().await;

    let mut other_name = near(&[(far.tls, "other.example")], certificates.client.clone()).await;
    let mut doubter = near(&[], certificates.doubter.clone()).await;
    for refused in [&mut other_name, &mut doubter] {
        ask(refused, far.tls).await;
        assert!(matches!(refused.news().await, News::Closed(_)));
        assert!(matches!(refused.news().await, News::Unreachable(_)));
    }
}

async fn ask(from: &Running, to: SocketAddr) {
    let hop = Hop { transport: Transport::Tls, local: from.tcp, remote: to, flow: None };
    from.order(Order::Send(Transmit { hop, bytes: message("ours", "").into() })).await;
}
