//! Requests to the kernel and what became of them.
#![expect(unsafe_code, reason = "the kernel is given addresses; each block says why they stay good until it is done")]

use std::io;
use std::mem::ManuallyDrop;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::ptr;
use std::time::Duration;

use io_uring::types::{CancelBuilder, Fd, Fixed, SubmitArgs, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};

use crate::address;
use crate::memory::{Memory, Packet, RECEIVE_BUFFERS};

/// Requests that are submitted together at most.
const REQUESTS: u32 = 1024;
/// Completions that wait for us; more wait inside the kernel.
const COMPLETIONS: u32 = 8192;
/// The group of the provided buffers; there is one.
const GROUP: u16 = 0;
/// Sockets the kernel keeps at hand for requests, as far as the limit of descriptors allows; requests on others look theirs up.
const AT_HAND: u32 = 4096;
/// How long dropping a ring waits for the kernel to let go, each of so many times.
const LETTING_GO: Duration = Duration::from_millis(100);
const LETTING_GO_TRIES: usize = 20;

/// Which socket a request is about.
#[derive(Debug, Clone, Copy)]
pub enum On<'a> {
    /// This one.
    Socket(BorrowedFd<'a>),
    /// The one kept at hand in that place, see [`Ring::keep`].
    Kept(u32),
}

/// What a request is called by its maker: 60 bits.
pub type Token = u64;

const TOKEN_BITS: u32 = 60;
const TOKEN: u64 = (1 << TOKEN_BITS) - 1;

/// One ring. Belongs to the thread that made it.
pub struct Ring {
    // In this order when dropped: the kernel is done with all requests first, see `drop`.
    uring: ManuallyDrop<IoUring>,
    /// What every multishot request reads when it is submitted: that an address is wanted.
    message: ManuallyDrop<Box<libc::msghdr>>,
    memory: ManuallyDrop<Memory>,
    /// Sockets that may be kept at hand: places below this.
    places: u32,
    /// Requests pushed whose last completion has not been seen; without those that send.
    in_flight: usize,
    /// Buffers of what was asked to be sent and the kernel has not taken yet.
    sending: Vec<u16>,
}

/// What became of a request.
#[derive(Debug)]
pub struct Completion {
    /// Its maker's name for it.
    pub token: Token,
    /// What was done.
    pub done: Done,
    /// Nothing more comes of this request.
    pub ended: bool,
}

/// What was done.
#[derive(Debug)]
pub enum Done {
    /// A datagram came.
    Received {
        /// Its sender; `None`: the socket's peer.
        from: Option<SocketAddr>,
        /// The datagram.
        packet: Packet,
    },
    /// The socket listens no more: after [`Ring::cancel`], an error of the network (one of a connected socket's peer among them), or when
    /// all buffers were taken. What comes meanwhile waits in the socket.
    Deaf {
        /// Whether all buffers were taken.
        out_of_buffers: bool,
    },
    /// The network did not take a datagram that was to be sent. Of one it took there is no word.
    Unsent,
    /// What [`Ring::watch`] watches can be read.
    Readable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Receive = 1,
    Send = 2,
    Watch = 3,
    Cancel = 4,
    ReceiveFromPeer = 5,
}

impl Ring {
    /// Sets a ring up, with its buffers.
    ///
    /// # Errors
    /// The kernel has no io_uring, one older than 6.1, or does not allow it here.
    pub fn new() -> io::Result<Self> {
        let uring: IoUring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_taskrun_flag()
            .setup_submit_all()
            .setup_cqsize(COMPLETIONS)
            .build(REQUESTS)?;
        let mut memory = Memory::new();
        // SAFETY: page-aligned, of that many entries, and freed only after the ring, see `drop`.
        unsafe { uring.submitter().register_buf_ring_with_flags(memory.entries(), RECEIVE_BUFFERS, GROUP, 0)? };
        memory.lend_all();
        // Before Linux 6.13 a place is let go only when all requests begun earlier on any place have ended: a port would be taken as long as
        // other calls last. This feature came soon after, and can be asked for.
        let in_any_order = uring.params().is_feature_no_iowait();
        let places = if in_any_order && uring.submitter().register_files_sparse(AT_HAND).is_ok() { AT_HAND } else { 0 };
        // SAFETY: a message header is numbers and null pointers: no name, no buffers, no control data.
        let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
        message.msg_namelen = address::NAME as libc::socklen_t;
        Ok(Self {
            uring: ManuallyDrop::new(uring),
            message: ManuallyDrop::new(Box::new(message)),
            memory: ManuallyDrop::new(memory),
            places,
            in_flight: 0,
            sending: Vec::with_capacity(REQUESTS as usize),
        })
    }

    /// Keeps a socket at hand in that place, which saves looking it up at every request; whether it does.
    pub fn keep(&mut self, socket: &impl AsFd, place: u32) -> bool {
        place < self.places && self.uring.submitter().register_files_update(place, &[socket.as_fd().as_raw_fd()]).is_ok()
    }

    /// Lets the socket in that place go; until then it is open, and its port taken.
    ///
    /// # Errors
    /// There is no such place.
    pub fn let_go_of(&mut self, place: u32) -> io::Result<()> {
        self.uring.submitter().register_files_update(place, &[-1]).map(|_| ())
    }

    /// Listens on a socket from now on: a completion each datagram, until one that ended it.
    ///
    /// # Errors
    /// The kernel takes no more requests.
    pub fn receive(&mut self, socket: &impl AsFd, token: Token) -> io::Result<()> {
        let message: *const libc::msghdr = &**self.message;
        let entry = opcode::RecvMsgMulti::new(fd(socket), message, GROUP).build();
        // SAFETY: the header is in a box of ours until the ring is gone, and the kernel only reads it.
        unsafe { self.push(Request::Receive, token, entry) }
    }

    /// The same on a connected socket in which nothing of others waits: nobody asks who sent what comes, which is cheaper.
    ///
    /// # Errors
    /// The kernel takes no more requests.
    pub fn receive_from_peer(&mut self, socket: On<'_>, token: Token) -> io::Result<()> {
        let entry = match socket {
            On::Socket(socket) => opcode::RecvMulti::new(Fd(socket.as_raw_fd()), GROUP).build(),
            On::Kept(place) => opcode::RecvMulti::new(Fixed(place), GROUP).build(),
        };
        // SAFETY: the request names no memory but the buffers the kernel was lent.
        unsafe { self.push(Request::ReceiveFromPeer, token, entry) }
    }

    /// Sends a datagram on a connected socket, with the next [`Ring::wait`]. Does not wait for room in the socket.
    ///
    /// # Errors
    /// The kernel takes no more requests; the datagram is dropped.
    pub fn send(&mut self, socket: On<'_>, packet: Packet, token: Token) -> io::Result<()> {
        let (buffer, at, len) = self.memory.to_send(packet);
        let send = match socket {
            On::Socket(socket) => opcode::Send::new(Fd(socket.as_raw_fd()), at, len),
            On::Kept(place) => opcode::Send::new(Fixed(place), at, len),
        };
        let entry = send.flags(libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL).build().flags(squeue::Flags::SKIP_SUCCESS);
        // SAFETY: the packet is gone, so that nobody writes to its buffer until `take_back_sent` gives it back.
        let pushed = unsafe { self.push(Request::Send, token, entry) };
        match pushed {
            Ok(()) => self.sending.push(buffer),
            Err(_) => self.memory.sent(buffer),
        }
        pushed
    }

    /// Tells whenever something can be read there.
    ///
    /// # Errors
    /// The kernel takes no more requests.
    pub fn watch(&mut self, file: &impl AsFd, token: Token) -> io::Result<()> {
        let entry = opcode::PollAdd::new(fd(file), libc::POLLIN as u32).multi(true).build();
        // SAFETY: the request names no memory.
        unsafe { self.push(Request::Watch, token, entry) }
    }

    /// Ends what [`Ring::receive`] or [`Ring::receive_from_peer`] began under that name; its last completion says so.
    ///
    /// # Errors
    /// The kernel takes no more requests.
    pub fn cancel(&mut self, token: Token) -> io::Result<()> {
        for request in [Request::Receive, Request::ReceiveFromPeer] {
            let entry = opcode::AsyncCancel2::new(CancelBuilder::user_data(name(request, token))).build();
            // SAFETY: the request names no memory.
            unsafe { self.push(Request::Cancel, 0, entry)? };
        }
        Ok(())
    }

    /// Submits all that was asked for, which sends what is to be sent, and waits for `want` completions; at most for `timeout`; for ever
    /// without one.
    ///
    /// # Errors
    /// The kernel refuses; a timeout is none, nor is a signal.
    pub fn wait(&mut self, want: usize, timeout: Option<Duration>) -> io::Result<()> {
        let waited = match timeout {
            None => self.uring.submitter().submit_and_wait(want),
            Some(timeout) if timeout.is_zero() => self.uring.submitter().submit_and_wait(0),
            Some(timeout) => {
                let timeout = Timespec::from(timeout);
                self.uring.submitter().submit_with_args(want, &SubmitArgs::new().timespec(&timeout))
            }
        };
        self.take_back_sent();
        match waited {
            Ok(_) => Ok(()),
            // Busy: completions were too many for the queue; they come when it was read.
            Err(error) => match error.raw_os_error() {
                Some(libc::ETIME | libc::EINTR | libc::EBUSY | libc::EAGAIN) => Ok(()),
                _ => Err(error),
            },
        }
    }

    /// The kernel sends from a buffer while it takes the request, or not at all: it neither waits nor looks at it again (MSG_DONTWAIT).
    fn take_back_sent(&mut self) {
        if !self.sending.is_empty() && self.uring.submission().is_empty() {
            self.sending.drain(..).for_each(|buffer| self.memory.sent(buffer));
        }
    }

    /// Whether the kernel has taken every request.
    pub fn is_submitted(&mut self) -> bool {
        self.uring.submission().is_empty()
    }

    /// The next completion; `None` when the last wait brought no more.
    #[inline]
    pub fn next_completion(&mut self) -> Option<Completion> {
        loop {
            let entry = self.uring.completion().next()?;
            if let Some(completion) = self.completed(&entry) {
                return Some(completion);
            }
        }
    }

    /// A buffer for a datagram of `len` octets that is made here. `None` when it is too long or all are on their way.
    pub fn take(&mut self, len: usize) -> Option<Packet> {
        self.memory.take(len)
    }

    /// Drops a datagram; its buffer is used again.
    #[inline]
    pub fn give_back(&mut self, packet: Packet) {
        self.memory.give_back(packet);
    }

    /// The datagram.
    ///
    /// # Panics
    /// It is another ring's; so do the other calls that take a packet.
    #[inline]
    pub fn bytes(&self, packet: &Packet) -> &[u8] {
        self.memory.bytes(packet)
    }

    /// The datagram, to rewrite where it lies.
    #[inline]
    pub fn bytes_mut(&mut self, packet: &mut Packet) -> &mut [u8] {
        self.memory.bytes_mut(packet)
    }

    /// # Safety
    /// What the entry points at stays valid, and is ours to lend, until the kernel took the request (what is sent) or its last completion came (all else).
    unsafe fn push(&mut self, request: Request, token: Token, entry: squeue::Entry) -> io::Result<()> {
        let entry = entry.user_data(name(request, token));
        if self.uring.submission().is_full() {
            self.wait(0, Some(Duration::ZERO))?;
        }
        // SAFETY: promised by the caller.
        unsafe { self.uring.submission().push(&entry) }.map_err(|_| io::Error::from(io::ErrorKind::ResourceBusy))?;
        self.in_flight += usize::from(request != Request::Send);
        Ok(())
    }

    /// `None`: nothing its maker has to know.
    #[inline]
    fn completed(&mut self, entry: &cqueue::Entry) -> Option<Completion> {
        let (user_data, result, flags) = (entry.user_data(), entry.result(), entry.flags());
        let ended = !cqueue::more(flags);
        let request = user_data >> TOKEN_BITS;
        if ended && request != Request::Send as u64 {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        let done = match request {
            request if request == Request::Receive as u64 => self.received(result, cqueue::buffer_select(flags), ended)?,
            request if request == Request::ReceiveFromPeer as u64 => match (cqueue::buffer_select(flags), usize::try_from(result)) {
                (Some(buffer), Ok(len)) => Done::Received { from: None, packet: self.memory.filled(buffer, 0, len) },
                _ => Done::Deaf { out_of_buffers: result == -libc::ENOBUFS },
            },
            request if request == Request::Send as u64 => Done::Unsent,
            request if request == Request::Watch as u64 => Done::Readable,
            _ => return None,
        };
        Some(Completion { token: user_data & TOKEN, done, ended })
    }

    #[inline]
    fn received(&mut self, result: i32, buffer: Option<u16>, ended: bool) -> Option<Done> {
        let Some(buffer) = buffer else { return Some(Done::Deaf { out_of_buffers: result == -libc::ENOBUFS }) };
        // The whole buffer first: the kernel has just given it back.
        let filled = self.memory.filled(buffer, 0, usize::try_from(result).unwrap_or(0));
        let Some((from, range)) = address::read(self.memory.bytes(&filled)) else {
            self.memory.give_back(filled);
            return ended.then_some(Done::Deaf { out_of_buffers: false });
        };
        drop(filled);
        Some(Done::Received { from: Some(from), packet: self.memory.filled(buffer, range.start, range.len()) })
    }

    /// True when the kernel has nothing of ours any more.
    fn let_go(&mut self) -> bool {
        let entry = opcode::AsyncCancel2::new(CancelBuilder::any()).build();
        // SAFETY: the request names no memory.
        if unsafe { self.push(Request::Cancel, 0, entry) }.is_err() {
            return false;
        }
        for _ in 0..LETTING_GO_TRIES {
            while self.next_completion().is_some() {}
            if self.in_flight == 0 {
                return true;
            }
            if self.wait(1, Some(LETTING_GO)).is_err() {
                return false;
            }
        }
        false
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        let has_let_go = self.let_go();
        // By itself the kernel would close them some time after the ring is gone.
        if self.places > 0 {
            // There is nobody to tell, and nothing else to be done.
            let _ = self.uring.submitter().unregister_files();
        }
        // SAFETY: each is dropped once, here, and not used again. The ring goes before what its requests point at; and that stays for
        // good, leaked, when the kernel may still write to it.
        unsafe {
            ManuallyDrop::drop(&mut self.uring);
            if has_let_go {
                ManuallyDrop::drop(&mut self.message);
                ManuallyDrop::drop(&mut self.memory);
            }
        }
    }
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring").field("in_flight", &self.in_flight).field("memory", &ptr::from_ref(&*self.memory)).finish_non_exhaustive()
    }
}

fn fd(file: &impl AsFd) -> Fd {
    Fd(file.as_fd().as_raw_fd())
}

fn name(request: Request, token: Token) -> u64 {
    (request as u64) << TOKEN_BITS | token & TOKEN
}
