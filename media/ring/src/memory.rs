//! The buffers of a ring, and who owns which: the kernel, a [`Packet`], or the list of free ones.
//!
//! One piece of memory holds the ring of provided buffers (what the kernel may fill), the buffers to fill and those to send from.
//! A buffer that is neither lent to the kernel nor free is named by exactly one `Packet`; whoever holds it may read and write it.
#![expect(unsafe_code, reason = "memory the kernel writes to while we run cannot be a slice; each block says why it may look")]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use io_uring::types::BufRingEntry;

/// Buffers the kernel fills, in turn: twenty milliseconds of 500 calls. When all are taken packets wait in their sockets. More would not
/// stay in the processor's cache.
pub const RECEIVE_BUFFERS: u16 = 1024;

/// Buffers for what is made here.
pub const SEND_BUFFERS: u16 = 512;

const BUFFERS: u16 = RECEIVE_BUFFERS + SEND_BUFFERS;

/// Octets of a buffer. A datagram longer than what fits is cut.
pub(crate) const BUFFER: usize = 2048;

/// From one buffer to the next: a line more, or the beginnings of all would compete for the same few places of the cache.
const STRIDE: usize = BUFFER + 64;

const PAGE: usize = 4096;
/// On one of these the processor finds the buffers that are filled, instead of on five hundred small ones.
const LARGE_PAGE: usize = 2 << 20;
const ENTRIES: usize = RECEIVE_BUFFERS as usize * size_of::<BufRingEntry>();
const TOTAL: usize = ENTRIES + BUFFERS as usize * STRIDE;

const _: () = assert!(RECEIVE_BUFFERS.is_power_of_two() && ENTRIES.is_multiple_of(PAGE));

/// A datagram in a buffer of a ring: to be sent or given back, or its buffer is lost to the ring.
#[derive(Debug)]
#[must_use = "its buffer belongs to the ring"]
pub struct Packet {
    memory: u32,
    buffer: u16,
    start: u16,
    len: u16,
}

impl Packet {
    /// Octets of the datagram.
    pub fn len(&self) -> usize {
        self.len.into()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Leaves the first `len` octets.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(u16::try_from(len).unwrap_or(u16::MAX));
    }
}

/// The memory, with the books on it.
#[derive(Debug)]
pub(crate) struct Memory {
    base: NonNull<u8>,
    /// Tells the packets of one ring from those of another.
    id: u32,
    /// Where the kernel's next buffer goes in.
    tail: u16,
    free: Vec<u16>,
}

impl Memory {
    /// All buffers are ours at first: lend them by [`Memory::lend_all`].
    pub(crate) fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        // SAFETY: the layout is not of size zero.
        let base = unsafe { alloc(Self::layout()) };
        let base = NonNull::new(base).unwrap_or_else(|| handle_alloc_error(Self::layout()));
        // SAFETY: all of it is ours, and nothing was put there. Where the system keeps no large pages it says so, and that is all.
        unsafe {
            let _ = libc::madvise(base.as_ptr().cast(), TOTAL, libc::MADV_HUGEPAGE);
            base.write_bytes(0, TOTAL);
        }
        Self { base, id: MADE.fetch_add(1, Ordering::Relaxed), tail: 0, free: (RECEIVE_BUFFERS..BUFFERS).collect() }
    }

    fn layout() -> Layout {
        const { assert!(LARGE_PAGE.is_power_of_two() && TOTAL <= isize::MAX as usize - LARGE_PAGE) };
        // SAFETY: asserted above: a power of two, and no overflow when rounded up to a large page.
        unsafe { Layout::from_size_align_unchecked(TOTAL, LARGE_PAGE) }
    }

    /// Where the ring of provided buffers begins, for its registration.
    pub(crate) fn entries(&self) -> u64 {
        self.base.as_ptr().addr() as u64
    }

    /// Lends the kernel every buffer for receiving. Once, after the registration.
    pub(crate) fn lend_all(&mut self) {
        for buffer in 0..RECEIVE_BUFFERS {
            self.lend(buffer);
        }
    }

    /// A buffer the kernel has filled from `start` on, `len` octets. To be called with what a completion says, once a completion.
    pub(crate) fn filled(&self, buffer: u16, start: usize, len: usize) -> Packet {
        assert!(buffer < RECEIVE_BUFFERS && start + len <= BUFFER, "the kernel names what it was lent");
        Packet { memory: self.id, buffer, start: start as u16, len: len as u16 }
    }

    /// A buffer whose sending is over: the kernel took its request. To be called once a request.
    pub(crate) fn sent(&mut self, buffer: u16) {
        self.take_back(buffer);
    }

    /// A free buffer with room for `len` octets; `None` when there is none.
    pub(crate) fn take(&mut self, len: usize) -> Option<Packet> {
        let len = u16::try_from(len).ok().filter(|len| usize::from(*len) <= BUFFER)?;
        Some(Packet { memory: self.id, buffer: self.free.pop()?, start: 0, len })
    }

    pub(crate) fn give_back(&mut self, packet: Packet) {
        assert_eq!(packet.memory, self.id, "a packet of this ring");
        self.take_back(packet.buffer);
    }

    /// The number and place of what is to be sent; the buffer is the kernel's until it took the request.
    pub(crate) fn to_send(&self, packet: Packet) -> (u16, *const u8, u32) {
        assert_eq!(packet.memory, self.id, "a packet of this ring");
        (packet.buffer, self.at(&packet).as_ptr(), packet.len.into())
    }

    #[inline]
    pub(crate) fn bytes(&self, packet: &Packet) -> &[u8] {
        assert_eq!(packet.memory, self.id, "a packet of this ring");
        // SAFETY: inside the buffer (`filled`, `take` and `truncate` see to that). The one packet that names the buffer is borrowed, so
        // that nobody writes to it meanwhile: not we, and not the kernel, which gets a buffer only by value of its packet.
        unsafe { std::slice::from_raw_parts(self.at(packet).as_ptr(), packet.len.into()) }
    }

    #[inline]
    pub(crate) fn bytes_mut(&mut self, packet: &mut Packet) -> &mut [u8] {
        assert_eq!(packet.memory, self.id, "a packet of this ring");
        // SAFETY: as in `bytes`; and the one packet that names the buffer is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.at(packet).as_ptr(), packet.len.into()) }
    }

    fn take_back(&mut self, buffer: u16) {
        if buffer < RECEIVE_BUFFERS {
            self.lend(buffer);
        } else {
            self.free.push(buffer);
        }
    }

    fn at(&self, packet: &Packet) -> NonNull<u8> {
        self.place(packet.buffer, packet.start)
    }

    fn place(&self, buffer: u16, start: u16) -> NonNull<u8> {
        let offset = ENTRIES + usize::from(buffer) * STRIDE + usize::from(start);
        // SAFETY: `buffer` is below BUFFERS and `start` at most BUFFER wherever a packet is made: inside the memory or one past its end.
        unsafe { self.base.add(offset) }
    }

    /// Puts a buffer at the tail of the kernel's ring (io_uring_buf_ring_add and _advance of liburing).
    fn lend(&mut self, buffer: u16) {
        let slot = usize::from(self.tail & (RECEIVE_BUFFERS - 1));
        let address = self.place(buffer, 0).as_ptr().addr() as u64;
        self.tail = self.tail.wrapping_add(1);
        let entries = self.base.cast::<BufRingEntry>().as_ptr();
        // SAFETY: the slot is inside the entries, which are aligned to a page and were zeroed. The kernel reads slots between its head
        // and the tail; this one is outside, since there are as many slots as buffers. Its last field is the tail in slot 0
        // and unused in the others: no entry is written as a whole. The store with Release shows the kernel the entry before the tail.
        unsafe {
            let entry = &mut *entries.add(slot);
            entry.set_addr(address);
            entry.set_len(BUFFER as u32);
            entry.set_bid(buffer);
            let tail = AtomicU16::from_ptr(BufRingEntry::tail(entries).cast_mut());
            tail.store(self.tail, Ordering::Release);
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout. The ring drops its memory only when the kernel holds none of it.
        unsafe { dealloc(self.base.as_ptr(), Self::layout()) }
    }
}
