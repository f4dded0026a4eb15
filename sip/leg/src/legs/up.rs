//! A leg both sides of which have agreed, until one of them hangs up.

use super::{
    Leg, Next,
    incoming::{Digits, SDP, answer_aside},
};
use crate::{
    End, EndCause, HangUpCause, LegId, reason,
    stack::{Ending, Stack},
};
use carillon_media_sdp::{LocalMedia, MediaPlan, accept_answer, answer, offer};
use carillon_sip_core::{
    DialogId, ServerTx,
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
    pub(crate) offered: Option<ServerTx>,
}

impl Up {
    pub(super) fn hang_up(self, stack: &mut Stack, now: Instant, cause: &HangUpCause) -> Next {
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
            _ => {
                let digits = if self.media.dtmf_pt.is_some() { Digits::InMedia } else { Digits::ByInfo };
                answer_aside(stack, now, self.id, tx, request, digits);
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
        if request.body.is_empty() {
            if stack.respond(now, tx, Response::new(200).with_body(SDP, offer(&local))).is_some() {
                self.local = local;
                self.offered = Some(tx);
            }
            return self;
        }
        match answer(&local, &request.body) {
            Err(error) => {
                stack.respond(now, tx, Response::new(error.status()));
            }
            Ok((body, media)) => {
                if stack.respond(now, tx, Response::new(200).with_body(SDP, body)).is_some() {
                    self.local = local;
                    self.agree(stack, media);
                }
            }
        }
        self
    }

    /// RFC 3264 section 8: each description of ours is a new version. The codec in use comes first, so that a hold does not
    /// change it.
    fn next_description(&self) -> LocalMedia {
        let mut local = LocalMedia { version: self.local.version + 1, ..self.local.clone() };
        local.codecs.sort_by_key(|codec| *codec != self.media.codec);
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
    fn agree(&mut self, stack: &mut Stack, media: MediaPlan) {
        let signalled_from = stack.signalled_from(self.dialog);
        if (&self.media, self.signalled_from) != (&media, signalled_from) {
            stack.tell_changed(self.id, &media, signalled_from);
            (self.media, self.signalled_from) = (media, signalled_from);
        }
    }
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
