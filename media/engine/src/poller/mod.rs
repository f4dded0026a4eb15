//! Sockets and waiting for them: the only code of a media thread that makes system calls on the packet path.
//!
//! The thread above gives sockets away by a number and asks for four things: wait until packets are there, a command came or a moment
//! is reached; take the next packet; send it on, rewritten where it lies, or drop it; be woken from another thread. A packet taken has to be
//! sent or given back. There are two of them: `ring` (io_uring), and `epoll` for where the system refuses that.

mod doorbell;
mod epoll;
mod ring;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Instant;

pub(crate) use doorbell::Doorbell;
use epoll::Epoll;
use ring::RingPoller;

use crate::{PollerChoice, PollerKind};

/// Packets taken together: what they need fits into the nearest cache.
pub(crate) const MOST_AT_ONCE: usize = 16;

/// Which socket: the number it was added with, below 2^20.
pub(crate) type Key = usize;

/// What ends a wait besides the moment waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The first packet.
    OnPacket,
    /// Nothing: packets wait together for the moment. The doorbell may have to wait, too.
    OnTick,
}

/// A datagram, in the poller's memory.
#[derive(Debug)]
#[must_use = "to be sent or given back"]
pub(crate) struct Packet(Place);

#[derive(Debug)]
enum Place {
    Scratch { len: usize },
    Ring(carillon_media_ring::Packet),
}

/// A datagram that came.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) key: Key,
    pub(crate) from: SocketAddr,
    pub(crate) packet: Packet,
}

/// Where a packet goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Destination {
    /// To whom the socket is connected.
    Connected,
    /// To this address, on a socket that is not connected.
    Address(SocketAddr),
}

/// What a poller counted since it was made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    /// Packets the system did not take when they were to be sent.
    pub(crate) unsent: u64,
    /// Times packets had to wait in their socket because every buffer was taken.
    pub(crate) exhausted: u64,
}

/// One thread's waiting place. Made on the thread it serves.
#[derive(Debug)]
pub(crate) enum Poller {
    Ring(Box<RingPoller>),
    Epoll(Box<Epoll>),
}

impl Poller {
    /// What was chosen; where the system may choose and refuses io_uring, epoll, with the refusal.
    pub(crate) fn new(choice: PollerChoice) -> io::Result<(Self, Option<io::Error>)> {
        let ring = || io::Result::Ok(Self::Ring(Box::new(RingPoller::new()?)));
        let epoll = || io::Result::Ok(Self::Epoll(Box::new(Epoll::new()?)));
        match choice {
            PollerChoice::IoUring => Ok((ring()?, None)),
            PollerChoice::Epoll => Ok((epoll()?, None)),
            PollerChoice::Auto => match ring() {
                Ok(ring) => Ok((ring, None)),
                Err(refusal) => Ok((epoll()?, Some(refusal))),
            },
        }
    }

    pub(crate) fn kind(&self) -> PollerKind {
        match self {
            Self::Ring(_) => PollerKind::IoUring,
            Self::Epoll(_) => PollerKind::Epoll,
        }
    }

    pub(crate) fn doorbell(&self) -> Arc<Doorbell> {
        match self {
            Self::Ring(ring) => ring.doorbell(),
            Self::Epoll(epoll) => epoll.doorbell(),
        }
    }

    /// Whether many packets are cheaper when they are waited for together.
    pub(crate) fn gains_by_ticks(&self) -> bool {
        match self {
            Self::Ring(_) => true,
            Self::Epoll(_) => false,
        }
    }

    /// Packets that can be taken before the first of them was sent or given back.
    pub(crate) fn holds(&self) -> usize {
        match self {
            Self::Ring(_) => MOST_AT_ONCE,
            Self::Epoll(_) => 1,
        }
    }

    /// Asks for the memory that sending on a socket needs.
    #[inline]
    pub(crate) fn prefetch(&self, key: Key) {
        if let Self::Ring(ring) = self {
            ring.prefetch(key);
        }
    }

    /// Starts watching a non-blocking socket.
    pub(crate) fn add(&mut self, key: Key, socket: UdpSocket) -> io::Result<()> {
        match self {
            Self::Ring(ring) => ring.add(key, socket),
            Self::Epoll(epoll) => epoll.add(key, socket),
        }
    }

    /// Sends what is still to be sent on these sockets, then closes them: their ports are free, their keys too.
    pub(crate) fn remove(&mut self, keys: &[Key]) {
        match self {
            Self::Ring(ring) => ring.remove(keys),
            Self::Epoll(epoll) => epoll.remove(keys),
        }
    }

    /// Puts another socket in the place of one. `bind` makes it while the first still holds its port.
    pub(crate) fn replace(&mut self, key: Key, bind: impl FnOnce(BorrowedFd<'_>) -> io::Result<UdpSocket>) -> io::Result<()> {
        let socket = match self {
            Self::Ring(ring) => ring.socket(key),
            Self::Epoll(epoll) => epoll.socket(key),
        };
        let fresh = bind(socket.ok_or(io::ErrorKind::NotFound)?)?;
        self.remove(&[key]);
        self.add(key, fresh)
    }

    /// From now on only `peer` is heard, which the kernel sees to; packets already queued may still be others'.
    pub(crate) fn connect(&mut self, key: Key, peer: SocketAddr) -> bool {
        match self {
            Self::Ring(ring) => ring.connect(key, peer),
            Self::Epoll(epoll) => epoll.connect(key, peer),
        }
    }

    /// Waits for what `wake` says, the doorbell or `until`; `None` waits for ever. Sends first what was asked to be sent.
    pub(crate) fn wait(&mut self, now: Instant, until: Option<Instant>, wake: Wake) {
        let waited = match self {
            Self::Ring(ring) => ring.wait(now, until, wake),
            Self::Epoll(epoll) => epoll.wait(now, until),
        };
        if let Err(error) = waited {
            tracing::error!(%error, "waiting for packets failed");
            // Without this a broken poller would spin; the commands still get their turn.
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// The next packet of this turn.
    #[inline]
    pub(crate) fn next(&mut self, now: Instant) -> Option<Arrival> {
        match self {
            Self::Ring(ring) => ring.next(),
            Self::Epoll(epoll) => epoll.next(now),
        }
    }

    #[inline]
    pub(crate) fn bytes(&self, packet: &Packet) -> &[u8] {
        match (self, &packet.0) {
            (Self::Ring(ring), Place::Ring(packet)) => ring.bytes(packet),
            (Self::Epoll(epoll), Place::Scratch { len }) => epoll.bytes(*len),
            // A packet is of the poller it came from, and a thread has one.
            (Self::Ring(_), Place::Scratch { .. }) | (Self::Epoll(_), Place::Ring(_)) => &[],
        }
    }

    #[inline]
    pub(crate) fn bytes_mut(&mut self, packet: &mut Packet) -> &mut [u8] {
        match (self, &mut packet.0) {
            (Self::Ring(ring), Place::Ring(packet)) => ring.bytes_mut(packet),
            (Self::Epoll(epoll), Place::Scratch { len }) => epoll.bytes_mut(*len),
            (Self::Ring(_), Place::Scratch { .. }) | (Self::Epoll(_), Place::Ring(_)) => &mut [],
        }
    }

    /// Drops a packet.
    #[inline]
    pub(crate) fn give_back(&mut self, packet: Packet) {
        if let (Self::Ring(ring), Place::Ring(packet)) = (self, packet.0) {
            ring.give_back(packet);
        }
    }

    /// Sends the first `len` octets of a packet that came; whether the system took it, as far as is known by now.
    #[inline]
    pub(crate) fn send_on(&mut self, key: Key, packet: Packet, len: usize, to: Destination) -> bool {
        match (self, packet.0) {
            (Self::Ring(ring), Place::Ring(packet)) => ring.send_on(key, packet, len, to),
            (Self::Epoll(epoll), Place::Scratch { len: all }) => epoll.send_on(key, len.min(all), to),
            (Self::Ring(_), Place::Scratch { .. }) | (Self::Epoll(_), Place::Ring(_)) => false,
        }
    }

    /// Sends what was made here.
    pub(crate) fn send(&mut self, key: Key, datagram: &[u8], to: Destination) -> bool {
        match self {
            Self::Ring(ring) => ring.send(key, datagram, to),
            Self::Epoll(epoll) => epoll.send(key, datagram, to),
        }
    }

    pub(crate) fn counted(&self) -> Counted {
        match self {
            Self::Ring(ring) => ring.counted(),
            Self::Epoll(epoll) => epoll.counted(),
        }
    }
}

/// Sends with a system call of its own.
fn send_now(socket: &UdpSocket, datagram: &[u8], to: Destination) -> bool {
    let sent = match to {
        Destination::Connected => socket.send(datagram),
        Destination::Address(to) => socket.send_to(datagram, to),
    };
    sent.is_ok()
}
