//! The table of requests being answered: who asked, how to match what repeats, and who may still add to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use bytes::Bytes;

use super::config::EndpointLimits;
use crate::dialog::DialogId;
use crate::message::Request;
use crate::transaction::{Action, InviteServer, NonInviteServer, ServerTx, Timer};
use crate::transport::{FlowId, Hop};

/// What makes two packets the same transaction (RFC 3261 17.2.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ServerKey(pub(super) Vec<u8>);

/// What makes two transactions the same request, come by two ways (RFC 3261 8.2.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct MergeKey(pub(super) Vec<u8>);

#[derive(Debug)]
pub(super) enum ServerMachine {
    Invite(InviteServer),
    NonInvite(NonInviteServer),
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) machine: ServerMachine,
    pub(super) hop: Hop,
    /// Head of the request, its Via completed; kept until the final response.
    pub(super) request: Option<Box<Request>>,
    pub(super) to_tag: String,
    pub(super) dialog: Option<DialogId>,
    pub(super) seq: u32,
    /// The number of the last reliable provisional response; 0 before the first.
    pub(super) rseq: u32,
    key: ServerKey,
    merge_key: Option<MergeKey>,
    is_privileged: bool,
    held: usize,
}

/// A request on its way into the table.
pub(super) struct NewServer {
    pub(super) machine: ServerMachine,
    pub(super) hop: Hop,
    pub(super) request: Request,
    pub(super) to_tag: String,
    pub(super) dialog: Option<DialogId>,
    pub(super) seq: u32,
    pub(super) key: ServerKey,
    pub(super) merge_key: Option<MergeKey>,
    pub(super) is_privileged: bool,
    pub(super) size: usize,
}

#[derive(Debug)]
pub(super) struct ServerTable {
    limits: EndpointLimits,
    servers: BTreeMap<ServerTx, Server>,
    transactions_by_key: HashMap<ServerKey, ServerTx>,
    transactions_by_merge_key: HashMap<MergeKey, ServerTx>,
    transactions_by_flow: BTreeSet<(FlowId, ServerTx)>,
    counts_by_source: BTreeMap<IpAddr, usize>,
    held: usize,
}

impl ServerTable {
    pub(super) fn new(limits: EndpointLimits) -> Self {
        Self {
            limits,
            servers: BTreeMap::new(),
            transactions_by_key: HashMap::new(),
            transactions_by_merge_key: HashMap::new(),
            transactions_by_flow: BTreeSet::new(),
            counts_by_source: BTreeMap::new(),
            held: 0,
        }
    }

    /// Whether one more request of `size` bytes from this address may be taken. A privileged one comes from a trusted peer or
    /// inside a dialog: a flood of others must leave room for it.
    pub(super) fn has_room(&self, source: IpAddr, size: usize, is_privileged: bool) -> bool {
        let limits = &self.limits;
        if is_privileged {
            return self.servers.len() < limits.server_transactions && self.held + size <= limits.server_transaction_bytes;
        }
        let open = limits.server_transactions.saturating_sub(limits.reserved_server_transactions);
        let open_bytes = limits.server_transaction_bytes / 4 * 3;
        let from_source = self.counts_by_source.get(&source).copied().unwrap_or(0);
        self.servers.len() < open && self.held + size <= open_bytes && from_source < limits.server_transactions_per_source
    }

    pub(super) fn insert(&mut self, tx: ServerTx, new: NewServer) {
        if !new.is_privileged {
            *self.counts_by_source.entry(new.hop.remote.ip()).or_default() += 1;
        }
        if let Some(flow) = new.hop.flow {
            self.transactions_by_flow.insert((flow, tx));
        }
        self.transactions_by_key.insert(new.key.clone(), tx);
        if let Some(merge_key) = &new.merge_key {
            self.transactions_by_merge_key.insert(merge_key.clone(), tx);
        }
        self.held += new.size;
        let server = Server {
            machine: new.machine,
            hop: new.hop,
            request: Some(Box::new(new.request)),
            to_tag: new.to_tag,
            dialog: new.dialog,
            seq: new.seq,
            rseq: 0,
            key: new.key,
            merge_key: new.merge_key,
            is_privileged: new.is_privileged,
            held: new.size,
        };
        self.servers.insert(tx, server);
    }

    pub(super) fn remove(&mut self, tx: ServerTx) -> Option<Server> {
        let server = self.servers.remove(&tx)?;
        self.held -= server.held;
        if let Some(flow) = server.hop.flow {
            self.transactions_by_flow.remove(&(flow, tx));
        }
        if !server.is_privileged {
            self.release_source(server.hop.remote.ip());
        }
        if self.transactions_by_key.get(&server.key) == Some(&tx) {
            self.transactions_by_key.remove(&server.key);
        }
        if let Some(merge_key) = &server.merge_key
            && self.transactions_by_merge_key.get(merge_key) == Some(&tx)
        {
            self.transactions_by_merge_key.remove(merge_key);
        }
        Some(server)
    }

    pub(super) fn get(&self, tx: ServerTx) -> Option<&Server> {
        self.servers.get(&tx)
    }

    pub(super) fn get_mut(&mut self, tx: ServerTx) -> Option<&mut Server> {
        self.servers.get_mut(&tx)
    }

    pub(super) fn find(&self, key: &ServerKey) -> Option<ServerTx> {
        self.transactions_by_key.get(key).copied()
    }

    pub(super) fn find_merged(&self, key: &MergeKey) -> Option<ServerTx> {
        self.transactions_by_merge_key.get(key).copied()
    }

    /// After the final response the request is no longer needed, only the response is. One that was refused may be tried again
    /// as it was: it no longer counts as merged.
    pub(super) fn release_request(&mut self, tx: ServerTx, status: u16, response: &Bytes) {
        if let Some(server) = self.servers.get_mut(&tx) {
            if status >= 300
                && let Some(merge_key) = server.merge_key.take()
            {
                self.transactions_by_merge_key.remove(&merge_key);
            }
            server.request = None;
            self.held = self.held - server.held + response.len();
            server.held = response.len();
        }
    }

    pub(super) fn on_flow(&self, flow: FlowId) -> Vec<ServerTx> {
        self.transactions_by_flow.range((flow, ServerTx(0))..=(flow, ServerTx(u64::MAX))).map(|(_, tx)| *tx).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.servers.len()
    }

    fn release_source(&mut self, source: IpAddr) {
        if let Some(count) = self.counts_by_source.get_mut(&source) {
            *count -= 1;
            if *count == 0 {
                self.counts_by_source.remove(&source);
            }
        }
    }
}

impl Server {
    pub(super) fn respond(&mut self, status: u16, response: Bytes, out: &mut Vec<Action>) -> bool {
        match &mut self.machine {
            ServerMachine::Invite(machine) => machine.respond(status, response, out),
            ServerMachine::NonInvite(machine) => machine.respond(status, response, out),
        }
    }

    pub(super) fn respond_reliably(&mut self, response: Bytes, out: &mut Vec<Action>) -> bool {
        match &mut self.machine {
            ServerMachine::Invite(machine) => machine.respond_reliably(self.rseq, response, out),
            ServerMachine::NonInvite(_) => false,
        }
    }

    pub(super) fn handle_prack(&mut self, rseq: u32, out: &mut Vec<Action>) -> bool {
        match &mut self.machine {
            ServerMachine::Invite(machine) => machine.handle_prack(rseq, out),
            ServerMachine::NonInvite(_) => false,
        }
    }

    pub(super) fn handle_retransmission(&mut self, out: &mut Vec<Action>) {
        match &mut self.machine {
            ServerMachine::Invite(machine) => machine.handle_retransmission(out),
            ServerMachine::NonInvite(machine) => machine.handle_retransmission(out),
        }
    }

    pub(super) fn handle_timer(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match &mut self.machine {
            ServerMachine::Invite(machine) => machine.handle_timer(timer, out),
            ServerMachine::NonInvite(machine) => machine.handle_timer(timer, out),
        }
    }

    pub(super) fn handle_transport_error(&mut self, out: &mut Vec<Action>) {
        match &mut self.machine {
            ServerMachine::Invite(machine) => machine.handle_transport_error(out),
            ServerMachine::NonInvite(machine) => machine.handle_transport_error(out),
        }
    }

    pub(super) fn is_unanswered(&self) -> bool {
        match &self.machine {
            ServerMachine::Invite(machine) => machine.is_unanswered(),
            ServerMachine::NonInvite(machine) => machine.is_unanswered(),
        }
    }

    /// An INVITE whose provisional response has no PRACK.
    pub(super) fn awaits_prack(&self) -> bool {
        match &self.machine {
            ServerMachine::Invite(machine) => machine.awaits_prack(),
            ServerMachine::NonInvite(_) => false,
        }
    }

    /// An INVITE that has its 2xx.
    pub(super) fn is_accepted(&self) -> bool {
        match &self.machine {
            ServerMachine::Invite(machine) => machine.is_accepted(),
            ServerMachine::NonInvite(_) => false,
        }
    }

    /// An INVITE whose 2xx has no ACK.
    pub(super) fn awaits_ack(&self) -> bool {
        match &self.machine {
            ServerMachine::Invite(machine) => machine.awaits_ack(),
            ServerMachine::NonInvite(_) => false,
        }
    }

    pub(super) fn is_invite(&self) -> bool {
        matches!(self.machine, ServerMachine::Invite(_))
    }
}
