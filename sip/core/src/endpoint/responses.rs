//! Responses in: matched to our requests, and the dialogs they make.

use std::time::Instant;

use super::answer::{ack_of_failure, cancel_of};
use super::clients::{Audience, CancelWish, Client, ClientKey, ClientMachine, Fork};
use super::{Endpoint, EndpointEvent, Owner};
use crate::dialog::{Dialog, DialogId, DialogState};
use crate::message::{HeaderName, Method, Response};
use crate::transaction::{Action, ClientTx, Delivery};
use crate::transport::Hop;

impl Endpoint {
    /// RFC 3261 17.1.3 and 18.1.2. Our branch is what proves that a response is one: it cannot be guessed.
    pub(super) fn handle_response(&mut self, now: Instant, hop: Hop, response: Response) {
        let Some(tx) = self.asked(&response) else {
            self.counters.stray += 1;
            return;
        };
        let Some(client) = self.clients.get_mut(tx) else { return };
        if hop.transport.is_stream() && client.hop.transport.is_stream() {
            client.hop.flow = hop.flow;
        }
        let mut out = Vec::new();
        let delivery = client.handle_response(response.status, |invite| ack_of_failure(invite, &response).to_bytes(), &mut out);
        let (audience, method, in_dialog) = (client.audience, client.method.clone(), client.dialog);
        let challenged =
            (delivery == Delivery::News && client.is_challenged_bye(response.status)).then(|| (client.request.clone(), client.hop));
        let dialog = match (delivery, &method) {
            (Delivery::Absorbed, _) => {
                self.counters.repeated += 1;
                self.carry_out_client(now, tx, out);
                return;
            }
            (Delivery::News, Method::Invite) => match self.follow_invite(now, tx, &response, hop) {
                Followed::News(dialog) => dialog,
                Followed::Repeated => {
                    self.counters.repeated += 1;
                    self.carry_out_client(now, tx, out);
                    return;
                }
            },
            (Delivery::News, Method::Update) if response.is_success() => {
                // RFC 3311 5.1: an UPDATE is a target refresh request.
                if let Some(entry) = in_dialog.and_then(|id| self.dialogs.get_mut(id)) {
                    entry.dialog.refresh_target(&response.headers);
                }
                in_dialog
            }
            (Delivery::News, _) => in_dialog,
        };
        self.carry_out_client(now, tx, out);
        self.send_waiting_cancel(now, tx);
        if let Some((bye, hop)) = challenged {
            self.events.push_back(EndpointEvent::ByeChallenged { bye, response, hop, dialog: in_dialog });
        } else if audience == Audience::User {
            self.events.push_back(EndpointEvent::Response { tx, response, hop, dialog });
        }
    }

    fn asked(&self, response: &Response) -> Option<ClientTx> {
        let headers = &response.headers;
        let mut vias = headers.vias().ok()?.into_iter();
        let via = vias.next()?;
        if vias.next().is_some() {
            return None;
        }
        let cseq = headers.cseq().ok()?;
        let key = ClientKey { branch: via.branch()?.to_owned(), method: cseq.method.as_str().to_owned() };
        let tx = self.clients.find(&key)?;
        self.clients.get(tx).filter(|client| client.seq == cseq.seq).map(|_| tx)
    }

    /// What a response to an INVITE does to dialogs (RFC 3261 12.1.2, 13.2.2).
    fn follow_invite(&mut self, now: Instant, tx: ClientTx, response: &Response, hop: Hop) -> Followed {
        match response.status {
            ..=100 => Followed::News(self.clients.get(tx).and_then(|client| client.dialog)),
            101..=199 => self.follow_progress(now, tx, response, hop),
            200..=299 => self.follow_success(tx, response, hop),
            300.. => {
                let dialog = self.clients.get(tx).and_then(|client| client.dialog);
                self.drop_unconfirmed(tx);
                self.finish_our_invite(tx, dialog);
                Followed::News(dialog)
            }
        }
    }

    /// RFC 3262 4: a provisional response that was sent reliably is acknowledged here, once, and only in its turn; one out of turn is
    /// as if it had never come, and comes again.
    fn follow_progress(&mut self, now: Instant, tx: ClientTx, response: &Response, hop: Hop) -> Followed {
        let dialog = self.fork(tx, response, hop);
        let is_reliable = response.headers.tokens(&HeaderName::Require).iter().any(|tag| tag.eq_ignore_ascii_case("100rel"));
        let rseq = response.headers.number::<u32>(HeaderName::RSeq).ok().flatten();
        let (true, Some(rseq)) = (is_reliable, rseq) else { return Followed::News(dialog) };
        let Some(id) = dialog else { return Followed::Repeated };
        let tag = remote_tag(response);
        let Some(client) = self.clients.get_mut(tx) else { return Followed::Repeated };
        let seq = client.seq;
        let Some(fork) = client.forks_by_remote_tag.get_mut(&tag) else { return Followed::Repeated };
        if fork.rseq.is_some_and(|last| last.checked_add(1) != Some(rseq)) {
            return Followed::Repeated;
        }
        fork.rseq = Some(rseq);
        self.send_prack(now, id, rseq, seq);
        Followed::News(Some(id))
    }

    fn send_prack(&mut self, now: Instant, id: DialogId, rseq: u32, seq: u32) {
        let Some(entry) = self.dialogs.get_mut(id) else { return };
        let mut prack = entry.dialog.request(Method::Prack).with(HeaderName::RAck, format!("{rseq} {seq} INVITE"));
        let hop = entry.dialog.hop();
        let branch = self.dress(&mut prack, &hop);
        self.start_client(now, prack, hop, branch, Audience::Nobody, Some(id));
    }

    fn follow_success(&mut self, tx: ClientTx, response: &Response, hop: Hop) -> Followed {
        let Some(id) = self.fork(tx, response, hop) else { return Followed::Repeated };
        let tag = remote_tag(response);
        let Some(fork) = self.clients.get_mut(tx).and_then(|client| client.forks_by_remote_tag.get_mut(&tag)) else {
            return Followed::Repeated;
        };
        if fork.is_confirmed {
            if let Some((hop, ack)) = fork.ack.clone() {
                self.transmit(hop, ack);
            }
            return Followed::Repeated;
        }
        fork.is_confirmed = true;
        self.finish_our_invite(tx, Some(id));
        match self.dialogs.get_mut(id) {
            Some(entry) => {
                entry.dialog.confirm_by(response);
                entry.unacknowledged = Some(tx);
            }
            None => self.ack_for_the_dead(tx, &tag, response, hop),
        }
        Followed::News(Some(id))
    }

    /// The peer's BYE was faster than its 2xx. Nobody can acknowledge that any more, and without an ACK it would come for
    /// another 32 seconds.
    fn ack_for_the_dead(&mut self, tx: ClientTx, tag: &[u8], response: &Response, hop: Hop) {
        let Some(client) = self.clients.get(tx) else { return };
        let mut dialog = Dialog::of_caller(&client.request, response, &client.hop, hop);
        dialog.confirm_by(response);
        let (mut ack, hop) = (dialog.ack(client.seq), dialog.hop());
        self.dress(&mut ack, &hop);
        let bytes = ack.to_bytes();
        if let Some(fork) = self.clients.get_mut(tx).and_then(|client| client.forks_by_remote_tag.get_mut(tag)) {
            fork.ack = Some((hop, bytes.clone()));
        }
        self.transmit(hop, bytes);
    }

    /// The dialog that a response belongs to; makes it if the To tag is new. `None` without a tag in a provisional response, and
    /// when an INVITE forks more often than it may.
    fn fork(&mut self, tx: ClientTx, response: &Response, hop: Hop) -> Option<DialogId> {
        let tag = remote_tag(response);
        let client = self.clients.get(tx)?;
        if let Some(fork) = client.forks_by_remote_tag.get(&tag) {
            return Some(fork.dialog);
        }
        if tag.is_empty() && response.is_provisional() {
            return client.dialog;
        }
        let has_room = client.forks_by_remote_tag.len() < self.config.limits.dialogs_per_invite;
        let id = match client.dialog {
            Some(id) => id,
            None if has_room && self.dialogs.len() < self.config.limits.dialogs => {
                let dialog = Dialog::of_caller(&client.request, response, &client.hop, hop);
                let id = DialogId(self.next_number());
                self.dialogs.insert(id, dialog);
                id
            }
            None => return None,
        };
        let fork = Fork { dialog: id, is_confirmed: false, rseq: None, ack: None };
        self.clients.get_mut(tx)?.forks_by_remote_tag.insert(tag, fork);
        Some(id)
    }

    /// Early dialogs end with the INVITE that made them.
    pub(super) fn drop_unconfirmed(&mut self, tx: ClientTx) {
        let Some(client) = self.clients.get(tx).filter(|client| client.dialog.is_none()) else { return };
        let unconfirmed: Vec<DialogId> =
            client.forks_by_remote_tag.values().filter(|fork| !fork.is_confirmed).map(|fork| fork.dialog).collect();
        for id in unconfirmed {
            if self.dialogs.get(id).is_some_and(|entry| entry.dialog.state() == DialogState::Early) {
                self.dialogs.remove(id);
            }
        }
    }

    /// The next INVITE in the dialog may be sent, by either side.
    fn finish_our_invite(&mut self, tx: ClientTx, dialog: Option<DialogId>) {
        if let Some(entry) = dialog.and_then(|id| self.dialogs.get_mut(id))
            && entry.our_invite == Some(tx)
        {
            entry.our_invite = None;
        }
    }

    /// RFC 3261 9.1: a CANCEL must not go out before its INVITE was heard of.
    pub(super) fn send_waiting_cancel(&mut self, now: Instant, tx: ClientTx) {
        let Some(client) = self.clients.get_mut(tx) else { return };
        let ClientMachine::Invite(machine) = &mut client.machine else { return };
        let CancelWish::Waiting { reason } = &client.cancel else { return };
        if !machine.is_proceeding() {
            return;
        }
        let cancel = cancel_of(&client.request, reason.as_deref());
        let mut out = Vec::new();
        machine.cancel_sent(&mut out);
        client.cancel = CancelWish::Sent;
        let (branch, hop) = (client.branch.clone(), client.hop);
        self.carry_out_client(now, tx, out);
        self.start_client(now, cancel, hop, branch, Audience::Nobody, None);
    }

    /// Lets the machine of a transaction act, and carries out what it wants.
    pub(super) fn with_client(&mut self, now: Instant, tx: ClientTx, act: impl FnOnce(&mut Client, &mut Vec<Action>)) {
        let mut out = Vec::new();
        if let Some(client) = self.clients.get_mut(tx) {
            act(client, &mut out);
            self.carry_out_client(now, tx, out);
        }
    }

    pub(super) fn carry_out_client(&mut self, now: Instant, tx: ClientTx, actions: Vec<Action>) {
        for action in actions {
            let Some(client) = self.clients.get(tx) else { return };
            let (hop, audience, dialog) = (client.hop, client.audience, client.dialog);
            match action {
                Action::Send(bytes) => self.transmit(hop, bytes),
                Action::Start(timer, length) => self.timers.start(Owner::Client(tx), timer, now + length),
                Action::Stop(timer) => self.timers.stop(Owner::Client(tx), timer),
                Action::TimedOut => {
                    self.finish_our_invite(tx, dialog);
                    if audience == Audience::User {
                        self.events.push_back(EndpointEvent::TimedOut { tx });
                    }
                }
                Action::TransportFailed => {
                    self.finish_our_invite(tx, dialog);
                    if audience == Audience::User {
                        self.events.push_back(EndpointEvent::TransportFailed { tx });
                    }
                }
                // Only servers wait for an ACK or a PRACK.
                Action::AckMissing | Action::PrackMissing => {}
                Action::Terminate => self.end_client(tx),
            }
        }
    }

    fn end_client(&mut self, tx: ClientTx) {
        self.timers.stop_all(Owner::Client(tx));
        self.drop_unconfirmed(tx);
        let Some(client) = self.clients.remove(tx) else { return };
        for id in client.forks_by_remote_tag.values().map(|fork| fork.dialog).chain(client.dialog) {
            let Some(entry) = self.dialogs.get_mut(id) else { continue };
            if entry.unacknowledged == Some(tx) {
                entry.unacknowledged = None;
            }
            if client.method == Method::Bye && entry.is_ending {
                self.dialogs.remove(id);
            }
        }
    }
}

/// What a response to an INVITE means.
enum Followed {
    /// Tell the user, with the dialog.
    News(Option<DialogId>),
    /// It was known.
    Repeated,
}

fn remote_tag(response: &Response) -> Vec<u8> {
    let to = response.headers.address(HeaderName::To).ok();
    to.and_then(|to| to.tag().map(|tag| tag.as_bytes().to_vec())).unwrap_or_default()
}
