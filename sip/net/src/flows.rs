//! The table of connections: who is let in, which one a message goes to.

use crate::{
    Limits, TrustedSources,
    arrival::Arrival,
    flow::{FlowTask, FromFlow},
    tls::Tls,
};
use bytes::Bytes;
use carillon_sip_core::{FlowId, Hop, Transport};
use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    task::JoinSet,
};

/// All live connections. Dropping it closes them.
pub(crate) struct Flows {
    limits: Limits,
    trusted: TrustedSources,
    tls: Tls,
    next: u64,
    flow_by_id: HashMap<FlowId, Flow>,
    /// The connection we made to an address, while it lives.
    made_by_remote: HashMap<(Transport, SocketAddr), FlowId>,
    count_by_source: HashMap<IpAddr, usize>,
    inbox: mpsc::Sender<FromFlow>,
    tasks: JoinSet<()>,
}

struct Flow {
    hop: Hop,
    /// Whether we made it: then the engine may know it by its address only.
    made: bool,
    outbox: mpsc::Sender<Bytes>,
}

/// What became of a message for a stream.
pub(crate) enum Handed {
    Taken,
    /// The connection it names is gone.
    NoSuchFlow(FlowId),
    /// The peer does not read: its connection was closed.
    Stuck(Closed),
    /// No connection may be made: the table is full.
    Full,
}

/// A connection that is over.
pub(crate) struct Closed {
    pub(crate) flow: FlowId,
    /// The hop by which the engine may have addressed it without knowing its number.
    pub(crate) made_to: Option<Hop>,
}

impl Flows {
    pub(crate) fn new(limits: Limits, trusted: TrustedSources, tls: Tls, inbox: mpsc::Sender<FromFlow>) -> Self {
        Flows {
            limits,
            trusted,
            tls,
            next: 1,
            flow_by_id: HashMap::new(),
            made_by_remote: HashMap::new(),
            count_by_source: HashMap::new(),
            inbox,
            tasks: JoinSet::new(),
        }
    }

    /// Takes a connection that a peer made, or closes it by dropping it when there are too many.
    pub(crate) fn accept(&mut self, arrival: Arrival) -> bool {
        let Arrival { transport, local, remote, wire } = arrival;
        if !self.admits(remote.ip()) {
            return false;
        }
        let hop = Hop { transport, local, remote, flow: None };
        let task = self.add(hop, false);
        self.tasks.spawn(task.serve(wire, hop));
        true
    }

    /// Hands a message to the connection it names, or to one with its address, which is made when there is none.
    pub(crate) fn send(&mut self, hop: &Hop, bytes: Bytes) -> Handed {
        let Some(flow) = hop.flow.or_else(|| self.made_by_remote.get(&(hop.transport, hop.remote)).copied()) else {
            return self.connect(hop, bytes);
        };
        let Some(found) = self.flow_by_id.get(&flow) else { return Handed::NoSuchFlow(flow) };
        match found.outbox.try_send(bytes) {
            Ok(()) => Handed::Taken,
            Err(TrySendError::Closed(_)) => Handed::NoSuchFlow(flow),
            Err(TrySendError::Full(_)) => self.remove(flow).map_or(Handed::NoSuchFlow(flow), Handed::Stuck),
        }
    }

    /// The hop of what came over a connection; `None` once it is closed.
    pub(crate) fn hop(&self, flow: FlowId) -> Option<Hop> {
        self.flow_by_id.get(&flow).map(|found| found.hop)
    }

    /// Forgets a connection; its task ends when its outbox is gone.
    pub(crate) fn remove(&mut self, flow: FlowId) -> Option<Closed> {
        let removed = self.flow_by_id.remove(&flow)?;
        let source = removed.hop.remote.ip().to_canonical();
        if let Some(count) = self.count_by_source.get_mut(&source) {
            *count -= 1;
            if *count == 0 {
                self.count_by_source.remove(&source);
            }
        }
        let made_to = (removed.hop.transport, removed.hop.remote);
        if self.made_by_remote.get(&made_to) == Some(&flow) {
            self.made_by_remote.remove(&made_to);
        }
        while self.tasks.try_join_next().is_some() {}
        Some(Closed { flow, made_to: removed.made.then_some(Hop { flow: None, ..removed.hop }) })
    }

    fn admits(&self, source: IpAddr) -> bool {
        let (source, all) = (source.to_canonical(), self.flow_by_id.len());
        if self.trusted.contains(source) {
            return all < self.limits.flows;
        }
        let own = self.count_by_source.get(&source).copied().unwrap_or_default();
        own < self.limits.flows_per_source && all + self.limits.flows_kept_for_trusted < self.limits.flows
    }

    fn connect(&mut self, hop: &Hop, bytes: Bytes) -> Handed {
        if self.flow_by_id.len() >= self.limits.flows {
            return Handed::Full;
        }
        let task = self.add(*hop, true);
        let flow = task.flow;
        self.tasks.spawn(task.connect(*hop));
        self.made_by_remote.insert((hop.transport, hop.remote), flow);
        if let Some(found) = self.flow_by_id.get(&flow) {
            // A fresh outbox has room.
            let _ = found.outbox.try_send(bytes);
        }
        Handed::Taken
    }

    fn add(&mut self, hop: Hop, made: bool) -> FlowTask {
        let flow = FlowId(self.next);
        self.next += 1;
        let (sender, outbox) = mpsc::channel(self.limits.outbox);
        *self.count_by_source.entry(hop.remote.ip().to_canonical()).or_default() += 1;
        self.flow_by_id.insert(flow, Flow { hop: Hop { flow: Some(flow), ..hop }, made, outbox: sender });
        FlowTask { flow, limits: self.limits.clone(), tls: self.tls.clone(), inbox: self.inbox.clone(), outbox }
    }
}
