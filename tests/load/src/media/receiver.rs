//! Takes what comes back and counts it by the window it was sent in.

use std::{
    io::IoSliceMut,
    net::UdpSocket,
    os::fd::{AsFd, AsRawFd},
    sync::atomic::{AtomicBool, Ordering},
};

use nix::{
    cmsg_space,
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        socket::{ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, recvmmsg},
        time::TimeSpec,
    },
};

use super::{
    Histogram, Schedule, Stream,
    stamp::{Stamp, is_rtp},
    wall_ns,
};

const BATCH: usize = 64;
/// Larger than any packet of the load; what is longer is not looked at beyond it.
const ROOM: usize = 512;

/// What came back of one window.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) arrived: u64,
    pub(super) made: u64,
    pub(super) misrouted: u64,
    /// By stream.
    pub(super) heard: Vec<bool>,
    pub(super) latency: Histogram,
}

pub(super) fn receive(sockets: &[UdpSocket], streams: &[Stream], schedule: Schedule, over: &AtomicBool) -> anyhow::Result<Vec<Tally>> {
    let mut tallies = vec![Tally { heard: vec![false; streams.len()], ..Tally::default() }; schedule.count];
    let mut headers = MultiHeaders::<SockaddrIn>::preallocate(BATCH, Some(cmsg_space!(TimeSpec)));
    let mut room = vec![[0u8; ROOM]; BATCH];
    while !over.load(Ordering::Relaxed) {
        let mut ready: Vec<PollFd<'_>> = sockets.iter().map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN)).collect();
        poll(&mut ready, PollTimeout::from(100u8))?;
        let readable = ready.iter().enumerate().filter(|(_, fd)| fd.any() == Some(true)).map(|(at, _)| at);
        for at in readable.collect::<Vec<_>>() {
            loop {
                let arrivals = take(&sockets[at], &mut headers, &mut room)?;
                for (packet, (length, arrived_at)) in room.iter().zip(&arrivals) {
                    count(&mut tallies, streams, schedule, at, &packet[..(*length).min(ROOM)], *arrived_at);
                }
                if arrivals.len() < BATCH {
                    break;
                }
            }
        }
    }
    Ok(tallies)
}

/// Length and time of arrival of each packet that was waiting, up to a batch.
fn take(socket: &UdpSocket, headers: &mut MultiHeaders<SockaddrIn>, room: &mut [[u8; ROOM]]) -> anyhow::Result<Vec<(usize, u64)>> {
    let mut slices: Vec<[IoSliceMut<'_>; 1]> = room.iter_mut().map(|room| [IoSliceMut::new(room)]).collect();
    match recvmmsg(socket.as_raw_fd(), headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None) {
        Ok(messages) => Ok(messages
            .map(|message| {
                let stamp = message.cmsgs().ok().and_then(|mut controls| {
                    controls.find_map(|control| match control {
                        ControlMessageOwned::ScmTimestampns(at) => Some(at.tv_sec() as u64 * 1_000_000_000 + at.tv_nsec() as u64),
                        _ => None,
                    })
                });
                (message.bytes, stamp.unwrap_or_else(wall_ns))
            })
            .collect()),
        Err(Errno::EAGAIN | Errno::EINTR | Errno::ECONNREFUSED) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

fn count(tallies: &mut [Tally], streams: &[Stream], schedule: Schedule, socket: usize, packet: &[u8], arrived_at: u64) {
    if !is_rtp(packet) {
        return;
    }
    let stamp = Stamp::read(packet).filter(|stamp| (stamp.stream as usize) < streams.len());
    let Some(window) = schedule.window(stamp.map_or(arrived_at, |stamp| stamp.sent_at)) else { return };
    let tally = &mut tallies[window];
    match stamp {
        None => tally.made += 1,
        Some(stamp) if streams[stamp.stream as usize].arrives_at == Some(socket) => {
            tally.arrived += 1;
            tally.heard[stamp.stream as usize] = true;
            tally.latency.add(arrived_at.saturating_sub(stamp.sent_at));
        }
        Some(_) => tally.misrouted += 1,
    }
}
