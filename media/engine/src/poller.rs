//! Sockets and waiting for them: the only code of a media thread that makes system calls on the packet path.
//!
//! The thread above asks for four things: wait until a socket is readable, a command came or a moment is there; receive
//! from one socket; send on one socket; be woken from another thread. This is epoll (by mio, which tells of a socket when
//! something new has come to it: whoever leaves packets in it has to come back unasked). A ring of submissions would replace
//! this module and nothing else.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};

/// Readable sockets told by one wait.
const READY_PER_WAIT: usize = 1024;

const WAKE: Token = Token(usize::MAX);

/// Which socket: the number it was added with.
pub(crate) type Key = usize;

/// One thread's waiting place.
#[derive(Debug)]
pub(crate) struct Poller {
    poll: Poll,
    events: Events,
    doorbell: Arc<Doorbell>,
}

/// Wakes the thread that waits. Rings once until answered, however many push the button.
#[derive(Debug)]
pub(crate) struct Doorbell {
    waker: mio::Waker,
    rung: AtomicBool,
}

/// One non-blocking UDP socket of a thread.
#[derive(Debug)]
pub(crate) struct Socket(mio::net::UdpSocket);

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), WAKE)?;
        Ok(Self {
            poll,
            events: Events::with_capacity(READY_PER_WAIT),
            doorbell: Arc::new(Doorbell { waker, rung: AtomicBool::new(false) }),
        })
    }

    pub(crate) fn doorbell(&self) -> Arc<Doorbell> {
        self.doorbell.clone()
    }

    /// Starts watching a socket; dropping it ends that.
    pub(crate) fn add(&self, socket: UdpSocket, key: Key) -> io::Result<Socket> {
        let mut socket = mio::net::UdpSocket::from_std(socket);
        self.poll.registry().register(&mut socket, Token(key), Interest::READABLE)?;
        Ok(Socket(socket))
    }

    /// Waits for packets, the doorbell or `until`; `None` waits for ever. Puts the readable sockets into `ready`.
    pub(crate) fn wait(&mut self, now: Instant, until: Option<Instant>, ready: &mut Vec<Key>) {
        let timeout = until.map(|until| until.saturating_duration_since(now));
        if let Err(error) = self.poll.poll(&mut self.events, timeout)
            && error.kind() != io::ErrorKind::Interrupted
        {
            tracing::error!(%error, "waiting for packets failed");
            // Without this a broken poll would spin; the commands still get their turn.
            std::thread::sleep(Duration::from_millis(1));
        }
        for event in &self.events {
            match event.token() {
                WAKE => self.doorbell.rung.store(false, Ordering::SeqCst),
                Token(key) => ready.push(key),
            }
        }
    }
}

impl Doorbell {
    pub(crate) fn ring(&self) {
        if self.rung.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Err(error) = self.waker.wake() {
            self.rung.store(false, Ordering::SeqCst);
            tracing::error!(%error, "a media thread could not be woken");
        }
    }
}

impl Socket {
    /// The next packet and who sent it, `None` when there is none left.
    pub(crate) fn receive_from(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        next_packet(|| self.0.recv_from(buffer))
    }

    /// The next packet of a connected socket, `None` when there is none left.
    #[inline]
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> Option<usize> {
        next_packet(|| self.0.recv(buffer))
    }

    /// Whether the system took the packet.
    pub(crate) fn send(&self, packet: &[u8], to: Destination) -> bool {
        let sent = match to {
            Destination::Connected => self.0.send(packet),
            Destination::Address(to) => self.0.send_to(packet, to),
        };
        sent.is_ok()
    }

    /// From now on only `peer` is heard, which the kernel sees to; packets already queued may still be others'.
    pub(crate) fn connect(&self, peer: SocketAddr) -> bool {
        self.0.connect(peer).is_ok()
    }
}

#[inline]
fn next_packet<T>(mut receive: impl FnMut() -> io::Result<T>) -> Option<T> {
    loop {
        match receive() {
            Ok(received) => return Some(received),
            // A connected socket reports here that an earlier packet of ours met a closed port; the next call goes on.
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::Interrupted) => {}
            Err(_) => return None,
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Where a packet goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Destination {
    /// To whom the socket is connected.
    Connected,
    /// To this address, on a socket that is not connected.
    Address(SocketAddr),
}
