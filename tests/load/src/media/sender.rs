//! Sends each stream a packet every 20 ms, spread over slots, a batch a system call.

use std::{
    io::IoSlice,
    net::{SocketAddrV4, UdpSocket},
    os::fd::AsRawFd,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, sendmmsg},
};

use super::{
    Schedule, Stream,
    stamp::{PACKET, Stamp},
    wall_ns,
};

/// One slot.
pub(super) const TICK: Duration = Duration::from_micros(500);
/// A tick that begins later than this is counted.
const LATE: Duration = Duration::from_millis(5);
const FRAME: Duration = Duration::from_millis(20);
const SLOTS: usize = (FRAME.as_micros() / TICK.as_micros()) as usize;
const BATCH: usize = 32;

/// Sends until it is over; returns the packets sent in each window that should come out again.
pub(super) fn send(
    sockets: &[UdpSocket],
    streams: &[Stream],
    schedule: Schedule,
    late: &[AtomicU64],
    over: &AtomicBool,
) -> anyhow::Result<Vec<u64>> {
    let slots = slots(streams);
    let mut batch = Batch::new();
    let mut sequences = vec![0u32; streams.len()];
    let mut sent = vec![0u64; late.len()];
    let start = Instant::now();
    for tick in 0u32.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let due = start + TICK * tick;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if due.elapsed() > LATE
            && let Some(window) = schedule.window(wall_ns())
        {
            late[window].fetch_add(1, Ordering::Relaxed);
        }
        for part in slots[tick as usize % SLOTS].chunk_by(|a, b| streams[*a].from == streams[*b].from) {
            for few in part.chunks(BATCH) {
                let sent_at = wall_ns();
                for (at, index) in few.iter().enumerate() {
                    let stamp = Stamp { stream: *index as u32, sequence: sequences[*index], sent_at };
                    stamp.write(&mut batch.packets[at]);
                    batch.to[at] = Some(SockaddrIn::from(streams[*index].to));
                    sequences[*index] = sequences[*index].wrapping_add(1);
                }
                batch.send(&sockets[streams[few[0]].from], few.len())?;
                if let Some(window) = schedule.window(sent_at) {
                    sent[window] += few.iter().filter(|index| streams[**index].arrives_at.is_some()).count() as u64;
                }
            }
        }
    }
    Ok(sent)
}

/// Streams by slot; both directions of a call in different ones, within a slot by socket.
fn slots(streams: &[Stream]) -> Vec<Vec<usize>> {
    let mut slots = vec![Vec::new(); SLOTS];
    for index in 0..streams.len() {
        slots[(index * 17 + index / SLOTS) % SLOTS].push(index);
    }
    slots.iter_mut().for_each(|slot| slot.sort_by_key(|index| streams[*index].from));
    slots
}

struct Batch {
    headers: MultiHeaders<SockaddrIn>,
    packets: Vec<[u8; PACKET]>,
    to: Vec<Option<SockaddrIn>>,
}

impl Batch {
    fn new() -> Self {
        let nowhere = SockaddrIn::from(SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 9));
        Self { headers: MultiHeaders::preallocate(BATCH, None), packets: vec![[0; PACKET]; BATCH], to: vec![Some(nowhere); BATCH] }
    }

    fn send(&mut self, socket: &UdpSocket, count: usize) -> anyhow::Result<()> {
        let mut done = 0;
        while done < count {
            let slices: Vec<[IoSlice<'_>; 1]> = self.packets[done..count].iter().map(|packet| [IoSlice::new(packet)]).collect();
            match sendmmsg(socket.as_raw_fd(), &mut self.headers, &slices, &self.to[done..count], [], MsgFlags::empty()) {
                Ok(sent) => done += sent.count(),
                Err(Errno::EAGAIN | Errno::EINTR) => std::thread::yield_now(),
                // An earlier packet's port was closed: the socket tells it once, and the packet at hand is still to be sent.
                Err(Errno::ECONNREFUSED) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
