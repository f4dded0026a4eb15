//! Threat 16: REGISTER and INVITE by the thousand from one source beside live calls. The calls talk on, a trunk's call is taken, memory does
//! not grow. (`make bench` has the full form: 2,000 and 500 a second for 90 seconds.)

#![expect(clippy::print_stdout, reason = "what was measured is shown when it fails, or with --nocapture")]

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use carillon_kit::phone::Invite;
use tokio::{net::UdpSocket, task::JoinHandle};

use crate::faults::{Floor, RUSH};

/// Requests that are sent at least while calls are made.
const REQUESTS: u64 = 12_000;
/// What they may cost, all together.
const GROWTH: u64 = 64 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_borne() {
    let mut floor = Floor::open(4, 1).await;
    let mut talks = floor.all_talk("+390210000").await;
    let before = floor.server.memory();
    let flood = Flood::from(Ipv4Addr::new(127, 0, 0, 8), floor.server.bound.sip_udp).await;
    let mut served = 0;
    while flood.sent() < REQUESTS || served < 3 {
        for talk in &mut talks {
            let hz = 400.0 + 100.0 * f64::from(served % 5);
            talk.goes_on(hz, hz + 1000.0).await;
        }
        let mut caller = floor.trunk.invite(Invite::to(RUSH).from(&format!("+39022{served:04}"))).await;
        let (_, mut agent) = tokio::join!(caller.is_answered(), floor.rush[0].answers());
        caller.hang_up().await;
        agent.is_ended().await;
        served += 1;
    }
    let sent = flood.stops().await;
    let growth = floor.server.memory().saturating_sub(before);
    println!("{sent} requests, {served} calls of the trunk served meanwhile, {} KiB more memory", growth >> 10);
    assert!(growth < GROWTH, "{growth} bytes more after {sent} requests");
    for mut talk in talks {
        assert!(!talk.caller.has_ended() && !talk.agent.has_ended());
        talk.caller.hang_up().await;
    }
    floor.closes().await;
}

struct Flood {
    sent: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Flood {
    async fn from(host: Ipv4Addr, server: SocketAddr) -> Self {
        let socket = UdpSocket::bind((host, 0)).await.expect("a socket");
        let (sent, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let task = tokio::spawn(flood(socket, server, Arc::clone(&sent), Arc::clone(&stop)));
        Self { sent, stop, task }
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    async fn stops(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("a flood that ends");
        self.sent.load(Ordering::Relaxed)
    }
}

/// In bursts of fifty each 10 ms: 5,000 a second where the machine allows. Every fifth is an INVITE, each from somebody else.
async fn flood(socket: UdpSocket, server: SocketAddr, sent: Arc<AtomicU64>, stop: Arc<AtomicBool>) {
    let at = socket.local_addr().expect("an address");
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(10));
    while !stop.load(Ordering::Relaxed) {
        ticks.tick().await;
        for _ in 0..50 {
            let n = sent.fetch_add(1, Ordering::Relaxed);
            let (method, to) = if n.is_multiple_of(5) { ("INVITE", "5001") } else { ("REGISTER", "2000") };
            let text = format!(
                "{method} sip:{to}@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bKflood{n};rport\r\nMax-Forwards: 70\r\n\
                 From: <sip:u{n}@{server}>;tag={n}\r\nTo: <sip:{to}@{server}>\r\nCall-ID: flood{n}\r\nCSeq: 1 {method}\r\n\
                 Contact: <sip:u{n}@{at}>\r\nContent-Length: 0\r\n\r\n"
            );
            // A full buffer loses what does not fit: a flood does not mind.
            let _ = socket.send_to(text.as_bytes(), server).await;
        }
        while socket.try_recv(&mut [0; 2048]).is_ok() {}
    }
}
