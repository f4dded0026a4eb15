//! Threats 1 and 2: who is not in the call gets no packet of it and is not heard in it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use carillon_kit::phone::{Call, forged, share};
use tokio::{net::UdpSocket, task::JoinHandle};

use crate::site::{Site, both_sides};

const CALLER_HZ: f64 = 500.0;
const AGENT_HZ: f64 = 1300.0;
const INTRUDER_HZ: f64 = 2100.0;

#[tokio::test(flavor = "multi_thread")]
async fn it_hears_nothing_and_is_not_heard() {
    let site = Site::start().await;
    let mut anna = site.agent("anna", "1001").await;
    let mut caller = site.trunk.dial("5001").await;
    caller.is_answered().await;
    let mut agent = anna.phone.rings().await;

    // From another host before the agent's phone has answered, when no port has heard its own phone yet: the race.
    let ports = ports_of(&[&caller, &agent]);
    let other_host = Intruder::sprays(Ipv4Addr::new(127, 0, 0, 2), &ports).await;
    agent.answer().await;
    caller.audio.say(CALLER_HZ);
    agent.audio.say(AGENT_HZ);
    agent.audio.hears(CALLER_HZ).await;
    caller.audio.hears(AGENT_HZ).await;
    // From another port of the phones' own host once the phones are known.
    let other_port = Intruder::sprays(Ipv4Addr::LOCALHOST, &ports).await;
    let (before_caller, before_agent) = (caller.audio.heard().len(), agent.audio.heard().len());
    caller.audio.hears_more(2.0).await;
    agent.audio.hears_more(0.1).await;
    let (heard_by_caller, heard_by_agent) = (caller.audio.heard(), agent.audio.heard());
    caller.hang_up().await;
    agent.is_ended().await;

    for (who, intruder) in [("another host", other_host), ("another port", other_port)] {
        let (sent, received) = intruder.stops().await;
        assert!(sent > 1000, "{who} sprayed {sent} packets");
        assert_eq!(received, 0, "{who} received packets of the call");
    }
    for (who, heard, speech) in
        [("caller", &heard_by_caller[before_caller..], AGENT_HZ), ("agent", &heard_by_agent[before_agent..], CALLER_HZ)]
    {
        assert!(share(heard, speech) > 0.9, "the {who} hears the other");
        assert!(share(heard, INTRUDER_HZ) < 0.01, "the {who} hears the intruder: {}", share(heard, INTRUDER_HZ));
    }
    let record = site.record().await;
    let (left, right) = both_sides(&site.recording_of(&record));
    for (side, samples, speech) in [("left", left, CALLER_HZ), ("right", right, AGENT_HZ)] {
        assert!(share(&samples, speech) > 0.9, "{side}");
        assert!(share(&samples, INTRUDER_HZ) < 0.01, "the intruder is on the {side} of the recording");
    }
    for leg in 0..2 {
        assert!(record["legs"][leg]["quality"]["refused"].as_u64() > Some(100), "what was refused is counted: {record:#}");
    }
}

/// RTP and RTCP ports of the server that these calls talk to.
fn ports_of(calls: &[&Call]) -> Vec<SocketAddr> {
    let rtp = calls.iter().map(|call| call.audio.remote().expect("the server's description names a port"));
    rtp.flat_map(|rtp| [rtp, SocketAddr::new(rtp.ip(), rtp.port() + 1)]).collect()
}

struct Intruder {
    spraying: JoinHandle<()>,
    socket: Arc<UdpSocket>,
    sent: Arc<std::sync::atomic::AtomicUsize>,
}

impl Intruder {
    async fn sprays(from: Ipv4Addr, at: &[SocketAddr]) -> Self {
        let socket = Arc::new(UdpSocket::bind((from, 0)).await.expect("a socket at the intruder's address"));
        let sent = Arc::default();
        let spraying = tokio::spawn(spray(Arc::clone(&socket), at.to_vec(), Arc::clone(&sent)));
        Self { spraying, socket, sent }
    }

    /// How many packets it sent, and how many came back.
    async fn stops(self) -> (usize, usize) {
        self.spraying.abort();
        let mut received = 0;
        while self.socket.try_recv(&mut [0; 2048]).is_ok() {
            received += 1;
        }
        (self.sent.load(std::sync::atomic::Ordering::Relaxed), received)
    }
}

async fn spray(socket: Arc<UdpSocket>, at: Vec<SocketAddr>, sent: Arc<std::sync::atomic::AtomicUsize>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    for n in 1.. {
        ticks.tick().await;
        let packet = forged(INTRUDER_HZ, n);
        for port in &at {
            // A closed port says so by ICMP; an intruder goes on.
            let _ = socket.send_to(&packet, port).await;
            sent.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
}
