//! The load on a relay: G.711 streams sent at their pace, and what comes back of them.
//!
//! One thread sends, one receives; windows are laid down in advance by the wall clock, so the two share nothing but the end.

mod browsers;
mod histogram;
mod receiver;
mod sender;
mod stamp;

use std::{
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use nix::sys::socket::{setsockopt, sockopt};

pub(crate) use browsers::{BrowserCalls, Saying, run as run_browsers};
pub(crate) use histogram::Histogram;

use crate::meter::Meter;

/// Sockets a side: few, so that a batch leaves by one system call. The device has a socket of its own for each leg all the same.
const SOCKETS_PER_SIDE: usize = 4;
/// A window with more late ticks than this share is not used.
const LATE_SHARE: f64 = 0.001;
/// Windows tried beyond those asked for, when some were late.
const EXTRA_WINDOWS: usize = 3;
/// Between windows: what left in one has arrived before the next.
const GAP: Duration = Duration::from_millis(500);

/// The generator's media addresses.
pub(crate) struct Sockets {
    sockets: Vec<UdpSocket>,
}

impl Sockets {
    pub(crate) fn open() -> anyhow::Result<Self> {
        Ok(Self { sockets: (0..2 * SOCKETS_PER_SIDE).map(|_| socket()).collect::<anyhow::Result<_>>()? })
    }

    /// Where the caller of a call takes its media.
    pub(crate) fn caller(&self, call: usize) -> anyhow::Result<SocketAddrV4> {
        self.address(call % SOCKETS_PER_SIDE)
    }

    /// Where the callee of a call takes its media.
    pub(crate) fn callee(&self, call: usize) -> anyhow::Result<SocketAddrV4> {
        self.address(SOCKETS_PER_SIDE + call % SOCKETS_PER_SIDE)
    }

    fn address(&self, socket: usize) -> anyhow::Result<SocketAddrV4> {
        match self.sockets[socket].local_addr()? {
            std::net::SocketAddr::V4(address) => Ok(address),
            std::net::SocketAddr::V6(address) => anyhow::bail!("{address} is not IPv4"),
        }
    }
}

fn socket() -> anyhow::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("a socket of the load")?;
    let wanted = 64 << 20;
    // Beyond the system's bound only for root; otherwise as large as the bound allows.
    if setsockopt(&socket, sockopt::RcvBufForce, &wanted).is_err() {
        setsockopt(&socket, sockopt::RcvBuf, &wanted)?;
    }
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Where the device takes the media of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallMedia {
    pub(crate) call: usize,
    pub(crate) caller: SocketAddrV4,
    /// `None`: nobody was called; the device itself sends.
    pub(crate) callee: Option<SocketAddrV4>,
}

/// One direction of a call.
struct Stream {
    from: usize,
    to: SocketAddrV4,
    /// The socket it must come out at.
    arrives_at: Option<usize>,
}

/// When windows are.
#[derive(Clone, Copy)]
struct Schedule {
    /// Start of the first, ns of the wall clock.
    first: u64,
    length: u64,
    count: usize,
}

impl Schedule {
    fn start(&self, window: usize) -> u64 {
        self.first + window as u64 * (self.length + GAP.as_nanos() as u64)
    }

    /// The window that a moment lies in.
    fn window(&self, at: u64) -> Option<usize> {
        let step = self.length + GAP.as_nanos() as u64;
        let since = at.checked_sub(self.first)?;
        let window = (since / step) as usize;
        (since % step < self.length && window < self.count).then_some(window)
    }
}

/// What one window showed.
#[derive(Debug)]
pub(crate) struct Window {
    /// CPU of the device under test.
    pub(crate) cpu: Duration,
    /// CPU of the generator.
    pub(crate) own_cpu: Duration,
    pub(crate) length: Duration,
    /// Packets that should come out again.
    pub(crate) sent: u64,
    /// Of these, those that did.
    pub(crate) arrived: u64,
    /// Packets the device made itself.
    pub(crate) made: u64,
    /// Packets that came out at the wrong call.
    pub(crate) misrouted: u64,
    /// Streams of which nothing came out.
    pub(crate) silent: usize,
    pub(crate) late_ticks: u64,
    pub(crate) latency: Histogram,
}

impl Window {
    /// CPU-us per packet that came out.
    pub(crate) fn us_per_packet(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / (self.arrived + self.made).max(1) as f64
    }

    pub(crate) fn lost(&self) -> u64 {
        self.sent.saturating_sub(self.arrived)
    }

    pub(crate) fn late_share(&self) -> f64 {
        self.late_ticks as f64 / (self.length.as_secs_f64() / sender::TICK.as_secs_f64())
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.late_share() <= LATE_SHARE
    }
}

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measuring {
    pub(crate) windows: usize,
    pub(crate) length: Duration,
    pub(crate) warm_up: Duration,
}

/// Sends and receives the media of these calls while windows are measured. Windows in which the generator was late are repeated;
/// when that does not help either, what there is comes back, and says so.
///
/// # Errors
/// A process of the device is gone, or a socket fails.
pub(crate) fn run(sockets: &Sockets, calls: &[CallMedia], measuring: Measuring, device: &Meter) -> anyhow::Result<Vec<Window>> {
    run_up_to(sockets, calls, measuring, device, measuring.windows + EXTRA_WINDOWS)
}

/// The same without repeating windows.
pub(crate) fn run_once(sockets: &Sockets, calls: &[CallMedia], measuring: Measuring, device: &Meter) -> anyhow::Result<Vec<Window>> {
    run_up_to(sockets, calls, measuring, device, measuring.windows)
}

fn run_up_to(sockets: &Sockets, calls: &[CallMedia], measuring: Measuring, device: &Meter, count: usize) -> anyhow::Result<Vec<Window>> {
    let streams = streams(calls);
    let first = wall_ns() + measuring.warm_up.as_nanos() as u64;
    let schedule = Schedule { first, length: measuring.length.as_nanos() as u64, count };
    let over = AtomicBool::new(false);
    let late: Vec<AtomicU64> = (0..count).map(|_| AtomicU64::new(0)).collect();
    std::thread::scope(|scope| {
        let receiver = scope.spawn(|| receiver::receive(&sockets.sockets, &streams, schedule, &over));
        let sender = scope.spawn(|| sender::send(&sockets.sockets, &streams, schedule, &late, &over));
        let measured = measure(schedule, measuring, &late, device);
        over.store(true, Ordering::Relaxed);
        let sent = sender.join().map_err(|_| anyhow::anyhow!("the sender failed"))??;
        let received = receiver.join().map_err(|_| anyhow::anyhow!("the receiver failed"))??;
        let of = |(window, (cpu, own_cpu)): (usize, (Duration, Duration))| {
            let tally = &received[window];
            Window {
                cpu,
                own_cpu,
                length: measuring.length,
                sent: sent[window],
                arrived: tally.arrived,
                made: tally.made,
                misrouted: tally.misrouted,
                silent: streams.iter().zip(&tally.heard).filter(|(stream, heard)| stream.arrives_at.is_some() && !**heard).count(),
                late_ticks: late[window].load(Ordering::Relaxed),
                latency: tally.latency.clone(),
            }
        };
        let (valid, late): (Vec<_>, Vec<_>) = measured?.into_iter().enumerate().map(of).partition(Window::is_valid);
        Ok(valid.into_iter().chain(late).take(measuring.windows).collect())
    })
}

/// The CPU used in each window, until enough of them are valid.
fn measure(schedule: Schedule, measuring: Measuring, late: &[AtomicU64], device: &Meter) -> anyhow::Result<Vec<(Duration, Duration)>> {
    let (own, mut measured, mut valid) = (Meter::own(), Vec::new(), 0);
    let ticks = measuring.length.as_secs_f64() / sender::TICK.as_secs_f64();
    for (window, late) in late.iter().enumerate() {
        sleep_until(schedule.start(window));
        let (cpu, own_cpu) = (device.cpu()?, own.cpu()?);
        sleep_until(schedule.start(window) + schedule.length);
        measured.push((device.cpu()? - cpu, own.cpu()? - own_cpu));
        if late.load(Ordering::Relaxed) as f64 / ticks <= LATE_SHARE {
            valid += 1;
        }
        if valid == measuring.windows {
            break;
        }
    }
    std::thread::sleep(GAP);
    Ok(measured)
}

fn streams(calls: &[CallMedia]) -> Vec<Stream> {
    let mut streams = Vec::with_capacity(2 * calls.len());
    for call in calls {
        let (caller, callee) = (call.call % SOCKETS_PER_SIDE, SOCKETS_PER_SIDE + call.call % SOCKETS_PER_SIDE);
        streams.push(Stream { from: caller, to: call.caller, arrives_at: call.callee.map(|_| callee) });
        if let Some(to) = call.callee {
            streams.push(Stream { from: callee, to, arrives_at: Some(caller) });
        }
    }
    streams
}

fn wall_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

fn sleep_until(at: u64) {
    std::thread::sleep(Duration::from_nanos(at.saturating_sub(wall_ns())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lies_in_one_window_or_between_two() {
        let schedule = Schedule { first: 1_000, length: 2_000_000_000, count: 2 };
        assert_eq!(schedule.window(999), None);
        assert_eq!(schedule.window(1_000), Some(0));
        assert_eq!(schedule.window(1_000 + 2_000_000_000), None);
        assert_eq!(schedule.window(schedule.start(1)), Some(1));
        assert_eq!(schedule.window(schedule.start(2)), None);
    }

    #[test]
    fn packets_sent_straight_back_are_all_counted() {
        let sockets = Sockets::open().expect("sockets");
        let call =
            CallMedia { call: 0, caller: sockets.callee(0).expect("an address"), callee: Some(sockets.caller(0).expect("an address")) };
        let measuring = Measuring { windows: 1, length: Duration::from_millis(200), warm_up: Duration::from_millis(50) };
        let windows = run(&sockets, &[call], measuring, &Meter::own()).expect("a run");
        assert_eq!(windows[0].misrouted + windows[0].lost(), 0, "{windows:?}");
        assert!(windows[0].arrived > 0 && windows[0].silent == 0);
    }
}
