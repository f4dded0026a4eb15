//! What the engine is told once, at its start.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::Clock;

/// How many threads, which addresses and ports, and how long silence on the wire is borne.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Media threads; 0 means one a core but one, at least one.
    pub threads: usize,
    /// The address RTP sockets are bound to.
    pub ip: IpAddr,
    /// A second address, of the other IP version: legs take audio at either, and calls between the versions are relayed.
    pub other_ip: Option<IpAddr>,
    /// The address that stands in SDP, where it differs from `ip` (a wildcard, or one-to-one NAT).
    pub advertised: Option<IpAddr>,
    /// UDP ports for RTP (even) and RTCP (the odd one above). `0..=0` lets the system choose: for tests.
    pub rtp_ports: RangeInclusive<u16>,
    /// No packet for this long, while packets are expected, is `Event::MediaLost`.
    pub rtp_timeout: Duration,
    /// No packet for this long from a leg that somebody listens to is told as [`crate::Hearing::NothingComes`].
    pub nothing_after: Duration,
    /// No sound for this long is told as [`crate::Hearing::Silence`].
    pub silence_after: Duration,
    /// Commands that may wait for one thread before `Engine::send` refuses.
    pub command_queue: usize,
    /// Legs one thread takes before `Engine::open_leg` refuses.
    pub legs_per_thread: usize,
    /// Blocks of recorded sound (a quarter of a second, 8 KiB each) that may wait for the writer; beyond it they become gaps.
    pub recorder_queue: usize,
    /// How media threads wait for packets.
    pub poller: PollerChoice,
    /// What time it is for them.
    pub clock: Clock,
}

/// How media threads are to wait for packets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum PollerChoice {
    /// By io_uring, by epoll where the system refuses that.
    #[default]
    Auto,
    /// By io_uring: the engine does not start without.
    IoUring,
    /// By epoll.
    Epoll,
}

/// How a media thread waits for packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PollerKind {
    /// By io_uring.
    IoUring,
    /// By epoll.
    Epoll,
}

impl PollerKind {
    /// Its name, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IoUring => "io_uring",
            Self::Epoll => "epoll",
        }
    }
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            threads: 0,
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            other_ip: None,
            advertised: None,
            rtp_ports: 20_000..=29_999,
            rtp_timeout: Duration::from_secs(30),
            nothing_after: Duration::from_secs(5),
            silence_after: Duration::from_secs(30),
            command_queue: 4096,
            legs_per_thread: 4000,
            recorder_queue: 4096,
            poller: PollerChoice::Auto,
            clock: Clock::System,
        }
    }
}

impl EngineConfig {
    /// Media threads to start.
    pub(crate) fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1)),
            n => n,
        }
    }
}
