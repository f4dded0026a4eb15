//! The table of our requests being answered.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;

use crate::dialog::DialogId;
use crate::message::{HeaderName, Method, Request};
use crate::transaction::{Action, ClientTx, Delivery, InviteClient, NonInviteClient, Timer};
use crate::transport::{FlowId, Hop};

/// What a response is matched by (RFC 3261 17.1.3): our branch and the method in its CSeq.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ClientKey {
    pub(super) branch: String,
    pub(super) method: String,
}

#[derive(Debug)]
pub(super) enum ClientMachine {
    Invite(InviteClient),
    NonInvite(NonInviteClient),
}

/// Who hears of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// The user of the endpoint.
    User,
    /// Nobody: a CANCEL or BYE ends what it ends, whatever the answer.
    Nobody,
}

/// Whether the user wants an INVITE cancelled (RFC 3261 9.1: not before a provisional response came).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CancelWish {
    None,
    Waiting { reason: Option<String> },
    Sent,
}

/// One dialog that an INVITE made, and the ACK of its 2xx once there is one.
#[derive(Debug)]
pub(super) struct Fork {
    pub(super) dialog: DialogId,
    pub(super) is_confirmed: bool,
    /// The number of the last reliable provisional response that was taken (RFC 3262 4).
    pub(super) rseq: Option<u32>,
    pub(super) ack: Option<(Hop, Bytes)>,
}

#[derive(Debug)]
pub(super) struct Client {
    pub(super) machine: ClientMachine,
    pub(super) hop: Hop,
    /// As sent, for the CANCEL and the ACK that repeat its head.
    pub(super) request: Request,
    pub(super) method: Method,
    pub(super) seq: u32,
    pub(super) branch: String,
    pub(super) audience: Audience,
    /// The dialog the request was sent in.
    pub(super) dialog: Option<DialogId>,
    pub(super) cancel: CancelWish,
    pub(super) forks_by_remote_tag: BTreeMap<Vec<u8>, Fork>,
}

#[derive(Debug, Default)]
pub(super) struct ClientTable {
    clients: BTreeMap<ClientTx, Client>,
    transactions_by_key: HashMap<ClientKey, ClientTx>,
}

impl ClientTable {
    pub(super) fn insert(&mut self, tx: ClientTx, client: Client) {
        self.transactions_by_key.insert(client.key(), tx);
        self.clients.insert(tx, client);
    }

    pub(super) fn remove(&mut self, tx: ClientTx) -> Option<Client> {
        let client = self.clients.remove(&tx)?;
        self.transactions_by_key.remove(&client.key());
        Some(client)
    }

    pub(super) fn get(&self, tx: ClientTx) -> Option<&Client> {
        self.clients.get(&tx)
    }

    pub(super) fn get_mut(&mut self, tx: ClientTx) -> Option<&mut Client> {
        self.clients.get_mut(&tx)
    }

    pub(super) fn find(&self, key: &ClientKey) -> Option<ClientTx> {
        self.transactions_by_key.get(key).copied()
    }

    pub(super) fn on_flow(&self, flow: FlowId) -> Vec<ClientTx> {
        self.clients.iter().filter(|(_, client)| client.hop.flow == Some(flow)).map(|(tx, _)| *tx).collect()
    }

    /// The requests that went to a peer which turns out to be out of reach, and was never heard.
    pub(super) fn unheard_at(&self, hop: &Hop) -> Vec<ClientTx> {
        self.clients.iter().filter(|(_, client)| client.hop.is_same_peer(hop) && client.is_unheard()).map(|(tx, _)| *tx).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.clients.len()
    }
}

impl Client {
    fn key(&self) -> ClientKey {
        ClientKey { branch: self.branch.clone(), method: self.method.to_string() }
    }

    /// Whether the answer to a BYE that nobody listens for is a challenge that was not answered yet.
    pub(super) fn is_challenged_bye(&self, status: u16) -> bool {
        let is_proven = [HeaderName::Authorization, HeaderName::ProxyAuthorization].iter().any(|name| self.request.headers.has(name));
        matches!(status, 401 | 407) && self.method == Method::Bye && self.audience == Audience::Nobody && !is_proven
    }

    pub(super) fn handle_response(&mut self, status: u16, ack: impl FnOnce(&Request) -> Bytes, out: &mut Vec<Action>) -> Delivery {
        match &mut self.machine {
            ClientMachine::Invite(machine) => machine.handle_response(status, || ack(&self.request), out),
            ClientMachine::NonInvite(machine) => machine.handle_response(status, out),
        }
    }

    pub(super) fn handle_timer(&mut self, timer: Timer, out: &mut Vec<Action>) {
        match &mut self.machine {
            ClientMachine::Invite(machine) => machine.handle_timer(timer, out),
            ClientMachine::NonInvite(machine) => machine.handle_timer(timer, out),
        }
    }

    fn is_unheard(&self) -> bool {
        match &self.machine {
            ClientMachine::Invite(machine) => machine.is_calling(),
            ClientMachine::NonInvite(machine) => machine.is_trying(),
        }
    }

    pub(super) fn handle_transport_error(&mut self, out: &mut Vec<Action>) {
        match &mut self.machine {
            ClientMachine::Invite(machine) => machine.handle_transport_error(out),
            ClientMachine::NonInvite(machine) => machine.handle_transport_error(out),
        }
    }
}
