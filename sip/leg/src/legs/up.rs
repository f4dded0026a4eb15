//! A leg both sides of which have agreed, until one of them hangs up.

use super::{
    Key, Leg, Next,
    change::Change,
    incoming::{SDP, answer_aside},
    refer::Refer,
    session::Session,
};
use crate::{
    Credentials, End, EndCause, HangUpCause, LegId, reason,
    stack::{Ending, Stack},
};
use carillon_media_sdp::{Direction, LocalMedia, MediaPlan, ProtectionKind, SdpError, Secured, accept_answer, answer, offer};
use carillon_sip_core::{
    ClientTx, DialogId, ServerTx,
    message::{HeaderName, Method, Request, Response},
};
use std::{net::SocketAddr, time::Instant};

pub(crate) struct Up {
    pub(crate) id: LegId,
    /// The phone at the other end; `None` for a trunk.
    pub(crate) phone: Option<String>,
    pub(crate) dialog: DialogId,
    pub(crate) local: LocalMedia,
    pub(crate) media: MediaPlan,
    /// Where the peer signalled from when that was agreed.
    pub(crate) signalled_from: Option<SocketAddr>,
    /// A re-INVITE without an offer got ours: its ACK has the answer.
    pub(super) offered: Option<ServerTx>,
    pub(super) change: Change,
    pub(super) session: Session,
    pub(super) refer: Option<Refer>,
    pub(super) was_referred: bool,
}

/// What a leg begins with on which both sides have agreed.
pub(super) struct Agreed {
    pub(super) id: LegId,
    pub(super) phone: Option<String>,
    pub(super) dialog: DialogId,
    pub(super) local: LocalMedia,
    pub(super) media: MediaPlan,
    pub(super) session: Session,
    /// Who we are to the peer, if it asks.
    pub(super) credentials: Option<Credentials>,
}

impl Up {
    /// A leg on which this was agreed; tells so.
    pub(super) fn agreed(stack: &mut Stack, agreed: Agreed) -> Next {
        let Agreed { id, phone, dialog, local, media, session, credentials } = agreed;
        let local = local.towards(media.remote.ip());
        let signalled_from = stack.tell_answered(id, dialog, &media);
        let (offered, change, refer, was_referred) = (None, Change::proving(credentials), None, false);
        Next::Is(Leg::Up(Up { id, phone, dialog, local, media, signalled_from, offered, change, session, refer, was_referred }))
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        let requests = [self.change.key(), self.session.key(), self.refer.as_ref().and_then(Refer::key)];
        requests.into_iter().flatten().map(Key::Client).chain([Key::Dialog(self.dialog)]).collect()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.change.deadline(), self.session.deadline(), self.refer.as_ref().map(Refer::deadline)].into_iter().flatten().min()
    }

    pub(super) fn deadline_passed(mut self, stack: &mut Stack, now: Instant) -> Next {
        self.change_due(stack, now);
        self.refer_due(stack, now);
        self.session_due(stack, now)
    }

    pub(super) fn response(mut self, stack: &mut Stack, now: Instant, tx: ClientTx, response: &Response) -> Next {
        if self.change.key() == Some(tx) {
            return self.change_answered(stack, now, response);
        }
        if self.session.key() == Some(tx) {
            return self.refresh_answered(stack, now, response);
        }
        self.notify_answered(tx, Some(response.status));
        Next::Is(Leg::Up(self))
    }

    /// RFC 3261 12.2.1.2: a peer that no longer answers in its own dialog has left it. One that only cannot take a NOTIFY has not.
    pub(super) fn unanswered(mut self, stack: &mut Stack, now: Instant, tx: ClientTx) -> Next {
        if [self.change.key(), self.session.key()].contains(&Some(tx)) {
            return lost(stack, now, self.dialog, reason::PEER_LOST);
        }
        self.notify_answered(tx, None);
        Next::Is(Leg::Up(self))
    }

    pub(super) fn set_direction(self, stack: &mut Stack, now: Instant, direction: Direction) -> Next {
        let local = LocalMedia { direction, ..self.change.wanted().unwrap_or(&self.local).clone() };
        match self.change.wanted().is_none() && self.local.direction == direction {
            true => Next::Is(Leg::Up(self)),
            false => self.set_media(stack, now, local),
        }
    }

    /// RFC 3261 has no word for keys; this body is what phones agree on.
    pub(super) fn send_digit(self, stack: &mut Stack, now: Instant, digit: char, duration_ms: u32) -> Next {
        let digit = digit.to_ascii_uppercase();
        if self.media.dtmf_pt.is_none() && matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D') {
            let body = format!("Signal={digit}\r\nDuration={}\r\n", duration_ms.clamp(40, 10_000));
            // One that does not arrive is lost as a tone would be.
            let _ = stack
                .endpoint
                .request_in_dialog(self.dialog, Method::Info)
                .and_then(|info| stack.endpoint.send_in_dialog(now, self.dialog, info.with_body("application/dtmf-relay", body)));
        }
        Next::Is(Leg::Up(self))
    }

    pub(super) fn hang_up(mut self, stack: &mut Stack, now: Instant, cause: &HangUpCause) -> Next {
        self.end_refer(stack, now);
        stack.bye(now, self.dialog, &cause.header());
        let cause = match cause {
            HangUpCause::AnsweredElsewhere => EndCause::AnsweredElsewhere,
            HangUpCause::Normal | HangUpCause::Status { .. } => EndCause::HungUp,
        };
        Next::Over(Ending::new(End::Local, None, cause))
    }

    pub(super) fn request(self, stack: &mut Stack, now: Instant, tx: ServerTx, request: &Request) -> Next {
        match request.method {
            Method::Bye => {
                stack.respond(now, tx, Response::new(200));
                Next::Over(Ending::new(End::Remote, None, EndCause::HungUp))
            }
            Method::Invite => Next::Is(Leg::Up(self.reinvited(stack, now, tx, request))),
            Method::Update => Next::Is(Leg::Up(self.updated(stack, now, tx, request))),
            _ => {
                answer_aside(stack, now, self.id, tx, request);
                Next::Is(Leg::Up(self))
            }
        }
    }

    /// RFC 3261 14.2: the peer holds, resumes or moves. What we cannot do is refused, and the call goes on as it was.
    fn reinvited(mut self, stack: &mut Stack, now: Instant, tx: ServerTx, request: &Request) -> Self {
        if let Some(refusal) = refuse_body(request) {
            stack.respond(now, tx, refusal);
            return self;
        }
        let local = self.next_description();
        if !request.body.is_empty() {
            self.answer_with(stack, now, tx, local, request);
            return self;
        }
        match self.session_of(stack, &request.headers) {
            Err(refusal) => drop(stack.respond(now, tx, refusal)),
            Ok(terms) => {
                let ok = terms.in_response(Response::new(200)).with_body(SDP, offer(&local));
                if stack.reply(now, tx, ok) {
                    self.local = local;
                    self.offered = Some(tx);
                    self.session.granted(now, terms);
                }
            }
        }
        self
    }

    /// RFC 3311 5.2: the peer changes the audio, or only says where it is, without a new INVITE.
    fn updated(mut self, stack: &mut Stack, now: Instant, tx: ServerTx, request: &Request) -> Self {
        if let Some(refusal) = refuse_body(request) {
            stack.respond(now, tx, refusal);
            return self;
        }
        if request.body.is_empty() {
            match self.session_of(stack, &request.headers) {
                Err(refusal) => drop(stack.respond(now, tx, refusal)),
                Ok(terms) => {
                    stack.respond(now, tx, terms.in_response(Response::new(200)));
                    self.session.granted(now, terms);
                    self.follow(stack);
                }
            }
            return self;
        }
        // Two offers at once would have no order.
        if self.offered.is_some() || self.change.is_offering() {
            stack.respond(now, tx, Response::new(491));
            return self;
        }
        let local = self.next_description();
        self.answer_with(stack, now, tx, local, request);
        self
    }

    fn answer_with(&mut self, stack: &mut Stack, now: Instant, tx: ServerTx, local: LocalMedia, request: &Request) {
        let answered = self.answer_of(stack, local, &request.body);
        match answered.and_then(|answered| Ok((answered, self.session_of(stack, &request.headers)?))) {
            Err(refusal) => drop(stack.respond(now, tx, refusal)),
            Ok(((local, body, media), terms)) => {
                if stack.reply(now, tx, terms.in_response(Response::new(200)).with_body(SDP, body)) {
                    self.local = local;
                    self.session.granted(now, terms);
                    self.agree(stack, media);
                }
            }
        }
    }

    /// Our answer. A peer that begins ICE anew gets fresh credentials (RFC 8839 section 4.4.1.1.1).
    fn answer_of(&self, stack: &mut Stack, mut local: LocalMedia, offer: &[u8]) -> Result<(LocalMedia, String, MediaPlan), Response> {
        let refusal = |error: SdpError| Response::new(error.status());
        let (mut body, mut media) = answer(&local, offer).map_err(refusal)?;
        if media.ice_ufrag.is_some() && self.media.ice_ufrag.is_some() && media.ice_ufrag != self.media.ice_ufrag {
            local.protection.ice = Some(stack.fresh_ice());
            (body, media) = answer(&local, offer).map_err(refusal)?;
        }
        Ok((local, body, media))
    }

    fn next_description(&self) -> LocalMedia {
        self.next_description_of(&self.local)
    }

    /// RFC 3264 section 8: each description of ours is a new version. The codec in use comes first and the protection in use is
    /// offered, so that a hold changes neither.
    pub(super) fn next_description_of(&self, wish: &LocalMedia) -> LocalMedia {
        let LocalMedia { session_id, version, .. } = self.local;
        let mut local = LocalMedia { session_id, version: version + 1, ..wish.clone() };
        local.codecs.sort_by_key(|codec| *codec != self.media.codec);
        local.protection.offers = match self.media.secured {
            Secured::No => ProtectionKind::Clear,
            Secured::Sdes { .. } => ProtectionKind::Sdes,
            Secured::Dtls { .. } => ProtectionKind::Dtls,
        };
        local
    }

    /// Only the ACK to an offer of ours matters here. One without a usable answer leaves the audio as it was.
    pub(super) fn acked(mut self, stack: &mut Stack, tx: ServerTx, ack: &Request) -> Next {
        if self.offered == Some(tx) {
            self.offered = None;
            if let Ok(media) = accept_answer(&self.local, &ack.body) {
                self.agree(stack, media);
            }
        }
        Next::Is(Leg::Up(self))
    }

    /// A phone that moved to another network may say the same in its SDP as before: its media has moved all the same.
    pub(super) fn agree(&mut self, stack: &mut Stack, media: MediaPlan) {
        let signalled_from = stack.signalled_from(self.dialog);
        if (&self.media, self.signalled_from) != (&media, signalled_from) {
            self.agree_on_ours(stack, media);
        }
    }

    /// The same where we asked: who ordered it hears of it though nothing be new.
    pub(super) fn agree_on_ours(&mut self, stack: &mut Stack, media: MediaPlan) {
        self.signalled_from = stack.signalled_from(self.dialog);
        stack.tell_changed(self.id, &media, self.signalled_from);
        self.media = media;
    }

    /// The peer spoke in its dialog and changed nothing, but may have moved.
    fn follow(&mut self, stack: &mut Stack) {
        self.agree(stack, self.media.clone());
    }
}

/// The peer is not in its dialog any more.
pub(super) fn lost(stack: &mut Stack, now: Instant, dialog: DialogId, farewell: &str) -> Next {
    stack.bye(now, dialog, farewell);
    Next::Over(Ending::new(End::Network, None, EndCause::PeerLost))
}

/// The 200 was never acknowledged: RFC 3261 13.3.1.4 wants the dialog ended.
pub(super) fn end_without_ack(stack: &mut Stack, now: Instant, dialog: DialogId) -> Next {
    stack.bye(now, dialog, reason::NO_ACK);
    Next::Over(Ending::new(End::Network, None, EndCause::ProtocolError))
}

/// What a request is answered whose body is no session description (415), or that takes none for an answer (406).
pub(crate) fn refuse_body(request: &Request) -> Option<Response> {
    let content_type = request.headers.content_type().ok().flatten();
    let is_sdp = request.body.is_empty() || content_type.is_none_or(|content_type| content_type.media_type == SDP);
    if !is_sdp {
        return Some(Response::new(415).with(HeaderName::Accept, SDP));
    }
    let accepted = request.headers.tokens(&HeaderName::Accept);
    let media_type = |range: &str| range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let takes_sdp = accepted.is_empty() || accepted.iter().any(|range| [SDP, "application/*", "*/*"].contains(&media_type(range).as_str()));
    (!takes_sdp).then(|| Response::new(406))
}
