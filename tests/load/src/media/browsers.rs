//! The load on legs that are sealed: browsers on one side of each call, plain sockets on the other. They are few, so that one thread does all.

use std::{
    net::SocketAddrV4,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::{
    GAP, LATE_SHARE, Measuring, SOCKETS_PER_SIDE, Schedule, Sockets, Window, measure,
    receiver::Tally,
    sender::TICK,
    stamp::{PACKET, Stamp, is_rtp},
    wall_ns,
};
use crate::{
    browser::{Browser, Codec, Speech},
    meter::Meter,
};

const FRAME: Duration = Duration::from_millis(20);
const SLOTS: usize = (FRAME.as_micros() / TICK.as_micros()) as usize;
/// A tick that begins later than this is counted.
const LATE: Duration = Duration::from_millis(5);
/// How often a browser says that it is still there.
const CONSENT: Duration = Duration::from_secs(5);
const ROOM: usize = 2048;
const HEADER: usize = 12;

/// What is said in the calls.
pub(crate) enum Saying<'a> {
    /// Stamped silence both ways, which comes out as it went in.
    Stamps,
    /// Speech that the server decodes and encodes: it is counted, and no more is known of it. Without `answered` the browsers alone speak.
    Speech { speech: &'a Speech, answered: bool },
}

/// Calls that are up: a browser each, and where the device takes what the other side says.
pub(crate) struct BrowserCalls<'a> {
    pub(crate) browsers: &'a mut [Browser],
    pub(crate) callees: &'a [SocketAddrV4],
    pub(crate) codec: Codec,
    pub(crate) saying: Saying<'a>,
}

/// As [`super::run`], of calls with browsers.
///
/// # Errors
/// A process of the device is gone, or a socket fails.
pub(crate) fn run(sockets: &Sockets, calls: BrowserCalls<'_>, measuring: Measuring, device: &Meter) -> anyhow::Result<Vec<Window>> {
    let count = measuring.windows + super::EXTRA_WINDOWS;
    let schedule = Schedule { first: wall_ns() + measuring.warm_up.as_nanos() as u64, length: measuring.length.as_nanos() as u64, count };
    let over = AtomicBool::new(false);
    let late: Vec<AtomicU64> = (0..count).map(|_| AtomicU64::new(0)).collect();
    std::thread::scope(|scope| {
        let load = scope.spawn(|| Load::new(sockets, calls, schedule).run(&late, &over));
        let measured = measure(schedule, measuring, &late, device);
        over.store(true, Ordering::Relaxed);
        let (sent, tallies) = load.join().map_err(|_| anyhow::anyhow!("the load failed"))??;
        let windows = measured?.into_iter().enumerate().map(|(window, (cpu, own_cpu))| Window {
            cpu,
            own_cpu,
            length: measuring.length,
            sent: sent[window],
            arrived: tallies[window].arrived,
            made: tallies[window].made,
            misrouted: tallies[window].misrouted,
            silent: tallies[window].heard.iter().filter(|heard| !**heard).count(),
            late_ticks: late[window].load(Ordering::Relaxed),
            latency: tallies[window].latency.clone(),
        });
        let (valid, late): (Vec<_>, Vec<_>) = windows.partition(|window| window.late_share() <= LATE_SHARE);
        Ok(valid.into_iter().chain(late).take(measuring.windows).collect())
    })
}

struct Load<'a> {
    sockets: &'a Sockets,
    calls: BrowserCalls<'a>,
    schedule: Schedule,
    sequence: Vec<u32>,
    sent: Vec<u64>,
    tallies: Vec<Tally>,
}

impl<'a> Load<'a> {
    fn new(sockets: &'a Sockets, calls: BrowserCalls<'a>, schedule: Schedule) -> Self {
        let ears = match calls.saying {
            Saying::Stamps | Saying::Speech { answered: true, .. } => 2 * calls.browsers.len(),
            Saying::Speech { answered: false, .. } => calls.browsers.len(),
        };
        let tally = Tally { heard: vec![false; ears], ..Tally::default() };
        let sequence = vec![0; 2 * calls.browsers.len()];
        Self { sockets, calls, schedule, sequence, sent: vec![0; schedule.count], tallies: vec![tally; schedule.count] }
    }

    fn run(mut self, late: &[AtomicU64], over: &AtomicBool) -> anyhow::Result<(Vec<u64>, Vec<Tally>)> {
        let (start, mut consent_due) = (Instant::now(), Instant::now());
        let calls = self.calls.browsers.len();
        let until = GAP / 2;
        for tick in 0u32.. {
            if over.load(Ordering::Relaxed) {
                break;
            }
            let due = start + TICK * tick;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if due.elapsed() > LATE
                && let Some(window) = self.schedule.window(wall_ns())
            {
                late[window].fetch_add(1, Ordering::Relaxed);
            }
            for call in (0..calls).filter(|call| call * SLOTS / calls == tick as usize % SLOTS) {
                self.browser_speaks(call)?;
            }
            // The other side half a frame later.
            for call in (0..calls).filter(|call| call * SLOTS / calls == (tick as usize + SLOTS / 2) % SLOTS) {
                self.callee_speaks(call)?;
            }
            self.listen();
            if Instant::now() >= consent_due {
                self.calls.browsers.iter().try_for_each(Browser::consent)?;
                consent_due = Instant::now() + CONSENT;
            }
        }
        // What is on its way.
        std::thread::sleep(until);
        self.listen();
        Ok((self.sent, self.tallies))
    }

    fn browser_speaks(&mut self, call: usize) -> anyhow::Result<()> {
        let sequence = self.next(2 * call);
        match self.calls.saying {
            Saying::Stamps => {
                let packet = self.stamped(2 * call, sequence);
                self.calls.browsers[call].send(&packet)
            }
            Saying::Speech { speech, .. } => {
                let (payload, units) = match self.calls.codec {
                    Codec::Opus => (speech.opus(sequence), 960),
                    Codec::Pcmu => (speech.pcmu(sequence), 160),
                };
                self.calls.browsers[call].send(&packet(self.calls.codec.payload_type(), call, sequence, units, payload))
            }
        }
    }

    fn callee_speaks(&mut self, call: usize) -> anyhow::Result<()> {
        let socket = &self.sockets.sockets[SOCKETS_PER_SIDE + call % SOCKETS_PER_SIDE];
        let to = self.calls.callees[call];
        let sequence = self.next(2 * call + 1);
        match self.calls.saying {
            Saying::Stamps => {
                let packet = self.stamped(2 * call + 1, sequence);
                socket.send_to(&packet, to)?;
            }
            Saying::Speech { speech, answered: true } => {
                socket.send_to(&packet(Codec::Pcmu.payload_type(), call, sequence, 160, speech.pcmu(sequence)), to)?;
            }
            Saying::Speech { answered: false, .. } => {}
        }
        Ok(())
    }

    fn next(&mut self, stream: usize) -> u32 {
        let sequence = self.sequence[stream];
        self.sequence[stream] = sequence.wrapping_add(1);
        sequence
    }

    fn stamped(&mut self, stream: usize, sequence: u32) -> [u8; PACKET] {
        let (mut packet, sent_at) = ([0; PACKET], wall_ns());
        Stamp { stream: stream as u32, sequence, sent_at }.write(&mut packet);
        if let Some(window) = self.schedule.window(sent_at) {
            self.sent[window] += 1;
        }
        packet
    }

    /// Takes what came; the sockets of the plain side share the calls between them.
    fn listen(&mut self) {
        let mut buffer = [0; ROOM];
        for call in 0..self.calls.browsers.len() {
            while let Some(length) = self.calls.browsers[call].receive(&mut buffer) {
                self.count(&buffer[..length], |stream| stream == 2 * call + 1, Some(2 * call + 1));
            }
        }
        let sockets = self.sockets;
        for (at, socket) in sockets.sockets[SOCKETS_PER_SIDE..].iter().enumerate() {
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let call = self.calls.callees.iter().position(|callee| from == std::net::SocketAddr::V4(*callee));
                let is_here = |stream: usize| stream.is_multiple_of(2) && stream / 2 % SOCKETS_PER_SIDE == at;
                self.count(&buffer[..length], is_here, call.map(|call| 2 * call));
            }
        }
    }

    /// `of`: the stream that is heard there, when the packet itself does not say.
    fn count(&mut self, packet: &[u8], is_here: impl Fn(usize) -> bool, of: Option<usize>) {
        if !is_rtp(packet) {
            return;
        }
        let now = wall_ns();
        let stamp = Stamp::read(packet);
        let Some(window) = self.schedule.window(stamp.map_or(now, |stamp| stamp.sent_at)) else { return };
        let tally = &mut self.tallies[window];
        let stream = match stamp {
            None => {
                tally.made += 1;
                of
            }
            Some(stamp) if is_here(stamp.stream as usize) => {
                tally.arrived += 1;
                tally.latency.add(now.saturating_sub(stamp.sent_at));
                Some(stamp.stream as usize)
            }
            Some(_) => {
                tally.misrouted += 1;
                None
            }
        };
        // Where the browsers alone speak, only every other stream is there.
        let ears = tally.heard.len();
        let ear = stream.map(|stream| if ears == self.calls.browsers.len() { stream / 2 } else { stream });
        if let Some(heard) = ear.and_then(|ear| tally.heard.get_mut(ear)) {
            *heard = true;
        }
    }
}

fn packet(payload_type: u8, call: usize, sequence: u32, units: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(HEADER + payload.len());
    packet.extend([0x80, payload_type]);
    packet.extend((sequence as u16).to_be_bytes());
    packet.extend(sequence.wrapping_mul(units).to_be_bytes());
    packet.extend((0x2000_0000 + call as u32).to_be_bytes());
    packet.extend(payload);
    packet
}
