//! Waiting by io_uring: one system call a turn sends what the last one left and brings what has come.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use carillon_media_ring::{Completion, Done, On, Ring, Token, prefetch};

use super::doorbell::{Bell, Doorbell};
use super::{Arrival, Counted, Destination, Key, Packet, Place, Wake, send_now};
use crate::thread::LONGEST_PACKET;

/// More completions than the queue holds: only the time ends such a wait.
const NEVER: usize = 1 << 20;

const KEY_BITS: u32 = 20;
const KEY: Token = (1 << KEY_BITS) - 1;
/// No socket's name.
const DOORBELL: Token = KEY;

/// How long a socket that goes is waited for, each of so many times; then its port may be taken a little longer.
const CLOSING: Duration = Duration::from_millis(20);
const CLOSING_TRIES: usize = 50;

/// Datagrams taken from a socket that has just been connected: more than it holds.
const DRAINED: usize = 300;

#[derive(Debug)]
pub(crate) struct RingPoller {
    ring: Ring,
    bell: PipeReader,
    doorbell: Arc<Doorbell>,
    sockets: Vec<Option<Socket>>,
    /// Counts the sockets added, so that what comes late of one is not taken for its successor's.
    added: Token,
    /// What came while a socket was waited for to go.
    backlog: VecDeque<Completion>,
    /// Sockets that do not listen, to be told to at the next wait.
    deaf: Vec<Token>,
    counted: Counted,
}

#[derive(Debug)]
struct Socket {
    socket: UdpSocket,
    token: Token,
    /// The ring keeps it at hand, in this place.
    kept: Option<u32>,
    /// Whether its listening has not come to its end.
    listens: bool,
    /// Whom it is connected to.
    peer: Option<SocketAddr>,
    /// Whom its listening hears, where nobody asks who sent what.
    heard: Option<SocketAddr>,
}

impl RingPoller {
    pub(super) fn new() -> io::Result<Self> {
        let mut ring = Ring::new()?;
        let (bell, writer) = io::pipe()?;
        ring.watch(&bell, DOORBELL)?;
        Ok(Self {
            ring,
            bell,
            doorbell: Arc::new(Doorbell::new(Bell::Pipe(writer))),
            sockets: Vec::new(),
            added: 0,
            backlog: VecDeque::new(),
            deaf: Vec::new(),
            counted: Counted::default(),
        })
    }

    pub(super) fn doorbell(&self) -> Arc<Doorbell> {
        self.doorbell.clone()
    }

    pub(super) fn add(&mut self, key: Key, socket: UdpSocket) -> io::Result<()> {
        if key as Token >= DOORBELL {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        self.added += 1;
        let token = self.added << KEY_BITS | key as Token;
        self.ring.receive(&socket, token)?;
        if self.sockets.len() <= key {
            self.sockets.resize_with(key + 1, || None);
        }
        let kept = u32::try_from(key).ok().filter(|place| self.ring.keep(&socket, *place));
        self.sockets[key] = Some(Socket { socket, token, kept, listens: true, peer: None, heard: None });
        Ok(())
    }

    /// The kernel holds a socket as long as a request names it: they are cancelled, and what else comes meanwhile is kept.
    pub(super) fn remove(&mut self, keys: &[Key]) {
        for key in keys {
            if let Some(Some(socket)) = self.sockets.get(*key)
                && let Err(error) = self.ring.cancel(socket.token)
            {
                tracing::error!(%error, "a socket cannot be taken from the kernel");
            }
        }
        // What is to be sent on them goes before they do.
        if let Err(error) = self.ring.wait(0, Some(Duration::ZERO)) {
            tracing::error!(%error, "the kernel does not take what is to be sent");
        }
        for _ in 0..CLOSING_TRIES {
            if self.ring.is_submitted() && keys.iter().all(|key| self.is_idle(*key)) {
                break;
            }
            if self.ring.wait(1, Some(CLOSING)).is_err() {
                break;
            }
            while let Some(completion) = self.ring.next_completion() {
                if let Some(completion) = self.account(completion) {
                    self.backlog.push_back(completion);
                }
            }
        }
        for key in keys {
            if !self.is_idle(*key) {
                tracing::error!("the kernel does not let go of a socket");
            }
            let socket = self.sockets.get_mut(*key).and_then(Option::take);
            if let Some(place) = socket.and_then(|socket| socket.kept)
                && let Err(error) = self.ring.let_go_of(place)
            {
                tracing::error!(%error, "a port stays taken");
            }
        }
    }

    fn is_idle(&self, key: Key) -> bool {
        self.sockets.get(key).and_then(Option::as_ref).is_none_or(|socket| !socket.listens)
    }

    pub(super) fn socket(&self, key: Key) -> Option<BorrowedFd<'_>> {
        Some(self.sockets.get(key)?.as_ref()?.socket.as_fd())
    }

    pub(super) fn connect(&mut self, key: Key, peer: SocketAddr) -> bool {
        let Some(Some(socket)) = self.sockets.get_mut(key) else { return false };
        let connected = socket.socket.connect(peer).is_ok();
        if connected {
            socket.peer = Some(peer);
            // It listens again as a connected socket does. Until then it listens as it did, which is dearer.
            if let Err(error) = self.ring.cancel(socket.token) {
                tracing::warn!(%error, "a socket goes on listening to everybody");
            }
        }
        connected
    }

    pub(super) fn wait(&mut self, now: Instant, until: Option<Instant>, wake: Wake) -> io::Result<()> {
        self.listen_again();
        let until = if self.backlog.is_empty() { until } else { Some(now) };
        let want = match wake {
            Wake::OnPacket => 1,
            Wake::OnTick => NEVER,
        };
        self.ring.wait(want, until.map(|until| until.saturating_duration_since(now)))
    }

    fn listen_again(&mut self) {
        for token in std::mem::take(&mut self.deaf) {
            let socket = self.sockets.get_mut((token & KEY) as Key).and_then(Option::as_mut);
            let Some(socket) = socket.filter(|socket| socket.token == token) else { continue };
            let listens = match socket.peer {
                Some(peer) if drain(&mut self.ring, &socket.socket, token, &mut self.backlog) => {
                    socket.heard = Some(peer);
                    self.ring.receive_from_peer(socket.on(), token)
                }
                // Packets of others may be left in a socket that was connected: it is asked who sent what.
                Some(_) | None => self.ring.receive(&socket.socket, token),
            };
            match listens {
                Ok(()) => socket.listens = true,
                Err(_) => self.deaf.push(token),
            }
        }
    }

    #[inline]
    pub(super) fn next(&mut self) -> Option<Arrival> {
        loop {
            let completion = match self.backlog.pop_front() {
                Some(completion) => completion,
                None => {
                    let completion = self.ring.next_completion()?;
                    match self.account(completion) {
                        Some(completion) => completion,
                        None => continue,
                    }
                }
            };
            let Done::Received { from, packet } = completion.done else { continue };
            let key = (completion.token & KEY) as Key;
            let socket = self.sockets.get(key).and_then(Option::as_ref).filter(|socket| socket.token == completion.token);
            // Of a socket that was closed, or replaced, since.
            let Some(from) = socket.and_then(|socket| from.or(socket.heard)) else {
                self.ring.give_back(packet);
                continue;
            };
            return Some(Arrival { key, from, packet: Packet(Place::Ring(packet)) });
        }
    }

    /// Does what a completion asks of the poller; what is left of it is a packet.
    #[inline]
    fn account(&mut self, completion: Completion) -> Option<Completion> {
        if completion.token == DOORBELL {
            self.answer(completion.ended);
            return None;
        }
        let key = (completion.token & KEY) as Key;
        let socket = self.sockets.get_mut(key).and_then(Option::as_mut).filter(|socket| socket.token == completion.token);
        let received = match completion.done {
            Done::Received { .. } => true,
            Done::Deaf { out_of_buffers } => {
                self.counted.exhausted += u64::from(out_of_buffers);
                false
            }
            Done::Unsent => {
                self.counted.unsent += 1;
                return None;
            }
            Done::Readable => return None,
        };
        if completion.ended
            && let Some(socket) = socket
        {
            socket.listens = false;
            self.deaf.push(completion.token);
        }
        received.then_some(completion)
    }

    fn answer(&mut self, ended: bool) {
        // One octet a ring: there is something to read.
        if let Err(error) = self.bell.read(&mut [0; 8]) {
            tracing::error!(%error, "the doorbell cannot be read");
        }
        self.doorbell.answered();
        if ended && let Err(error) = self.ring.watch(&self.bell, DOORBELL) {
            tracing::error!(%error, "the doorbell cannot be watched");
        }
    }

    #[inline]
    pub(super) fn prefetch(&self, key: Key) {
        if let Some(socket) = self.sockets.get(key) {
            prefetch(socket, size_of_val(socket));
        }
    }

    #[inline]
    pub(super) fn bytes(&self, packet: &carillon_media_ring::Packet) -> &[u8] {
        self.ring.bytes(packet)
    }

    #[inline]
    pub(super) fn bytes_mut(&mut self, packet: &mut carillon_media_ring::Packet) -> &mut [u8] {
        self.ring.bytes_mut(packet)
    }

    #[inline]
    pub(super) fn give_back(&mut self, packet: carillon_media_ring::Packet) {
        self.ring.give_back(packet);
    }

    #[inline]
    pub(super) fn send_on(&mut self, key: Key, mut packet: carillon_media_ring::Packet, len: usize, to: Destination) -> bool {
        packet.truncate(len);
        match to {
            Destination::Connected => self.submit(key, packet),
            // Only until its source is known.
            Destination::Address(_) => {
                let socket = self.sockets.get(key).and_then(Option::as_ref);
                let sent = socket.is_some_and(|socket| send_now(&socket.socket, self.ring.bytes(&packet), to));
                self.counted.unsent += u64::from(!sent);
                self.ring.give_back(packet);
                sent
            }
        }
    }

    pub(super) fn send(&mut self, key: Key, datagram: &[u8], to: Destination) -> bool {
        if matches!(to, Destination::Connected)
            && let Some(mut packet) = self.ring.take(datagram.len())
        {
            self.ring.bytes_mut(&mut packet).copy_from_slice(datagram);
            return self.submit(key, packet);
        }
        let sent = self.sockets.get(key).and_then(Option::as_ref).is_some_and(|socket| send_now(&socket.socket, datagram, to));
        self.counted.unsent += u64::from(!sent);
        sent
    }

    #[inline]
    fn submit(&mut self, key: Key, packet: carillon_media_ring::Packet) -> bool {
        let Some(Some(socket)) = self.sockets.get(key) else {
            self.ring.give_back(packet);
            return false;
        };
        let submitted = self.ring.send(socket.on(), packet, socket.token).is_ok();
        self.counted.unsent += u64::from(!submitted);
        submitted
    }

    pub(super) fn counted(&self) -> Counted {
        self.counted
    }
}

impl Socket {
    fn on(&self) -> On<'_> {
        self.kept.map_or_else(|| On::Socket(self.socket.as_fd()), On::Kept)
    }
}

/// Takes what came before the socket was connected, with its senders: they may be others than the peer. True when nothing is left.
fn drain(ring: &mut Ring, socket: &UdpSocket, token: Token, backlog: &mut VecDeque<Completion>) -> bool {
    for _ in 0..DRAINED {
        let Some(mut packet) = ring.take(LONGEST_PACKET) else { return false };
        match socket.recv_from(ring.bytes_mut(&mut packet)) {
            Ok((len, from)) => {
                packet.truncate(len);
                backlog.push_back(Completion { token, done: Done::Received { from: Some(from), packet }, ended: false });
            }
            Err(error) => {
                ring.give_back(packet);
                // Another error is of an earlier packet of ours: the next call goes on.
                if error.kind() == io::ErrorKind::WouldBlock {
                    return true;
                }
            }
        }
    }
    false
}
