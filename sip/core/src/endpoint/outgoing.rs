//! Requests out: outside dialogs, inside them, and the ACK, BYE and CANCEL that go with an INVITE.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;

use super::Endpoint;
use super::clients::{Audience, CancelWish, Client, ClientMachine};
use crate::dialog::{DialogId, DialogRole, DialogState};
use crate::message::{CSeq, HeaderName, Host, Method, NameAddr, Request, Via};
use crate::transaction::{ClientTx, InviteClient, NonInviteClient};
use crate::transport::Hop;

/// Hops that a request of ours may take (RFC 3261 8.1.1.6).
const MAX_FORWARDS: u8 = 70;

/// Why a request did not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The dialog has ended, or never was.
    #[error("the dialog is over")]
    NoDialog,
    /// An INVITE of either side is under way in the dialog (RFC 3261 14.1): try again when it has ended.
    #[error("an INVITE is under way in the dialog")]
    InvitePending,
    /// A callee cannot end an early dialog with BYE: it refuses the INVITE (RFC 3261 15).
    #[error("the call is not answered yet: refuse its INVITE")]
    NotAnswered,
    /// There is no 2xx that waits for an ACK.
    #[error("nothing waits for an ACK")]
    NothingToAck,
    /// The table of transactions is full.
    #[error("too many requests under way")]
    Overload,
}

impl Endpoint {
    /// Sends a request outside any dialog. Missing ones of From with tag, To, Call-ID, CSeq, Max-Forwards, Contact (INVITE) and
    /// User-Agent are filled in; Via always is.
    ///
    /// # Errors
    ///
    /// [`SendError::Overload`].
    pub fn send_request(&mut self, now: Instant, mut request: Request, hop: Hop) -> Result<ClientTx, SendError> {
        self.check_room()?;
        let from = match request.headers.from() {
            Ok(from) => from,
            Err(_) => self.contact(&hop),
        };
        if from.tag().is_none() {
            let tag = self.secrets.tag();
            request.headers.set(HeaderName::From, from.with_tag(&tag));
        }
        if !request.headers.has(&HeaderName::To) {
            request.headers.push(HeaderName::To, NameAddr::new(request.uri.clone()));
        }
        if !request.headers.has(&HeaderName::CallId) {
            request.headers.push(HeaderName::CallId, self.secrets.call_id());
        }
        if !request.headers.cseq().is_ok_and(|cseq| cseq.method == request.method) {
            let method = request.method.clone();
            request.headers.set(HeaderName::CSeq, CSeq::new(1, method));
        }
        let branch = self.dress(&mut request, &hop);
        Ok(self.start_client(now, request, hop, branch, Audience::User, None))
    }

    /// The next request of a dialog, ready but for headers and body of the user's own and for what [`Self::send_in_dialog`] adds.
    ///
    /// # Errors
    ///
    /// [`SendError::NoDialog`].
    pub fn request_in_dialog(&mut self, id: DialogId, method: Method) -> Result<Request, SendError> {
        let entry = self.dialogs.get_mut(id).filter(|entry| !entry.is_ending).ok_or(SendError::NoDialog)?;
        Ok(entry.dialog.request(method))
    }

    /// Sends a request made by [`Self::request_in_dialog`] to the dialog's peer. A BYE ends the dialog; [`Self::bye`] also waits
    /// for what it must wait for, and wants no ear for the answer.
    ///
    /// # Errors
    ///
    /// [`SendError::NoDialog`], [`SendError::InvitePending`] for an INVITE that would cross another, [`SendError::Overload`].
    pub fn send_in_dialog(&mut self, now: Instant, id: DialogId, mut request: Request) -> Result<ClientTx, SendError> {
        self.check_room()?;
        let entry = self.dialogs.get(id).filter(|entry| !entry.is_ending).ok_or(SendError::NoDialog)?;
        let (is_invite, is_bye) = (request.method == Method::Invite, request.method == Method::Bye);
        if is_invite && (entry.our_invite.is_some() || entry.peer_invite.is_some() || entry.unacknowledged.is_some()) {
            return Err(SendError::InvitePending);
        }
        let hop = entry.dialog.hop();
        let branch = self.dress(&mut request, &hop);
        let tx = self.start_client(now, request, hop, branch, Audience::User, Some(id));
        if let Some(entry) = self.dialogs.get_mut(id) {
            entry.is_ending = is_bye;
            if is_invite {
                entry.our_invite = Some(tx);
            }
            if is_bye {
                let our_invite = entry.our_invite;
                self.abandon_our_invite(now, our_invite);
            }
        }
        Ok(tx)
    }

    /// Acknowledges the 2xx to an INVITE of ours, and from now on each copy of that 2xx. `body` is the answer, with its content
    /// type, when the 2xx carried the offer.
    ///
    /// # Errors
    ///
    /// [`SendError::NoDialog`], [`SendError::NothingToAck`].
    pub fn ack(&mut self, _now: Instant, id: DialogId, body: Option<(&str, Bytes)>) -> Result<(), SendError> {
        let entry = self.dialogs.get_mut(id).ok_or(SendError::NoDialog)?;
        let tx = entry.unacknowledged.take().ok_or(SendError::NothingToAck)?;
        let client = self.clients.get(tx).ok_or(SendError::NothingToAck)?;
        let mut ack = entry.dialog.ack(client.seq);
        // RFC 3261 22.1: an INVITE that was let in by its credentials has an ACK with the same.
        for name in [HeaderName::Authorization, HeaderName::ProxyAuthorization] {
            ack.headers.copy(&client.request.headers, &name);
        }
        if let Some((content_type, body)) = body {
            ack = ack.with_body(content_type, body);
        }
        let hop = entry.dialog.hop();
        self.dress(&mut ack, &hop);
        let bytes = ack.to_bytes();
        if let Some(fork) =
            self.clients.get_mut(tx).and_then(|client| client.forks_by_remote_tag.values_mut().find(|fork| fork.dialog == id))
        {
            fork.ack = Some((hop, bytes.clone()));
        }
        self.transmit(hop, bytes);
        Ok(())
    }

    /// Ends a dialog with BYE; `reason` is the value of its Reason header (`SIP;cause=200;text="..."`). The dialog is over for the
    /// user at once and no event follows. While our 2xx has no ACK the BYE waits for it, at most 64*T1 (RFC 3261 15).
    ///
    /// # Errors
    ///
    /// [`SendError::NoDialog`] when it has ended already; [`SendError::NotAnswered`] when we have not answered its INVITE.
    pub fn bye(&mut self, now: Instant, id: DialogId, reason: Option<&str>) -> Result<(), SendError> {
        let entry = self.dialogs.get_mut(id).filter(|entry| !entry.is_ending).ok_or(SendError::NoDialog)?;
        if entry.dialog.state() == DialogState::Early && entry.dialog.role() == DialogRole::Callee {
            return Err(SendError::NotAnswered);
        }
        if entry.waiting_bye.is_some() {
            return Err(SendError::NoDialog);
        }
        let invite = entry.peer_invite;
        if invite.and_then(|tx| self.servers.get(tx)).is_some_and(|server| server.awaits_ack()) {
            entry.waiting_bye = Some(reason.map(str::to_owned));
            return Ok(());
        }
        self.close_peer_invite(now, invite);
        self.send_bye(now, id, reason);
        Ok(())
    }

    pub(super) fn send_bye(&mut self, now: Instant, id: DialogId, reason: Option<&str>) {
        let Some(entry) = self.dialogs.get_mut(id) else { return };
        let mut bye = entry.dialog.request(Method::Bye);
        let hop = entry.dialog.hop();
        entry.is_ending = true;
        let our_invite = entry.our_invite;
        if let Some(reason) = reason {
            bye.headers.push(HeaderName::Reason, reason);
        }
        let branch = self.dress(&mut bye, &hop);
        self.start_client(now, bye, hop, branch, Audience::Nobody, Some(id));
        self.abandon_our_invite(now, our_invite);
    }

    /// Sends a BYE that was challenged ([`EndpointEvent::ByeChallenged`](super::EndpointEvent::ByeChallenged)) once more, with the next number
    /// and the proof that was added to it (RFC 3261 22.2).
    pub fn bye_again(&mut self, now: Instant, mut bye: Request, hop: Hop) {
        let last = bye.headers.cseq().map_or(0, |cseq| cseq.seq);
        bye.headers.set(HeaderName::CSeq, CSeq::new(last.saturating_add(1), Method::Bye));
        let branch = self.dress(&mut bye, &hop);
        self.start_client(now, bye, hop, branch, Audience::Nobody, None);
    }

    /// A BYE ended the dialog: an INVITE of ours in it that has no final response need not get one any more, and is waited for as
    /// long as one that was cancelled.
    pub(super) fn abandon_our_invite(&mut self, now: Instant, invite: Option<ClientTx>) {
        let Some(tx) = invite else { return };
        self.with_client(now, tx, |client, out| {
            if let ClientMachine::Invite(machine) = &mut client.machine {
                machine.cancel_sent(out);
            }
        });
    }

    /// Cancels an INVITE of ours, now or as soon as its first provisional response comes (RFC 3261 9.1). Its end is still told by
    /// an event: a 487, another final response, or a 2xx that was faster and wants ACK and BYE. Does nothing to what has ended.
    pub fn cancel(&mut self, now: Instant, tx: ClientTx, reason: Option<&str>) {
        let Some(client) = self.clients.get_mut(tx) else { return };
        if let ClientMachine::Invite(machine) = &client.machine
            && machine.is_unanswered()
            && client.cancel == CancelWish::None
        {
            client.cancel = CancelWish::Waiting { reason: reason.map(str::to_owned) };
            self.send_waiting_cancel(now, tx);
        }
    }

    /// Adds what each request has, and a Via with a fresh branch, which it returns.
    pub(super) fn dress(&mut self, request: &mut Request, hop: &Hop) -> String {
        let branch = self.secrets.branch();
        let address = self.config.reach.advertised(hop);
        let mut via = Via::new(hop.transport.via_token(), Host::Ip(address.ip()), Some(address.port()), &branch);
        via.params.set("rport", None);
        request.headers.remove(&HeaderName::Via);
        request.headers.push_front(HeaderName::Via, via);
        if !request.headers.has(&HeaderName::MaxForwards) {
            request.headers.push(HeaderName::MaxForwards, MAX_FORWARDS);
        }
        if names_our_target(&request.method) && !request.headers.has(&HeaderName::Contact) {
            request.headers.push(HeaderName::Contact, self.contact(hop));
        }
        if offers_a_session(&request.method) {
            if !request.headers.has(&HeaderName::Allow) {
                request.headers.push(HeaderName::Allow, super::admission::allow(&self.config));
            }
            if !self.config.supported.is_empty() && !request.headers.has(&HeaderName::Supported) {
                request.headers.push(HeaderName::Supported, self.config.supported.join(", "));
            }
        }
        if !request.headers.has(&HeaderName::UserAgent) {
            request.headers.push(HeaderName::UserAgent, self.config.server_name.as_str());
        }
        branch
    }

    pub(super) fn start_client(
        &mut self,
        now: Instant,
        request: Request,
        hop: Hop,
        branch: String,
        audience: Audience,
        dialog: Option<DialogId>,
    ) -> ClientTx {
        let tx = ClientTx(self.next_number());
        let bytes = request.to_bytes();
        let reliable = hop.transport.is_reliable();
        let timing = self.config.timing;
        let mut out = Vec::new();
        let machine = if request.method == Method::Invite {
            ClientMachine::Invite(InviteClient::start(bytes, reliable, timing, &mut out))
        } else {
            ClientMachine::NonInvite(NonInviteClient::start(bytes, reliable, timing, &mut out))
        };
        let client = Client {
            machine,
            hop,
            method: request.method.clone(),
            seq: request.headers.cseq().map_or(0, |cseq| cseq.seq),
            request: Request { body: Bytes::new(), ..request },
            branch,
            audience,
            dialog,
            cancel: CancelWish::None,
            forks_by_remote_tag: BTreeMap::new(),
        };
        self.clients.insert(tx, client);
        self.carry_out_client(now, tx, out);
        tx
    }

    fn check_room(&self) -> Result<(), SendError> {
        if self.clients.len() < self.config.limits.client_transactions { Ok(()) } else { Err(SendError::Overload) }
    }
}

/// Whether a request or its 2xx tells where our end of the dialog is to be reached (RFC 3261 12.2, RFC 3311 5, RFC 6665 4.4.1).
pub(super) fn names_our_target(method: &Method) -> bool {
    matches!(method, Method::Invite | Method::Update | Method::Refer | Method::Subscribe | Method::Notify)
}

/// Whether a request is about a session, so that the peer should know what we can do about it.
fn offers_a_session(method: &Method) -> bool {
    matches!(method, Method::Invite | Method::Update)
}
