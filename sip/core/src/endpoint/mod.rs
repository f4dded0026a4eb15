//! The endpoint: transactions and dialogs over the message layer. It knows nothing of calls.

mod admission;
mod answer;
mod clients;
mod config;
mod dialogs;
mod event;
mod incoming;
mod outgoing;
mod respond;
mod responses;
mod servers;
#[cfg(test)]
mod tests;
mod timeouts;

pub use config::{EndpointConfig, EndpointLimits};
pub use event::{Counters, EndpointEvent};
pub use outgoing::SendError;
pub use respond::RespondError;

use std::collections::{BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use bytes::Bytes;

use crate::dialog::{Dialog, DialogId};
use crate::transaction::{ClientTx, ServerTx, TimerQueue};
use crate::transport::{Hop, Transmit, Transport};
use answer::Secrets;
use clients::ClientTable;
use dialogs::DialogTable;
use servers::ServerTable;

/// Whose timer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Client(ClientTx),
    Server(ServerTx),
}

/// Transactions and dialogs of one SIP node (RFC 3261 sections 8, 9, 12, 13, 15, 17; RFC 3581; RFC 6026).
///
/// # How to drive it
///
/// Feed it with [`handle_packet`](Self::handle_packet), [`handle_flow_closed`](Self::handle_flow_closed),
/// [`handle_unreachable`](Self::handle_unreachable) and [`handle_timeout`](Self::handle_timeout). After each of these, and after each
/// order below, drain [`poll_transmit`](Self::poll_transmit) and [`poll_event`](Self::poll_event) until both are empty, then
/// sleep until [`poll_timeout`](Self::poll_timeout).
///
/// # Answering
///
/// [`EndpointEvent::Request`] brings each new request once; answer it with [`respond`](Self::respond), giving only status, reason,
/// body and headers of your own. Via, From, To with its tag, Call-ID, CSeq, Record-Route, Contact, Allow and Server are filled
/// in. The first response to an INVITE that makes a dialog (101 to 299) returns its [`DialogId`]. A 2xx is
/// repeated until [`EndpointEvent::Acked`] or [`EndpointEvent::AckMissing`]; 100 Trying goes out by itself after 200 ms.
///
/// [`respond_reliably`](Self::respond_reliably) sends a provisional response that wants a PRACK (RFC 3262), which comes as a request of its
/// own; reliable provisional responses to requests of ours get their PRACK here.
///
/// What never reaches the user: repeated requests; ACK; PRACK for nothing (481); CANCEL (answered 200, its INVITE 487, then
/// [`EndpointEvent::Cancelled`]); what is malformed (400, 505), merged (482), out of hops (483), of an unknown scheme
/// (416), extension (420) or method (405, 501); requests with a To tag that match no dialog, or come from
/// somebody else than its peer (481); lower CSeq numbers (500); INVITEs that cross another one (491, 500); what no table has room for (503).
///
/// # Asking
///
/// [`send_request`](Self::send_request) sends a request outside any dialog. Inside one, take
/// [`request_in_dialog`](Self::request_in_dialog), add headers and body, and give it to [`send_in_dialog`](Self::send_in_dialog).
/// [`EndpointEvent::Response`] brings the answers; each transaction ends with a final one, [`EndpointEvent::TimedOut`] or
/// [`EndpointEvent::TransportFailed`]. Each 2xx to an INVITE wants an [`ack`](Self::ack), which from then on answers every
/// repeated 2xx by itself; a fork can bring several, each with its own dialog: acknowledge the unwanted ones and end them with
/// [`bye`](Self::bye). [`cancel`](Self::cancel) waits by itself for the first provisional response; its
/// INVITE still ends with an event of its own, usually a 487, sometimes a 2xx that came first.
///
/// # Dialogs
///
/// They are kept here under their [`DialogId`] and end with a BYE of either side, with the failure of the INVITE that made them, or
/// with [`forget`](Self::forget). Packets in a dialog are taken only from its hop and sent only there. When a phone that is known
/// by a digest or its flow shows up elsewhere, tell the endpoint with [`move_dialog`](Self::move_dialog).
///
/// # Where packets go
///
/// Responses go to where the request came from: over UDP to its source address and port, over a stream down the same connection.
/// Hosts in Via, `maddr` or Contact are never looked at.
#[derive(Debug)]
pub struct Endpoint {
    config: EndpointConfig,
    secrets: Secrets,
    last_number: u64,
    clients: ClientTable,
    servers: ServerTable,
    dialogs: DialogTable,
    timers: TimerQueue<Owner>,
    trusted_sockets: BTreeSet<SocketAddr>,
    trusted_hosts: BTreeSet<IpAddr>,
    transmits: VecDeque<Transmit>,
    events: VecDeque<EndpointEvent>,
    counters: Counters,
}

impl Endpoint {
    /// An endpoint with empty tables.
    pub fn new(config: EndpointConfig) -> Self {
        Self {
            secrets: Secrets::new(config.seed),
            last_number: 0,
            clients: ClientTable::default(),
            servers: ServerTable::new(config.limits),
            dialogs: DialogTable::default(),
            timers: TimerQueue::new(),
            trusted_sockets: BTreeSet::new(),
            trusted_hosts: BTreeSet::new(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            counters: Counters::default(),
            config,
        }
    }

    /// Names the peers (trunks) whose requests are taken even while a flood of others fills the tables. Replaces those named
    /// before. Over UDP address and port must agree (port 0: any), over a stream the address.
    pub fn trust(&mut self, peers: impl IntoIterator<Item = (Transport, SocketAddr)>) {
        self.trusted_sockets.clear();
        self.trusted_hosts.clear();
        for (transport, address) in peers {
            match transport {
                Transport::Udp => drop(self.trusted_sockets.insert(address)),
                _ => drop(self.trusted_hosts.insert(address.ip())),
            }
        }
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<EndpointEvent> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// A dialog that has not ended.
    pub fn dialog(&self, id: DialogId) -> Option<&Dialog> {
        self.dialogs.get(id).filter(|entry| !entry.is_ending).map(|entry| &entry.dialog)
    }

    /// The dialog with these identifiers, compared byte by byte, which a Replaces header (RFC 3891) names from its sender's view:
    /// its `to-tag` is our tag. `None` once it has ended.
    pub fn find_dialog(&self, call_id: &[u8], local_tag: &[u8], remote_tag: &[u8]) -> Option<DialogId> {
        let key = dialogs::DialogKey { call_id: call_id.to_vec(), local_tag: local_tag.to_vec(), remote_tag: remote_tag.to_vec() };
        self.dialogs.find(&key).filter(|id| self.dialog(*id).is_some())
    }

    /// From now on, takes and sends the packets of a dialog at another hop: its phone has proved to be there.
    pub fn move_dialog(&mut self, id: DialogId, hop: Hop) {
        if let Some(entry) = self.dialogs.get_mut(id) {
            entry.dialog.move_to(hop);
        }
    }

    /// Drops a dialog without a word. What its peer still says in it gets 481.
    pub fn forget(&mut self, id: DialogId) {
        self.dialogs.remove(id);
    }

    /// What came and deserved no event.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How many transactions and dialogs are held: server, client, dialogs.
    pub fn occupancy(&self) -> (usize, usize, usize) {
        (self.servers.len(), self.clients.len(), self.dialogs.len())
    }

    /// A fresh Call-ID that nobody can guess.
    pub fn new_call_id(&mut self) -> String {
        self.secrets.call_id()
    }

    /// A fresh From tag that nobody can guess.
    pub fn new_tag(&mut self) -> String {
        self.secrets.tag()
    }

    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    fn is_trusted(&self, hop: &Hop) -> bool {
        match hop.transport {
            Transport::Udp => [hop.remote.port(), 0].iter().any(|port| self.trusted_sockets.contains(&(hop.remote.ip(), *port).into())),
            _ => self.trusted_hosts.contains(&hop.remote.ip()),
        }
    }

    fn transmit(&mut self, hop: Hop, bytes: Bytes) {
        self.transmits.push_back(Transmit { hop, bytes });
    }
}
