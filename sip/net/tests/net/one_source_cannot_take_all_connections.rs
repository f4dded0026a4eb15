use crate::support::{message, run, soon};
use carillon_sip_net::{Limits, NetConfig, TrustedSources};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn is_served(server: std::net::SocketAddr) -> Option<TcpStream> {
    let mut phone = TcpStream::connect(server).await.expect("connected");
    let request = message("one", "");
    // A refused connection may be reset while we still write.
    let _ = phone.write_all(request.as_bytes()).await;
    let mut answer = vec![0; request.len()];
    soon(phone.read_exact(&mut answer)).await.ok().map(|_| phone)
}

#[tokio::test]
async fn one_source_cannot_take_all_connections_but_a_trunk_may() {
    let trusted = TrustedSources::default();
    let limits = Limits { flows_per_source: 2, ..Limits::default() };
    let server = run(NetConfig { trusted: trusted.clone(), limits, ..NetConfig::default() }).await;
    let first = is_served(server.tcp).await;
    let second = is_served(server.tcp).await;
    assert!(first.is_some() && second.is_some());
    assert!(is_served(server.tcp).await.is_none());
    assert_eq!(server.counters.flows_refused(), 1);

    trusted.set(["127.0.0.1".parse().expect("address")]);
    let third = is_served(server.tcp).await;
    assert!(third.is_some(), "a trunk's address is not bound by the cap");
}

#[tokio::test]
async fn the_last_places_are_kept_for_trunks() {
    let trusted = TrustedSources::default();
    let limits = Limits { flows: 3, flows_kept_for_trusted: 2, ..Limits::default() };
    let server = run(NetConfig { trusted: trusted.clone(), limits, ..NetConfig::default() }).await;
    let stranger = is_served(server.tcp).await;
    assert!(stranger.is_some());
    assert!(is_served(server.tcp).await.is_none());
    trusted.set(["127.0.0.1".parse().expect("address")]);
    let trunk = [is_served(server.tcp).await, is_served(server.tcp).await];
    assert!(trunk.iter().all(Option::is_some));
    assert!(is_served(server.tcp).await.is_none(), "the table as a whole is bounded for everybody");
}
