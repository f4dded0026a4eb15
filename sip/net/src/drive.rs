//! The one loop around an engine.

use crate::{
    Counters, Net,
    arrival::{Arrival, accept},
    flow::{FromFlow, Was},
    flows::{Closed, Flows, Handed},
    rate::Rate,
};
use bytes::Bytes;
use carillon_sip_core::{Engine, Hop, Transmit, Transport, stun};
use std::{
    future::{pending, poll_fn},
    io,
    net::SocketAddr,
    sync::Arc,
    task::Poll,
    time::Instant,
};
use tokio::{net::UdpSocket, sync::mpsc, task::JoinSet};

/// Inputs of one kind taken in one turn, so that a flood of packets leaves room for timers and orders.
const TURN: usize = 64;
/// The largest datagram UDP can carry; `sip/core` refuses what is over its own limit.
const DATAGRAM: usize = 65_535;

/// Runs an engine on these sockets until every sender of `commands` is gone. What the engine reports goes to `events`,
/// which must not block.
pub async fn drive<E: Engine>(net: Net, engine: E, commands: mpsc::Receiver<E::Command>, events: impl FnMut(E::Event) + Send) {
    let Net { udp, listeners, arrivals, door, tls, trusted, limits, counters } = net;
    let (inbox, from_flows) = mpsc::channel(1024);
    let mut acceptors = JoinSet::new();
    for (transport, listener) in listeners {
        acceptors.spawn(accept(transport, listener, door.0.clone()));
    }
    let rates = Rates { strangers: Rate::new(limits.messages_per_second), trusted: Rate::new(limits.trusted_messages_per_second) };
    let flows = Flows::new(limits, trusted.clone(), tls, inbox);
    let sockets = udp.into_iter().filter_map(|socket| Some((socket.local_addr().ok()?, socket))).collect();
    let mut wires = Wires { sockets, flows, counters, failed: vec![] };
    let mut inputs = Inputs { from_flows, arrivals, commands, rates, trusted, buffer: vec![0; DATAGRAM] };
    let mut turn = Loop { engine, events };
    turn.settle(&mut wires);
    loop {
        match turn.take_a_turn(&mut inputs, &mut wires) {
            Turn::Ended => break,
            Turn::Busy => tokio::task::yield_now().await,
            Turn::Quiet => turn.wait(&mut inputs, &mut wires).await,
        }
    }
    turn.settle(&mut wires);
}

/// Everything the loop listens to.
struct Inputs<C> {
    from_flows: mpsc::Receiver<FromFlow>,
    arrivals: mpsc::Receiver<Arrival>,
    commands: mpsc::Receiver<C>,
    rates: Rates,
    trusted: crate::TrustedSources,
    buffer: Vec<u8>,
}

/// Apart, so that no flood of strangers takes anything of a trunk's allowance.
struct Rates {
    strangers: Rate,
    trusted: Rate,
}

impl<C> Inputs<C> {
    fn allows(&mut self, now: Instant, remote: SocketAddr, counters: &Counters) -> bool {
        let rate = if self.trusted.contains(remote.ip()) { &mut self.rates.trusted } else { &mut self.rates.strangers };
        let allowed = rate.allows(now, remote.ip().to_canonical());
        Counters::count(if allowed { &counters.received } else { &counters.over_rate });
        allowed
    }
}

/// Everything the loop writes to.
struct Wires {
    sockets: Vec<(SocketAddr, UdpSocket)>,
    flows: Flows,
    counters: Arc<Counters>,
    /// Failures found while sending, told to the engine before the turn ends.
    failed: Vec<Failure>,
}

enum Failure {
    Flow(Closed),
    Unreachable(Hop),
}

enum Turn {
    Busy,
    Quiet,
    Ended,
}

struct Loop<E: Engine, F> {
    engine: E,
    events: F,
}

impl<E: Engine, F: FnMut(E::Event) + Send> Loop<E, F> {
    /// One round: datagrams, streams, new connections, the timer, orders; a bounded number of each.
    fn take_a_turn(&mut self, inputs: &mut Inputs<E::Command>, wires: &mut Wires) -> Turn {
        let mut busy = self.take_datagrams(inputs, wires);
        busy |= self.take_stream_messages(inputs, wires);
        busy |= self.take_connections(inputs, wires);
        let now = Instant::now();
        if self.engine.poll_timeout().is_some_and(|due| due <= now) {
            self.engine.handle_timeout(now);
            self.settle(wires);
            busy = true;
        }
        for _ in 0..TURN {
            match inputs.commands.try_recv() {
                Ok(command) => {
                    self.engine.handle_command(Instant::now(), command);
                    self.settle(wires);
                    busy = true;
                }
                Err(mpsc::error::TryRecvError::Empty) => break,
                Err(mpsc::error::TryRecvError::Disconnected) => return Turn::Ended,
            }
        }
        if busy { Turn::Busy } else { Turn::Quiet }
    }

    fn take_datagrams(&mut self, inputs: &mut Inputs<E::Command>, wires: &mut Wires) -> bool {
        let mut busy = false;
        for index in 0..wires.sockets.len() {
            for _ in 0..TURN {
                let (local, socket) = &wires.sockets[index];
                let (local, received) = (*local, socket.try_recv_from(&mut inputs.buffer));
                let (length, remote) = match received {
                    Ok(received) => received,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    // An ICMP error of an earlier datagram (RFC 1122 4.1.3.3); the transaction's timer says the rest.
                    Err(_) => continue,
                };
                busy = true;
                let now = Instant::now();
                if inputs.allows(now, remote, &wires.counters) {
                    // A phone that keeps its NAT's mapping alive asks by STUN who it is to us (RFC 5626 3.5.2).
                    if let Some(answer) = stun::answer(&inputs.buffer[..length], remote) {
                        wires.send_datagram(&Hop::udp(local, remote), &answer);
                        continue;
                    }
                    let packet = Bytes::copy_from_slice(&inputs.buffer[..length]);
                    self.engine.handle_packet(now, Hop::udp(local, remote), packet);
                    self.settle(wires);
                }
            }
        }
        busy
    }

    fn take_stream_messages(&mut self, inputs: &mut Inputs<E::Command>, wires: &mut Wires) -> bool {
        let mut busy = false;
        for _ in 0..TURN {
            let Ok(input) = inputs.from_flows.try_recv() else { break };
            self.take_from_flow(input, inputs, wires);
            busy = true;
        }
        busy
    }

    fn take_from_flow(&mut self, input: FromFlow, inputs: &mut Inputs<E::Command>, wires: &mut Wires) {
        let now = Instant::now();
        match input {
            FromFlow::Message(flow, packet) => {
                let Some(hop) = wires.flows.hop(flow) else { return };
                if inputs.allows(now, hop.remote, &wires.counters) {
                    self.engine.handle_packet(now, hop, packet);
                }
            }
            FromFlow::Closed(flow, was) => {
                let Some(closed) = wires.flows.remove(flow) else { return };
                match was {
                    Was::Open => {}
                    Was::Unconnected => Counters::count(&wires.counters.send_failed),
                    Was::Unshaken => Counters::count(&wires.counters.handshakes_failed),
                }
                self.report_closed(now, closed);
            }
        }
        self.settle(wires);
    }

    fn take_connections(&mut self, inputs: &mut Inputs<E::Command>, wires: &mut Wires) -> bool {
        let mut busy = false;
        for _ in 0..TURN {
            let Ok(arrival) = inputs.arrivals.try_recv() else { break };
            wires.take_connection(arrival);
            busy = true;
        }
        busy
    }

    /// Sends what the engine wants sent, reports what it reports, and tells it what could not be sent.
    fn settle(&mut self, wires: &mut Wires) {
        loop {
            while let Some(transmit) = self.engine.poll_transmit() {
                wires.send(transmit);
            }
            while let Some(event) = self.engine.poll_event() {
                (self.events)(event);
            }
            if wires.failed.is_empty() {
                return;
            }
            let now = Instant::now();
            for failure in std::mem::take(&mut wires.failed) {
                match failure {
                    Failure::Flow(closed) => self.report_closed(now, closed),
                    Failure::Unreachable(hop) => self.engine.handle_unreachable(now, hop),
                }
            }
        }
    }

    fn report_closed(&mut self, now: Instant, closed: Closed) {
        self.engine.handle_flow_closed(now, closed.flow);
        if let Some(hop) = closed.made_to {
            self.engine.handle_unreachable(now, hop);
        }
    }

    /// Sleeps until any input or the engine's time.
    async fn wait(&mut self, inputs: &mut Inputs<E::Command>, wires: &mut Wires) {
        let due = self.engine.poll_timeout();
        let timer = async {
            match due {
                Some(due) => tokio::time::sleep_until(due.into()).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = readable(&wires.sockets) => {}
            () = timer => {}
            Some(input) = inputs.from_flows.recv() => self.take_from_flow(input, inputs, wires),
            Some(arrival) = inputs.arrivals.recv() => wires.take_connection(arrival),
            command = inputs.commands.recv() => {
                // A closed channel is seen by the next turn.
                if let Some(command) = command {
                    self.engine.handle_command(Instant::now(), command);
                    self.settle(wires);
                }
            }
        }
    }
}

async fn readable(sockets: &[(SocketAddr, UdpSocket)]) {
    poll_fn(|context| match sockets.iter().any(|(_, socket)| socket.poll_recv_ready(context).is_ready()) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

impl Wires {
    fn take_connection(&mut self, arrival: Arrival) {
        let remote = arrival.remote;
        if !self.flows.accept(arrival) {
            Counters::count(&self.counters.flows_refused);
            tracing::debug!(%remote, "too many connections: closed at once");
        }
    }

    fn send(&mut self, Transmit { hop, bytes }: Transmit) {
        let failure = match hop.transport {
            Transport::Udp => self.send_datagram(&hop, &bytes),
            _ => match self.flows.send(&hop, bytes) {
                Handed::Taken => None,
                Handed::NoSuchFlow(flow) => Some(Failure::Flow(Closed { flow, made_to: None })),
                Handed::Stuck(closed) => Some(Failure::Flow(closed)),
                Handed::Full => Some(Failure::Unreachable(hop)),
            },
        };
        Counters::count(if failure.is_none() { &self.counters.sent } else { &self.counters.send_failed });
        self.failed.extend(failure);
    }

    fn send_datagram(&mut self, hop: &Hop, bytes: &[u8]) -> Option<Failure> {
        let own = self.sockets.iter().find(|(local, _)| *local == hop.local);
        let socket = own.or_else(|| self.sockets.iter().find(|(local, _)| local.is_ipv4() == hop.remote.is_ipv4()));
        let Some((_, socket)) = socket else { return Some(Failure::Unreachable(*hop)) };
        match socket.try_send_to(bytes, hop.remote) {
            Ok(_) => None,
            // A full send buffer is a lost packet; the transaction sends it again.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                Counters::count(&self.counters.send_failed);
                None
            }
            Err(error) => {
                tracing::debug!(remote = %hop.remote, %error, "could not send");
                Some(Failure::Unreachable(*hop))
            }
        }
    }
}
