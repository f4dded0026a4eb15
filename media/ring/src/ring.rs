//! Requests to the kernel and what became of them.
#![expect(unsafe_code, reason = "the kernel is given addresses; each block says why they stay good until it is done")]

use std::io;
use std::mem::ManuallyDrop;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::ptr;
use std::time::Duration;

use io_uring::types::{CancelBuilder, Fd, SubmitArgs, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};

use crate::address;
use crate::memory::{Memory, Packet, RECEIVE_BUFFERS};

/// Requests that are submitted together at most.
const REQUESTS: u32 = 1024;
/// Completions that wait for us; more wait inside the kernel.
const COMPLETIONS: u32 = 8192;
/// The group of the provided buffers; there is one.
const GROUP: u16 = 0;
/// How long dropping a ring waits for the kernel to let go, each of so many times.
const LETTING_GO: Duration = Duration::from_millis(100);
const LETTING_GO_TRIES: usize = 20;

/// What a request is called by its maker: 44 bits.
pub type Token = u64;

const TOKEN_BITS: u32 = 44;
const TOKEN: u64 = (1 << TOKEN_BITS) - 1;
const BUFFER_BITS: u32 = 16;

/// One ring. Belongs to the thread that made it.
pub struct Ring {
    // In this order when dropped: the kernel is done with all requests first, see `drop`.
    uring: ManuallyDrop<IoUring>,
    /// What every multishot request reads when it is submitted: that an address is wanted.
    message: ManuallyDrop<Box<libc::msghdr>>,
    memory: ManuallyDrop<Memory>,
    /// Requests pushed whose last completion has not been seen.
    in_flight: usize,
    /// Those of them that send.
    sending: usize,
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
        /// Its sender.
        from: SocketAddr,
        /// The datagram.
        packet: Packet,
    },
    /// The socket listens no more: after [`Ring::cancel`], an error of the network (one of a connected socket's peer among them), or when
    /// all buffers were taken. What comes meanwhile waits in the socket.
    Deaf {
        /// Whether all buffers were taken.
        out_of_buffers: bool,
    },
    /// A datagram was handed to the network, or not.
    Sent {
        /// Whether it was.
        taken: bool,
    },
    /// What [`Ring::watch`] watches can be read.
    Readable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Receive = 1,
    Send = 2,
    Watch = 3,
    Cancel = 4,
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
        // SAFETY: a message header is numbers and null pointers: no name, no buffers, no control data.
        let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
        message.msg_namelen = address::NAME as libc::socklen_t;
        Ok(Self {
            uring: ManuallyDrop::new(uring),
            message: ManuallyDrop::new(Box::new(message)),
            memory: ManuallyDrop::new(memory),
            in_flight: 0,
            sending: 0,
        })
    }

    /// Listens on a socket from now on: a completion each datagram, until one that ended it.
    ///
    /// # Errors
    /// The kernel takes no more requests.
    pub fn receive(&mut self, socket: &impl AsFd, token: Token) -> io::Result<()> {
        let message: *const libc::msghdr = &**self.message;
        let entry = opcode::RecvMsgMulti::new(fd(socket), message, GROUP).build();
        // SAFETY: the header is in a box of ours until the ring is gone, and the kernel only reads it.
        unsafe { self.push(Request::Receive, 0, token, entry) }
    }

    /// Sends a datagram on a connected socket, with the next [`Ring::wait`]. Does not wait for room in the socket.
    ///
    /// # Errors
    /// The kernel takes no more requests; the datagram is dropped.
    pub fn send(&mut self, socket: &impl AsFd, packet: Packet, token: Token) -> io::Result<()> {
        let (buffer, at, len) = self.memory.to_send(packet);
        let entry = opcode::Send::new(fd(socket), at, len).flags(libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL).build();
        // SAFETY: the packet is gone, so that nobody writes to its buffer until the completion gives it back.
        let pushed = unsafe { self.push(Request::Send, buffer, token, entry) };
        match pushed {
            Ok(()) => self.sending += 1,
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
        unsafe { self.push(Request::Watch, 0, token, entry) }
    }

    /// Ends what [`Ring::receive`] began under that name; its last completion says so.
    ///
    /// # Errors
    /// The kernel takes no more requests.
    pub fn cancel(&mut self, token: Token) -> io::Result<()> {
        let entry = opcode::AsyncCancel2::new(CancelBuilder::user_data(name(Request::Receive, 0, token))).build();
        // SAFETY: the request names no memory.
        unsafe { self.push(Request::Cancel, 0, token, entry) }
    }

    /// Submits all that was asked for and waits for `want` completions besides those of what is being sent, which come at once; at
    /// most for `timeout`; for ever without one.
    ///
    /// # Errors
    /// The kernel refuses; a timeout is none, nor is a signal.
    pub fn wait(&mut self, want: usize, timeout: Option<Duration>) -> io::Result<()> {
        let want = want + self.sending;
        let waited = match timeout {
            None => self.uring.submitter().submit_and_wait(want),
            Some(timeout) if timeout.is_zero() => self.uring.submitter().submit_and_wait(0),
            Some(timeout) => {
                let timeout = Timespec::from(timeout);
                self.uring.submitter().submit_with_args(want, &SubmitArgs::new().timespec(&timeout))
            }
        };
        match waited {
            Ok(_) => Ok(()),
            // Busy: completions were too many for the queue; they come when it was read.
            Err(error) => match error.raw_os_error() {
                Some(libc::ETIME | libc::EINTR | libc::EBUSY | libc::EAGAIN) => Ok(()),
                _ => Err(error),
            },
        }
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
    /// What the entry points at stays valid, and is ours to lend, until the request's last completion.
    unsafe fn push(&mut self, request: Request, buffer: u16, token: Token, entry: squeue::Entry) -> io::Result<()> {
        let entry = entry.user_data(name(request, buffer, token));
        if self.uring.submission().is_full() {
            self.wait(0, Some(Duration::ZERO))?;
        }
        // SAFETY: promised by the caller.
        unsafe { self.uring.submission().push(&entry) }.map_err(|_| io::Error::from(io::ErrorKind::ResourceBusy))?;
        self.in_flight += 1;
        Ok(())
    }

    /// `None`: nothing its maker has to know.
    #[inline]
    fn completed(&mut self, entry: &cqueue::Entry) -> Option<Completion> {
        let (user_data, result, flags) = (entry.user_data(), entry.result(), entry.flags());
        let ended = !cqueue::more(flags);
        if ended {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        let done = match user_data >> (TOKEN_BITS + BUFFER_BITS) {
            request if request == Request::Receive as u64 => self.received(result, cqueue::buffer_select(flags), ended)?,
            request if request == Request::Send as u64 => {
                self.memory.sent((user_data >> TOKEN_BITS) as u16);
                self.sending = self.sending.saturating_sub(1);
                Done::Sent { taken: result >= 0 }
            }
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
        Some(Done::Received { from, packet: self.memory.filled(buffer, range.start, range.len()) })
    }

    /// True when the kernel has nothing of ours any more.
    fn let_go(&mut self) -> bool {
        let entry = opcode::AsyncCancel2::new(CancelBuilder::any()).build();
        // SAFETY: the request names no memory.
        if unsafe { self.push(Request::Cancel, 0, 0, entry) }.is_err() {
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

fn name(request: Request, buffer: u16, token: Token) -> u64 {
    (request as u64) << (TOKEN_BITS + BUFFER_BITS) | u64::from(buffer) << TOKEN_BITS | token & TOKEN
}
