//! Packets in: garbage, requests that repeat, ACK, CANCEL, and new requests.

use std::time::Instant;

use bytes::Bytes;

use super::admission::{Refusal, inspect};
use super::answer::{answer, merge_key, note_source, server_key};
use super::dialogs::DialogKey;
use super::servers::{MergeKey, NewServer, ServerKey, ServerMachine};
use super::{Endpoint, EndpointEvent};
use crate::dialog::{DialogId, is_same_speaker};
use crate::message::{HeaderName, Message, Method, ParseError, Request, Response, validate, validate_response};
use crate::transaction::{InviteServer, NonInviteServer, ServerTx};
use crate::transport::{Hop, Transport};

/// How much larger than the request an answer over UDP may be that is made without asking anybody: a forged source address must
/// not turn us into an amplifier.
const ANSWER_EXCESS: usize = 1024;

impl Endpoint {
    /// Takes one datagram, or one message framed out of a stream.
    pub fn handle_packet(&mut self, now: Instant, hop: Hop, packet: Bytes) {
        let size = packet.len();
        match Message::parse_datagram(packet) {
            Ok(Message::Request(request)) => match validate(&request) {
                Ok(()) => self.handle_request(now, hop, request, size),
                Err(error) => self.handle_malformed(hop, error, size),
            },
            Ok(Message::Response(response)) => match validate_response(&response) {
                Ok(()) => self.handle_response(now, hop, response),
                Err(error) => self.handle_malformed(hop, error, size),
            },
            Err(error) => self.handle_malformed(hop, error, size),
        }
    }

    fn handle_malformed(&mut self, hop: Hop, error: ParseError, size: usize) {
        match (error.status, error.request) {
            (Some(status), Some(mut request)) if request.method != Method::Ack => {
                self.counters.malformed += 1;
                note_source(&mut request, &hop);
                let response = self.head(&request, &hop, status).with_reason(error.reason);
                self.answer_without_state(hop, &response, size);
            }
            _ => self.counters.garbage += 1,
        }
    }

    fn handle_request(&mut self, now: Instant, hop: Hop, mut request: Request, size: usize) {
        note_source(&mut request, &hop);
        let source = hop.remote.ip();
        if request.method == Method::Ack {
            return self.handle_ack(now, hop, request);
        }
        let Some(key) = server_key(&request, &request.method, source) else {
            self.counters.garbage += 1;
            return;
        };
        if let Some(tx) = self.servers.find(&key) {
            self.counters.repeated += 1;
            self.with_server(now, tx, |server, out| server.handle_retransmission(out));
            return;
        }
        if request.method == Method::Cancel {
            return self.handle_cancel(now, hop, request, key, size);
        }
        match self.admit(&hop, &request, size) {
            Ok(dialog) => self.begin(now, hop, request, key, dialog, size),
            Err(refusal) if refusal.status != 503 && self.is_worth_a_memory(&hop, &request) => {
                self.refuse_with_state(now, hop, &request, key, refusal, size);
            }
            Err(refusal) => self.refuse(hop, &request, refusal, size),
        }
    }

    /// Who may be heard: the checks of RFC 3261 8.2 and 12.2.2 in their order, and the dialog the request belongs to.
    fn admit(&mut self, hop: &Hop, request: &Request, size: usize) -> Result<Option<DialogId>, Refusal> {
        let dialog = self.dialog_of(request).filter(|id| self.speaks_in(*id, hop));
        let is_privileged = dialog.is_some() || self.is_trusted(hop);
        if !self.servers.has_room(hop.remote.ip(), size, is_privileged) {
            return Err(self.overloaded());
        }
        let to_tag = request.headers.to().ok().and_then(|to| to.tag().map(str::to_owned));
        let is_in_dialog = to_tag.is_some() && request.method != Method::Register;
        inspect(request, is_in_dialog, &self.config)?;
        match dialog {
            Some(id) => self.admit_in_dialog(id, request).map(Some),
            None if is_in_dialog => Err(Refusal::new(481)),
            None => self.admit_outside(request),
        }
    }

    fn admit_outside(&mut self, request: &Request) -> Result<Option<DialogId>, Refusal> {
        if merge_key(request).and_then(|key| self.servers.find_merged(&key)).is_some() {
            return Err(Refusal::new(482));
        }
        match request.method {
            Method::Invite if self.dialogs.len() >= self.config.limits.dialogs => Err(self.overloaded()),
            Method::Bye | Method::Info | Method::Prack | Method::Update => Err(Refusal::new(481)),
            _ => Ok(None),
        }
    }

    fn admit_in_dialog(&mut self, id: DialogId, request: &Request) -> Result<DialogId, Refusal> {
        let seq = request.headers.cseq().map_or(0, |cseq| cseq.seq);
        let retry_after = self.secrets.retry_after();
        let Some(entry) = self.dialogs.get_mut(id) else { return Err(Refusal::new(481)) };
        if entry.is_ending && request.method != Method::Bye {
            return Err(Refusal::new(481));
        }
        if entry.dialog.accept_seq(seq).is_err() {
            return Err(Refusal::new(500));
        }
        let peer_invite = entry.peer_invite;
        if request.method == Method::Invite {
            if peer_invite.and_then(|tx| self.servers.get(tx)).is_some_and(|server| server.is_unanswered()) {
                return Err(Refusal::with(500, HeaderName::RetryAfter, retry_after.to_string()));
            }
            // Crosses an INVITE of ours (RFC 3261 14.2), or comes before the ACK to our last 2xx (RFC 5407 3.1.4).
            if entry.our_invite.is_some() || peer_invite.is_some() {
                return Err(Refusal::new(491));
            }
        }
        Ok(id)
    }

    /// Whether every copy of a request that is refused must get the same answer, though what it is refused for may change meanwhile: it
    /// comes from somebody we know. Strangers get no state.
    fn is_worth_a_memory(&self, hop: &Hop, request: &Request) -> bool {
        let is_peer = |id: DialogId| self.dialogs.get(id).is_some_and(|entry| entry.dialog.is_from_peer(hop));
        self.is_trusted(hop) || self.dialog_of(request).is_some_and(is_peer)
    }

    fn refuse_with_state(&mut self, now: Instant, hop: Hop, request: &Request, key: ServerKey, refusal: Refusal, size: usize) {
        self.counters.refused += 1;
        // No dialog: that one of the request's own goes on as if it had not come.
        let tx = self.enter(now, hop, request, key, None, None, size);
        let response = Response::new(refusal.status);
        let response = match refusal.header {
            Some((name, value)) => response.with(name, value),
            None => response,
        };
        let _ = self.respond(now, tx, response);
    }

    /// A new request has passed: give it a transaction and tell the user.
    fn begin(&mut self, now: Instant, hop: Hop, request: Request, key: ServerKey, dialog: Option<DialogId>, size: usize) {
        let merge_key = if dialog.is_none() { merge_key(&request) } else { None };
        let tx = self.enter(now, hop, &request, key, dialog, merge_key, size);
        self.announce(now, tx, request, hop, dialog);
    }

    /// Gives a request a transaction.
    #[expect(clippy::too_many_arguments, reason = "what a transaction is made of")]
    fn enter(
        &mut self,
        now: Instant,
        hop: Hop,
        request: &Request,
        key: ServerKey,
        dialog: Option<DialogId>,
        merge_key: Option<MergeKey>,
        size: usize,
    ) -> ServerTx {
        let tx = ServerTx(self.next_number());
        let reliable = hop.transport.is_reliable();
        let timing = self.config.timing;
        let to_tag = self.secrets.to_tag(request, &hop);
        let mut out = Vec::new();
        let machine = if request.method == Method::Invite {
            let trying = answer(request, 100, "", &self.config.server_name).to_bytes();
            ServerMachine::Invite(InviteServer::start(trying, reliable, timing, &mut out))
        } else {
            ServerMachine::NonInvite(NonInviteServer::start(reliable, timing, &mut out))
        };
        let new = NewServer {
            machine,
            hop,
            request: Request { body: Bytes::new(), ..request.clone() },
            to_tag,
            dialog,
            seq: request.headers.cseq().map_or(0, |cseq| cseq.seq),
            key,
            merge_key,
            is_privileged: dialog.is_some() || self.is_trusted(&hop),
            size,
        };
        self.servers.insert(tx, new);
        self.carry_out_server(now, tx, out);
        tx
    }

    fn announce(&mut self, now: Instant, tx: ServerTx, request: Request, hop: Hop, dialog: Option<DialogId>) {
        if let Some(id) = dialog {
            self.follow_flow(id, hop);
            match request.method {
                Method::Invite => {
                    if let Some(entry) = self.dialogs.get_mut(id) {
                        entry.peer_invite = Some(tx);
                    }
                }
                Method::Bye => return self.handle_bye(now, tx, request, hop, id),
                Method::Prack if !self.acknowledge_progress(now, id, &request) => return self.answer_for_user(now, tx, 481),
                _ => {}
            }
        }
        self.events.push_back(EndpointEvent::Request { tx, request, hop, dialog });
    }

    /// RFC 3262 3: whether a PRACK is for the provisional response that waits for one.
    fn acknowledge_progress(&mut self, now: Instant, id: DialogId, prack: &Request) -> bool {
        let Ok(rack) = prack.headers.rack() else { return false };
        let invite = self.dialogs.get(id).and_then(|entry| entry.peer_invite);
        let invite = invite.filter(|tx| self.servers.get(*tx).is_some_and(|server| server.seq == rack.seq));
        let mut is_awaited = false;
        if let Some(tx) = invite.filter(|_| rack.method == Method::Invite) {
            self.with_server(now, tx, |server, out| is_awaited = server.handle_prack(rack.rseq, out));
        }
        is_awaited
    }

    /// RFC 3261 15.1.2. A BYE that crosses ours is answered here: its dialog has ended for the user already.
    fn handle_bye(&mut self, now: Instant, tx: ServerTx, request: Request, hop: Hop, id: DialogId) {
        if self.dialogs.get(id).is_some_and(|entry| entry.is_ending) {
            self.answer_for_user(now, tx, 200);
            return;
        }
        if let Some(entry) = self.dialogs.remove(id) {
            self.close_peer_invite(now, entry.peer_invite);
            self.abandon_our_invite(now, entry.our_invite);
        }
        self.events.push_back(EndpointEvent::Request { tx, request, hop, dialog: Some(id) });
    }

    /// A BYE ended the dialog: an INVITE in it that has no answer gets 487, a 2xx is no longer repeated.
    pub(super) fn close_peer_invite(&mut self, now: Instant, invite: Option<ServerTx>) {
        let Some(tx) = invite else { return };
        if self.servers.get(tx).is_some_and(|server| server.is_unanswered()) {
            self.answer_for_user(now, tx, 487);
        } else {
            self.with_server(now, tx, |server, out| {
                if let ServerMachine::Invite(machine) = &mut server.machine {
                    machine.handle_ack_of_success(out);
                }
            });
        }
    }

    /// An ACK belongs to its INVITE by branch if that was refused, by dialog if it was accepted. Peers of RFC 2543, and many
    /// test tools, repeat the branch in both cases.
    fn handle_ack(&mut self, now: Instant, hop: Hop, ack: Request) {
        let by_branch = server_key(&ack, &Method::Invite, hop.remote.ip()).and_then(|key| self.servers.find(&key));
        if let Some(tx) = by_branch
            && !self.servers.get(tx).is_some_and(|server| server.is_accepted())
        {
            self.with_server(now, tx, |server, out| {
                if let ServerMachine::Invite(machine) = &mut server.machine {
                    machine.handle_ack(out);
                }
            });
            return;
        }
        let Some(id) = self.dialog_of(&ack) else {
            self.counters.stray += 1;
            return;
        };
        if !self.speaks_in(id, &hop) {
            return;
        }
        let seq = ack.headers.cseq().map_or(0, |cseq| cseq.seq);
        let invite = self.dialogs.get(id).and_then(|entry| entry.peer_invite);
        match invite.filter(|tx| self.servers.get(*tx).is_some_and(|server| server.seq == seq)) {
            Some(tx) => self.acknowledge(now, id, tx, ack),
            None => self.counters.repeated += 1,
        }
    }

    fn acknowledge(&mut self, now: Instant, id: DialogId, tx: ServerTx, ack: Request) {
        let mut is_first = false;
        self.with_server(now, tx, |server, out| {
            if let ServerMachine::Invite(machine) = &mut server.machine {
                is_first = machine.handle_ack_of_success(out);
            }
        });
        if !is_first {
            self.counters.repeated += 1;
            return;
        }
        let Some(entry) = self.dialogs.get_mut(id) else { return };
        entry.peer_invite = None;
        match entry.waiting_bye.take() {
            Some(reason) => self.send_bye(now, id, reason.as_deref()),
            None => self.events.push_back(EndpointEvent::Acked { dialog: id, tx, ack }),
        }
    }

    /// RFC 3261 9.2. The CANCEL gets 200 whatever became of its INVITE; an unanswered INVITE gets 487.
    fn handle_cancel(&mut self, now: Instant, hop: Hop, cancel: Request, key: ServerKey, size: usize) {
        let invite = server_key(&cancel, &Method::Invite, hop.remote.ip()).and_then(|key| self.servers.find(&key));
        let Some((tx, server)) = invite.and_then(|tx| Some((tx, self.servers.get(tx)?))) else {
            return self.refuse(hop, &cancel, Refusal::new(481), size);
        };
        if !is_same_speaker(&server.hop, &hop) {
            self.counters.forged += 1;
            return self.refuse(hop, &cancel, Refusal::new(481), size);
        }
        let is_unanswered = server.is_unanswered();
        let to_tag = server.to_tag.clone();
        if self.servers.has_room(hop.remote.ip(), size, true) {
            // A copy that comes when the INVITE is forgotten gets the same answer.
            let own = self.enter(now, hop, &cancel, key, None, None, size);
            if let Some(server) = self.servers.get_mut(own) {
                server.to_tag = to_tag;
            }
            self.answer_for_user(now, own, 200);
        } else {
            let response = answer(&cancel, 200, &to_tag, &self.config.server_name);
            self.answer_without_state(hop, &response, size);
        }
        if is_unanswered && self.respond(now, tx, Response::new(487)).is_ok() {
            self.events.push_back(EndpointEvent::Cancelled { tx, request: cancel });
        }
    }

    /// The dialog a request names with its tags, whoever sent it.
    fn dialog_of(&self, request: &Request) -> Option<DialogId> {
        let to = request.headers.to().ok()?;
        let from = request.headers.from().ok()?;
        self.dialogs.find(&DialogKey {
            call_id: request.headers.get(&HeaderName::CallId)?.to_vec(),
            local_tag: to.tag()?.as_bytes().to_vec(),
            remote_tag: from.tag().unwrap_or_default().as_bytes().to_vec(),
        })
    }

    fn speaks_in(&mut self, id: DialogId, hop: &Hop) -> bool {
        let is_peer = self.dialogs.get(id).is_some_and(|entry| entry.dialog.is_from_peer(hop));
        if !is_peer {
            self.counters.forged += 1;
        }
        is_peer
    }

    /// A peer whose connection broke comes back by a new one; what we send follows it.
    fn follow_flow(&mut self, id: DialogId, hop: Hop) {
        if let Some(entry) = self.dialogs.get_mut(id)
            && hop.transport.is_stream()
            && entry.dialog.hop().transport.is_stream()
        {
            entry.dialog.move_to(hop);
        }
    }

    fn overloaded(&mut self) -> Refusal {
        self.counters.overload += 1;
        Refusal::with(503, HeaderName::RetryAfter, (1 + self.secrets.retry_after()).to_string())
    }

    /// Refuses without a transaction. The To tag and the answer are the same for every copy of the request.
    fn refuse(&mut self, hop: Hop, request: &Request, refusal: Refusal, size: usize) {
        if refusal.status != 503 {
            self.counters.refused += 1;
        }
        let mut response = self.head(request, &hop, refusal.status);
        if let Some((name, value)) = refusal.header {
            response.headers.push(name, value);
        }
        self.answer_without_state(hop, &response, size);
    }

    /// Says what the rules say; that nobody waits for it any more is no harm.
    fn answer_for_user(&mut self, now: Instant, tx: ServerTx, status: u16) {
        let _ = self.respond(now, tx, Response::new(status));
    }

    fn head(&self, request: &Request, hop: &Hop, status: u16) -> Response {
        answer(request, status, &self.secrets.to_tag(request, hop), &self.config.server_name)
    }

    fn answer_without_state(&mut self, hop: Hop, response: &Response, size: usize) {
        let bytes = response.to_bytes();
        if hop.transport == Transport::Udp && bytes.len() > size + ANSWER_EXCESS {
            self.counters.oversized += 1;
            return;
        }
        self.transmit(hop, bytes);
    }
}
