//! Waiting by epoll, and a system call for each packet that comes or goes. By mio, which tells of a socket when something new has come
//! to it: who leaves packets in it has to come back unasked.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use super::doorbell::{Bell, Doorbell};
use super::{Arrival, Counted, Destination, Key, Packet, Place, send_now};

/// Readable sockets told by one wait.
const READY_PER_WAIT: usize = 1024;

/// Packets of one socket before others get their turn.
const PACKETS_PER_TURN: u32 = 32;

/// How long after the one before a packet of 20 ms is expected.
const IN_TIME: RangeInclusive<Duration> = Duration::from_millis(12)..=Duration::from_millis(28);

/// After this time sockets are looked into that were left before they were seen empty.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Longer than any packet of telephony.
const SCRATCH: usize = 2048;

const WAKE: Token = Token(usize::MAX);

#[derive(Debug)]
pub(crate) struct Epoll {
    poll: Poll,
    events: Events,
    doorbell: Arc<Doorbell>,
    sockets: Vec<Option<Socket>>,
    /// Sockets to read this turn, the last first, and packets read of the one being read.
    ready: Vec<Key>,
    taken: u32,
    /// Sockets whose packets were too many for one turn.
    unfinished: Vec<Key>,
    /// Sockets that were left before they were seen empty.
    unchecked: Vec<Key>,
    look_again: Option<Instant>,
    scratch: Box<[u8; SCRATCH]>,
    counted: Counted,
}

#[derive(Debug)]
struct Socket {
    socket: UdpSocket,
    peer: Option<SocketAddr>,
    /// Connected, and emptied of what had come before: all that comes is the peer's.
    filtered: bool,
    read_at: Option<Instant>,
    unchecked: bool,
}

impl Epoll {
    pub(super) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), WAKE)?;
        Ok(Self {
            poll,
            events: Events::with_capacity(READY_PER_WAIT),
            doorbell: Arc::new(Doorbell::new(Bell::Waker(waker))),
            sockets: Vec::new(),
            ready: Vec::new(),
            taken: 0,
            unfinished: Vec::new(),
            unchecked: Vec::new(),
            look_again: None,
            scratch: Box::new([0; SCRATCH]),
            counted: Counted::default(),
        })
    }

    pub(super) fn doorbell(&self) -> Arc<Doorbell> {
        self.doorbell.clone()
    }

    pub(super) fn add(&mut self, key: Key, socket: UdpSocket) -> io::Result<()> {
        self.poll.registry().register(&mut SourceFd(&socket.as_raw_fd()), Token(key), Interest::READABLE)?;
        if self.sockets.len() <= key {
            self.sockets.resize_with(key + 1, || None);
        }
        self.sockets[key] = Some(Socket { socket, peer: None, filtered: false, read_at: None, unchecked: false });
        Ok(())
    }

    pub(super) fn remove(&mut self, keys: &[Key]) {
        for key in keys {
            // Closing it ends the registration.
            self.sockets.get_mut(*key).and_then(Option::take);
        }
    }

    pub(super) fn socket(&self, key: Key) -> Option<BorrowedFd<'_>> {
        Some(self.sockets.get(key)?.as_ref()?.socket.as_fd())
    }

    pub(super) fn connect(&mut self, key: Key, peer: SocketAddr) -> bool {
        let Some(Some(socket)) = self.sockets.get_mut(key) else { return false };
        let connected = socket.socket.connect(peer).is_ok();
        (socket.peer, socket.filtered) = (connected.then_some(peer), false);
        connected
    }

    pub(super) fn wait(&mut self, now: Instant, until: Option<Instant>) -> io::Result<()> {
        let until = if self.unfinished.is_empty() { [until, self.look_again].into_iter().flatten().min() } else { Some(now) };
        let timeout = until.map(|until| until.saturating_duration_since(now));
        let polled = self.poll.poll(&mut self.events, timeout);
        self.ready.append(&mut self.unfinished);
        match polled {
            Ok(()) => self.take_events(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        // Who does not wait wants to know of everything; and the time has come when there was no more to wait.
        if timeout.is_some_and(|timeout| timeout.is_zero()) && self.look_again.take().is_some() {
            for key in self.unchecked.drain(..) {
                if let Some(Some(socket)) = self.sockets.get_mut(key) {
                    socket.unchecked = false;
                    socket.read_at = None;
                    self.ready.push(key);
                }
            }
        }
        Ok(())
    }

    fn take_events(&mut self) {
        for event in &self.events {
            match event.token() {
                WAKE => self.doorbell.answered(),
                Token(key) => self.ready.push(key),
            }
        }
    }

    /// Reads each ready socket until it is empty. A packet that comes in time is almost always alone, and to see that the socket is
    /// empty costs a fifth of the packet: it is left at that, and looked at again a little later.
    #[inline]
    pub(super) fn next(&mut self, now: Instant) -> Option<Arrival> {
        loop {
            let key = *self.ready.last()?;
            if self.taken == PACKETS_PER_TURN {
                self.unfinished.push(key);
                self.next_socket();
                continue;
            }
            let Some(Some(socket)) = self.sockets.get_mut(key) else {
                self.next_socket();
                continue;
            };
            let Some((len, from)) = socket.receive(&mut *self.scratch) else {
                self.next_socket();
                continue;
            };
            self.taken += 1;
            let before = socket.read_at.replace(now);
            if self.taken == 1 && before.is_some_and(|before| IN_TIME.contains(&now.saturating_duration_since(before))) {
                if !std::mem::replace(&mut socket.unchecked, true) {
                    self.unchecked.push(key);
                    self.look_again.get_or_insert(now + LOOK_AGAIN);
                }
                self.next_socket();
            }
            return Some(Arrival { key, from, packet: Packet(Place::Scratch { len }) });
        }
    }

    fn next_socket(&mut self) {
        self.ready.pop();
        self.taken = 0;
    }

    pub(super) fn bytes(&self, len: usize) -> &[u8] {
        &self.scratch[..len]
    }

    pub(super) fn bytes_mut(&mut self, len: usize) -> &mut [u8] {
        &mut self.scratch[..len]
    }

    pub(super) fn send_on(&mut self, key: Key, len: usize, to: Destination) -> bool {
        let sent = self.sockets.get(key).and_then(Option::as_ref).is_some_and(|socket| send_now(&socket.socket, &self.scratch[..len], to));
        self.counted.unsent += u64::from(!sent);
        sent
    }

    pub(super) fn send(&mut self, key: Key, datagram: &[u8], to: Destination) -> bool {
        let sent = self.sockets.get(key).and_then(Option::as_ref).is_some_and(|socket| send_now(&socket.socket, datagram, to));
        self.counted.unsent += u64::from(!sent);
        sent
    }

    pub(super) fn counted(&self) -> Counted {
        self.counted
    }
}

impl Socket {
    /// The next datagram and its sender; `None` when there is none left.
    #[inline]
    fn receive(&mut self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        if self.filtered
            && let Some(peer) = self.peer
        {
            return next_packet(|| self.socket.recv(buffer)).map(|len| (len, peer));
        }
        let received = next_packet(|| self.socket.recv_from(buffer));
        self.filtered = received.is_none() && self.peer.is_some();
        received
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
