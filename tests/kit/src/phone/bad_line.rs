//! A line between a phone and the far end of its audio that delays, shuffles and loses packets, both ways.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    net::UdpSocket,
    task::JoinHandle,
    time::{Instant, sleep_until},
};

/// How a line is. The seed says which packets it loses.
#[derive(Debug, Clone, Copy)]
pub struct BadLine {
    /// Delay, and by how much each packet's differs from it at most.
    pub delay: Duration,
    /// The same, above and below.
    pub jitter: Duration,
    /// Packets lost, of a hundred.
    pub loss_percent: u64,
    /// Where chance begins.
    pub seed: u64,
}

impl BadLine {
    /// 40 ± 15 ms, 5 % lost.
    pub fn of_the_tests(seed: u64) -> Self {
        Self { delay: Duration::from_millis(40), jitter: Duration::from_millis(15), loss_percent: 5, seed }
    }
}

/// The line itself, while it is there.
pub(super) struct Relay {
    /// What the far end is told to send to.
    pub(super) outside: SocketAddr,
    /// Where the phone sends.
    pub(super) inside: SocketAddr,
    far_end: Arc<Mutex<Option<SocketAddr>>>,
    carrying: JoinHandle<()>,
}

impl Relay {
    /// A line to the phone at this address.
    pub(super) async fn open(phone: SocketAddr, line: BadLine) -> Self {
        let socket = async |ip: IpAddr| UdpSocket::bind((ip, 0)).await.expect("a socket of the line");
        let (outside, inside) = (socket(phone.ip()).await, socket(phone.ip()).await);
        let address = |socket: &UdpSocket| socket.local_addr().expect("a bound socket");
        let far_end: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
        Self {
            outside: address(&outside),
            inside: address(&inside),
            carrying: tokio::spawn(carry(outside, inside, phone, Arc::clone(&far_end), line)),
            far_end,
        }
    }

    pub(super) fn leads_to(&self, far_end: Option<SocketAddr>) {
        *self.far_end.lock().unwrap_or_else(PoisonError::into_inner) = far_end;
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// A packet on its way: when it is due, a number that keeps the order of those due at once, whether it goes out, and what it is.
type OnItsWay = (Instant, u64, bool, Vec<u8>);

async fn carry(outside: UdpSocket, inside: UdpSocket, phone: SocketAddr, far_end: Arc<Mutex<Option<SocketAddr>>>, line: BadLine) {
    let mut chance = Chance(line.seed);
    let mut on_its_way: BinaryHeap<Reverse<OnItsWay>> = BinaryHeap::new();
    let (mut from_outside, mut from_inside) = ([0; 2048], [0; 2048]);
    for number in 0.. {
        let due = on_its_way.peek().map(|Reverse((due, ..))| *due);
        let (goes_out, packet) = tokio::select! {
            Ok((length, _)) = outside.recv_from(&mut from_outside) => (false, from_outside[..length].to_vec()),
            Ok((length, _)) = inside.recv_from(&mut from_inside) => (true, from_inside[..length].to_vec()),
            () = sleep_until(due.unwrap_or_else(|| Instant::now() + Duration::from_secs(1))) => {
                while on_its_way.peek().is_some_and(|Reverse((due, ..))| *due <= Instant::now()) {
                    let Some(Reverse((_, _, goes_out, packet))) = on_its_way.pop() else { break };
                    let far_end = *far_end.lock().unwrap_or_else(PoisonError::into_inner);
                    // Who is gone says so by ICMP; a line carries on.
                    match (goes_out, far_end) {
                        (true, Some(far_end)) => drop(outside.send_to(&packet, far_end).await),
                        (true, None) => {}
                        (false, _) => drop(inside.send_to(&packet, phone).await),
                    }
                }
                continue;
            }
        };
        if chance.next() % 100 >= line.loss_percent {
            let spread = 2 * u64::try_from(line.jitter.as_micros()).unwrap_or_default() + 1;
            let delay = line.delay - line.jitter + Duration::from_micros(chance.next() % spread);
            on_its_way.push(Reverse((Instant::now() + delay, number, goes_out, packet)));
        }
    }
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
