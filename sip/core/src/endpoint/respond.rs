//! Answering requests: filling in the head, and the dialogs that answers to INVITE make.

use std::time::Instant;

use super::admission::allow;
use super::answer::answer;
use super::outgoing::names_our_target;
use super::{Endpoint, EndpointEvent, Owner};
use crate::dialog::{Dialog, DialogId};
use crate::message::{HeaderName, Method, NameAddr, Request, Response};
use crate::transaction::{Action, ServerTx};
use crate::transport::Hop;

use super::servers::Server;

/// Why a response did not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RespondError {
    /// The request was cancelled, its connection or dialog is gone, or it has a final response already.
    #[error("the request no longer wants an answer")]
    Over,
    /// A reliable provisional response waits for its PRACK: the next may not go out before (RFC 3262 3).
    #[error("a provisional response waits for its PRACK")]
    PrackPending,
    /// A status outside 100 to 699.
    #[error("{0} is no status of a response")]
    NoStatus(u16),
}

impl Endpoint {
    /// Answers a request. Of `response` only status, reason, body and headers of the user's own are taken.
    ///
    /// Returns the dialog that the answer to an INVITE made or belongs to; `None` for a 100, a failure or another method.
    ///
    /// # Errors
    ///
    /// [`RespondError::Over`] when nobody waits for the answer any more, which can happen at any time.
    pub fn respond(&mut self, now: Instant, tx: ServerTx, response: Response) -> Result<Option<DialogId>, RespondError> {
        if !(100..700).contains(&response.status) {
            return Err(RespondError::NoStatus(response.status));
        }
        self.send_response(now, tx, response, false)
    }

    /// Sends a provisional response (101 to 199) to an INVITE reliably (RFC 3262): with an RSeq, again and again until its PRACK comes
    /// as an [`EndpointEvent::Request`], or [`EndpointEvent::PrackMissing`] after 64*T1. Only for a caller that says it knows `100rel`.
    /// A final response stops it.
    ///
    /// # Errors
    ///
    /// As [`Self::respond`]; [`RespondError::PrackPending`] while an earlier one waits for its PRACK.
    pub fn respond_reliably(&mut self, now: Instant, tx: ServerTx, response: Response) -> Result<Option<DialogId>, RespondError> {
        if !(101..200).contains(&response.status) {
            return Err(RespondError::NoStatus(response.status));
        }
        let first = self.secrets.rseq();
        let server = self.servers.get_mut(tx).filter(|server| server.is_unanswered()).ok_or(RespondError::Over)?;
        if server.awaits_prack() {
            return Err(RespondError::PrackPending);
        }
        server.rseq = if server.rseq == 0 { first } else { server.rseq + 1 };
        let response = response.with(HeaderName::Require, "100rel").with(HeaderName::RSeq, server.rseq);
        self.send_response(now, tx, response, true)
    }

    fn send_response(&mut self, now: Instant, tx: ServerTx, response: Response, reliably: bool) -> Result<Option<DialogId>, RespondError> {
        let status = response.status;
        let server = self.servers.get(tx).filter(|server| server.is_unanswered()).ok_or(RespondError::Over)?;
        let (hop, known_dialog, is_invite) = (server.hop, server.dialog, server.is_invite());
        let to_tag = server.to_tag.clone();
        let request = server.request.clone().ok_or(RespondError::Over)?;

        let makes_dialog = is_invite && (101..300).contains(&status);
        let bytes = self.complete(&request, response, &to_tag, &hop, makes_dialog).to_bytes();
        self.with_server(now, tx, |server, out| {
            let _ = if reliably { server.respond_reliably(bytes.clone(), out) } else { server.respond(status, bytes.clone(), out) };
        });
        if status >= 200 {
            self.servers.release_request(tx, status, &bytes);
        }
        if request.method == Method::Update && (200..300).contains(&status) {
            self.follow_target(known_dialog, &request);
        }
        if !is_invite {
            return Ok(None);
        }
        match status {
            ..=100 => Ok(None),
            101..=299 => {
                let id = known_dialog.unwrap_or_else(|| self.make_dialog(tx, &request, &to_tag, hop));
                if status >= 200 {
                    self.confirm_dialog(id, &request);
                }
                Ok(Some(id))
            }
            300.. => {
                self.refused_invite(tx, known_dialog);
                Ok(None)
            }
        }
    }

    /// Fills in what is ours to say.
    fn complete(&self, request: &Request, user: Response, to_tag: &str, hop: &Hop, makes_dialog: bool) -> Response {
        let mut response = answer(request, user.status, to_tag, &self.config.server_name);
        response.reason = user.reason;
        let is_success = (200..300).contains(&user.status);
        if makes_dialog {
            response.headers.copy(&request.headers, &HeaderName::RecordRoute);
        }
        if (makes_dialog || is_success && names_our_target(&request.method)) && !user.headers.has(&HeaderName::Contact) {
            response.headers.push(HeaderName::Contact, self.contact(hop));
        }
        let tells_methods = is_success && matches!(request.method, Method::Invite | Method::Update | Method::Options);
        if tells_methods && !user.headers.has(&HeaderName::Allow) {
            response.headers.push(HeaderName::Allow, allow(&self.config));
        }
        if tells_methods && !self.config.supported.is_empty() && !user.headers.has(&HeaderName::Supported) {
            response.headers.push(HeaderName::Supported, self.config.supported.join(", "));
        }
        for (name, value) in user.headers.iter().filter(|(name, _)| !is_ours(name)) {
            response.headers.push(name.clone(), value);
        }
        response.body = user.body;
        response
    }

    /// Our address as a peer on this hop may use it.
    pub(super) fn contact(&self, hop: &Hop) -> NameAddr {
        self.config.reach.contact(hop)
    }

    fn make_dialog(&mut self, tx: ServerTx, request: &Request, to_tag: &str, hop: Hop) -> DialogId {
        let id = DialogId(self.next_number());
        self.dialogs.insert(id, Dialog::of_callee(request, to_tag, hop));
        if let Some(entry) = self.dialogs.get_mut(id) {
            entry.peer_invite = Some(tx);
        }
        if let Some(server) = self.servers.get_mut(tx) {
            server.dialog = Some(id);
        }
        id
    }

    fn confirm_dialog(&mut self, id: DialogId, request: &Request) {
        if let Some(entry) = self.dialogs.get_mut(id) {
            entry.dialog.confirm();
        }
        self.follow_target(Some(id), request);
    }

    /// A target refresh request that we accepted says where the peer wants to be addressed (RFC 3261 12.2.2, RFC 3311 5.2).
    fn follow_target(&mut self, dialog: Option<DialogId>, request: &Request) {
        if let Some(entry) = dialog.and_then(|id| self.dialogs.get_mut(id)) {
            entry.dialog.refresh_target(&request.headers);
        }
    }

    /// An early dialog ends with its INVITE (RFC 3261 12.3); one that was confirmed before stays as it was.
    fn refused_invite(&mut self, tx: ServerTx, dialog: Option<DialogId>) {
        let Some(id) = dialog else { return };
        let Some(entry) = self.dialogs.get_mut(id) else { return };
        if entry.peer_invite == Some(tx) {
            entry.peer_invite = None;
        }
        if entry.dialog.state() == crate::dialog::DialogState::Early {
            self.dialogs.remove(id);
        }
    }

    /// Lets the machine of a transaction act, and carries out what it wants.
    pub(super) fn with_server(&mut self, now: Instant, tx: ServerTx, act: impl FnOnce(&mut Server, &mut Vec<Action>)) {
        let mut out = Vec::new();
        if let Some(server) = self.servers.get_mut(tx) {
            act(server, &mut out);
            self.carry_out_server(now, tx, out);
        }
    }

    pub(super) fn carry_out_server(&mut self, now: Instant, tx: ServerTx, actions: Vec<Action>) {
        for action in actions {
            let Some(server) = self.servers.get(tx) else { return };
            let (hop, dialog) = (server.hop, server.dialog);
            match action {
                Action::Send(bytes) => self.transmit(hop, bytes),
                Action::Start(timer, length) => self.timers.start(Owner::Server(tx), timer, now + length),
                Action::Stop(timer) => self.timers.stop(Owner::Server(tx), timer),
                Action::AckMissing => self.ack_missing(now, tx, dialog),
                Action::TransportFailed => {
                    self.refused_invite(tx, dialog);
                    self.events.push_back(EndpointEvent::CallerLost { tx });
                }
                Action::PrackMissing => self.events.push_back(EndpointEvent::PrackMissing { tx }),
                // Server transactions do not time out: their users do.
                Action::TimedOut => {}
                Action::Terminate => {
                    self.timers.stop_all(Owner::Server(tx));
                    self.servers.remove(tx);
                }
            }
        }
    }

    fn ack_missing(&mut self, now: Instant, tx: ServerTx, dialog: Option<DialogId>) {
        let Some(id) = dialog else { return };
        let Some(entry) = self.dialogs.get_mut(id) else { return };
        entry.peer_invite = None;
        match entry.waiting_bye.take() {
            Some(reason) => self.send_bye(now, id, reason.as_deref()),
            None => self.events.push_back(EndpointEvent::AckMissing { dialog: id, tx }),
        }
    }
}

fn is_ours(name: &HeaderName) -> bool {
    use HeaderName::{CSeq, CallId, From, RecordRoute, Server, To, Via};
    matches!(name, Via | From | To | CallId | CSeq | RecordRoute | Server)
}
