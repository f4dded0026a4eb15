use crate::support::{Echo, News, Order, run_engine, soon};
use carillon_sip_net::{Limits, NetConfig, TrustedSources};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Sends datagrams as fast as it can until told to stop.
fn flood(to: std::net::SocketAddr) -> (Arc<AtomicBool>, std::thread::JoinHandle<()>) {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let thread = std::thread::spawn(move || {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("socket");
        while !stopped.load(Ordering::Relaxed) {
            let _ = socket.send_to(b"noise", to);
        }
    });
    (stop, thread)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_does_not_starve_timers_and_orders() {
    let trusted = TrustedSources::default();
    trusted.set(["127.0.0.1".parse().expect("address")]);
    let mut server = run_engine(NetConfig { trusted, ..NetConfig::default() }, Echo::default()).await;
    let (stop, thread) = flood(server.udp);
    server.packet().await;
    server.order(Order::WakeAt(Instant::now() + Duration::from_millis(50))).await;
    server.order(Order::Say("still here")).await;
    let mut awaited = vec![News::Woken, News::Said("still here")];
    while !awaited.is_empty() {
        let news = server.news().await;
        awaited.retain(|expected| *expected != news);
    }
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("flood");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_sends_too_much_is_cut_to_its_rate() {
    let limits = Limits { messages_per_second: 10, ..Limits::default() };
    is_cut(NetConfig { limits, ..NetConfig::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trunk_has_a_rate_of_its_own() {
    let trusted = TrustedSources::default();
    trusted.set(["127.0.0.1".parse().expect("address")]);
    let limits = Limits { messages_per_second: 1, trusted_messages_per_second: 10, ..Limits::default() };
    is_cut(NetConfig { trusted, limits, ..NetConfig::default() }).await;
}

/// A source at 127.0.0.1 is cut to ten a second.
async fn is_cut(config: NetConfig) {
    let server = run_engine(config, Echo::default()).await;
    let begun = Instant::now();
    let (stop, thread) = flood(server.udp);
    let enough = async {
        while server.counters.over_rate() < 1000 {
            tokio::task::yield_now().await;
        }
    };
    soon(enough).await;
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("flood");
    let allowed = 20 + 10 * (begun.elapsed().as_secs() + 1);
    assert!(server.counters.received() <= allowed, "{} of at most {allowed}", server.counters.received());
}
