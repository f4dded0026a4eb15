//! The reference relay: the least that a relay in user space does with a port a leg. One thread, epoll, recv, a look at the RTP header,
//! its own SSRC, send on the other leg's connected socket. No signalling. Costs are told as multiples of its cost.

use std::{
    io::{ErrorKind, Write},
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    time::Instant,
};

use anyhow::Context;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

/// Leg `2n` is the caller's of call `n`, leg `2n + 1` the callee's.
struct Leg {
    socket: UdpSocket,
    ssrc: u32,
    next_sequence: u16,
    packets: u64,
    lost: u64,
    transit: u32,
    jitter: f64,
}

/// Relays between each pair of neighbours in `peers` until it is ended. Its own ports go to standard output, one a line.
pub(crate) fn run(peers: &[SocketAddrV4]) -> anyhow::Result<()> {
    anyhow::ensure!(peers.len().is_multiple_of(2), "a call has two legs");
    let mut legs = peers.iter().zip(0..).map(|(peer, number)| Leg::open(*peer, number)).collect::<anyhow::Result<Vec<_>>>()?;
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    let mut out = std::io::stdout().lock();
    for (index, leg) in legs.iter().enumerate() {
        epoll.add(&leg.socket, EpollEvent::new(EpollFlags::EPOLLIN, index as u64))?;
        writeln!(out, "{}", leg.socket.local_addr()?)?;
    }
    out.flush()?;
    let mut events = vec![EpollEvent::empty(); 512];
    let mut packet = [0; 2048];
    let start = Instant::now();
    loop {
        let ready = epoll.wait(&mut events, EpollTimeout::NONE)?;
        let now = (start.elapsed().as_micros() / 125) as u32;
        for event in &events[..ready] {
            relay(&mut legs, event.data() as usize, now, &mut packet)?;
        }
    }
}

/// `now` in samples at 8 kHz.
fn relay(legs: &mut [Leg], index: usize, now: u32, packet: &mut [u8]) -> anyhow::Result<()> {
    let ssrc = legs[index ^ 1].ssrc;
    let leg = &mut legs[index];
    let length = match leg.socket.recv(packet) {
        Ok(length) if length >= 12 && packet[0] >> 6 == 2 => length,
        Ok(_) => return Ok(()),
        // The peer closed its port, or will open it.
        Err(error) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::WouldBlock) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    leg.heard(packet, now);
    packet[8..12].copy_from_slice(&ssrc.to_be_bytes());
    match legs[index ^ 1].socket.send(&packet[..length]) {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::WouldBlock) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl Leg {
    fn open(peer: SocketAddrV4, number: u32) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("a port of the reference relay")?;
        socket.connect(peer)?;
        socket.set_nonblocking(true)?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(1 << 20)?;
        Ok(Self { socket, ssrc: 0x2000_0000 + number, next_sequence: 0, packets: 0, lost: 0, transit: 0, jitter: 0.0 })
    }

    /// Counts loss and jitter (RFC 3550 6.4.1), as every relay does.
    fn heard(&mut self, packet: &[u8], now: u32) {
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let timestamp = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        let ahead = sequence.wrapping_sub(self.next_sequence) as i16;
        if self.packets > 0 && ahead > 0 {
            self.lost += u64::from(ahead.unsigned_abs());
        }
        self.packets += 1;
        self.next_sequence = sequence.wrapping_add(1);
        let transit = now.wrapping_sub(timestamp);
        let difference = f64::from((transit.wrapping_sub(self.transit) as i32).unsigned_abs());
        self.transit = transit;
        self.jitter += (difference - self.jitter) / 16.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_is_counted_across_the_wrap_of_the_sequence() {
        let mut leg = Leg::open(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9), 0).expect("a leg");
        let packet = |sequence: u16| {
            let mut packet = [0; 12];
            packet[2..4].copy_from_slice(&sequence.to_be_bytes());
            packet
        };
        [65_534, 65_535, 2, 3].into_iter().for_each(|sequence| leg.heard(&packet(sequence), 0));
        assert_eq!((leg.packets, leg.lost), (4, 2));
    }
}
