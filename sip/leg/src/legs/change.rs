//! Changes of a leg's audio that we order: one re-INVITE at a time, the newest wish last (RFC 3261 14.1).

use super::{Leg, Next, Up, up::lost};
use crate::{Credentials, Event, reason, session_timer::Bounds, stack::Stack};
use carillon_media_sdp::{LocalMedia, accept_answer, offer};
use carillon_sip_core::{
    ClientTx, DialogRole, SendError,
    message::{HeaderName, Method, Response},
};
use std::time::{Duration, Instant};

/// A peer that is busy with offers of its own for so long does not want ours.
const TRIES: u8 = 8;
/// A peer that has said nothing final by then is asked no longer: a change of audio needs nobody's consent.
const PATIENCE: Duration = Duration::from_secs(32);

/// What we want changed, and how far that is.
#[derive(Default)]
pub(crate) struct Change {
    /// What is wanted next.
    wish: Option<LocalMedia>,
    /// The same as before is to be offered once more, as a sign of life.
    again: bool,
    under_way: Option<UnderWay>,
    /// When the wish is tried again: an offer of the peer's was in its way.
    retry_at: Option<Instant>,
    tries: u8,
    /// Who we are to the peer, if it asks: some trunks challenge every INVITE.
    credentials: Option<Credentials>,
    /// The answer to the last challenge, for the INVITE that comes next.
    proof: Option<(HeaderName, String)>,
}

struct UnderWay {
    tx: ClientTx,
    local: LocalMedia,
    /// It only shows that we are there: nobody ordered it and nobody hears of it.
    is_again: bool,
    /// Its Request-URI, which a proof is made of.
    uri: String,
    is_proven: bool,
    /// When it is given up; `None` once it was.
    until: Option<Instant>,
}

impl Change {
    pub(super) fn proving(credentials: Option<Credentials>) -> Self {
        Change { credentials, ..Change::default() }
    }

    pub(super) fn account(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    pub(super) fn key(&self) -> Option<ClientTx> {
        self.under_way.as_ref().map(|change| change.tx)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.retry_at, self.under_way.as_ref().and_then(|change| change.until)].into_iter().flatten().min()
    }

    /// Whether an offer of ours waits for its answer.
    pub(super) fn is_offering(&self) -> bool {
        self.under_way.is_some()
    }

    /// Our side as it will be once everything wanted was agreed.
    pub(super) fn wanted(&self) -> Option<&LocalMedia> {
        let under_way = self.under_way.as_ref().filter(|change| !change.is_again);
        self.wish.as_ref().or(under_way.map(|change| &change.local))
    }
}

impl Up {
    /// Wants our side of the audio to be like this, as soon as the peer can be asked.
    pub(super) fn set_media(mut self, stack: &mut Stack, now: Instant, local: LocalMedia) -> Next {
        let peer = stack.signalled_from(self.dialog);
        self.change.wish = Some(peer.map_or(local.clone(), |peer| stack.config.seen_by(peer.ip(), &local)));
        self.change.tries = 0;
        if self.change.under_way.is_none() && self.change.retry_at.is_none() {
            self.offer_wish(stack, now);
        }
        Next::Is(Leg::Up(self))
    }

    /// Offers once more what holds, for a peer that knows no UPDATE.
    pub(super) fn offer_again(&mut self, stack: &mut Stack, now: Instant) {
        self.change.again = true;
        if self.change.under_way.is_none() && self.change.retry_at.is_none() {
            self.offer_wish(stack, now);
        }
    }

    /// Offers what is wanted, or waits for a better moment.
    fn offer_wish(&mut self, stack: &mut Stack, now: Instant) {
        self.change.retry_at = None;
        let local = match &self.change.wish {
            Some(wish) => self.next_description_of(wish),
            None if self.change.again => self.local.clone(),
            None => return,
        };
        let proof = self.change.proof.take();
        let is_proven = proof.is_some();
        let sent = stack.endpoint.request_in_dialog(self.dialog, Method::Invite).and_then(|request| {
            let mut request = self.with_session(stack, request).with_body(super::SDP, offer(&local));
            proof.into_iter().for_each(|(name, value)| request.headers.push(name, value));
            let uri = request.uri.to_string();
            Ok((stack.endpoint.send_in_dialog(now, self.dialog, request)?, uri))
        });
        match sent {
            Ok((tx, uri)) => {
                // Any INVITE is a sign of life.
                self.change.again = false;
                let is_again = self.change.wish.take().is_none();
                self.change.under_way = Some(UnderWay { tx, local, is_again, uri, is_proven, until: Some(now + PATIENCE) });
            }
            Err(SendError::InvitePending | SendError::Overload) => self.try_again(stack, now, 491),
            // The leg is about to end.
            Err(SendError::NoDialog | SendError::NotAnswered | SendError::NothingToAck) => {}
        }
    }

    /// RFC 3261 14.1: whoever made the Call-ID waits 2.1 to 4 seconds, the other up to 2, so that they do not meet again.
    fn try_again(&mut self, stack: &mut Stack, now: Instant, status: u16) {
        self.change.tries += 1;
        if self.change.tries >= TRIES {
            if self.change.wish.take().is_some() {
                self.tell_refused(stack, Some(status));
            }
            if std::mem::take(&mut self.change.again) {
                self.session.alive(now);
            }
            return;
        }
        let is_caller = stack.endpoint.dialog(self.dialog).is_some_and(|dialog| dialog.role() == DialogRole::Caller);
        let tens = if is_caller { 210 + stack.roll(191) } else { stack.roll(201) };
        self.change.retry_at = Some(now + Duration::from_millis(u64::from(tens) * 10));
    }

    pub(super) fn change_answered(mut self, stack: &mut Stack, now: Instant, response: &Response) -> Next {
        if response.is_provisional() {
            return Next::Is(Leg::Up(self));
        }
        let Some(UnderWay { local, is_again, uri, is_proven, .. }) = self.change.under_way.take() else { return Next::Is(Leg::Up(self)) };
        match response.status {
            ..=299 => {
                let _ = stack.endpoint.ack(now, self.dialog, None);
                let Bounds { least, .. } = stack.session_bounds();
                self.session.accepted(now, response, least);
                match accept_answer(&local, &response.body) {
                    Ok(media) if is_again => self.agree(stack, media),
                    Ok(media) => {
                        self.local = local;
                        self.agree_on_ours(stack, media);
                    }
                    // The peer agreed to something we cannot read: the audio stays as it was.
                    Err(_) if is_again => {}
                    Err(_) => self.tell_refused(stack, Some(response.status)),
                }
            }
            491 => {
                self.want_again(local, is_again);
                self.try_again(stack, now, 491);
                return Next::Is(Leg::Up(self));
            }
            401 | 407 if !is_proven && self.proves(stack, response, &uri) => self.want_again(local, is_again),
            422 if self.session.too_brief(response) => self.want_again(local, is_again),
            408 | 481 => return lost(stack, now, self.dialog, reason::PEER_LOST),
            _ if is_again => self.session.alive(now),
            status => self.tell_refused(stack, Some(status)),
        }
        if self.change.wish.is_some() || self.change.again {
            self.change.tries = 0;
            self.offer_wish(stack, now);
        }
        Next::Is(Leg::Up(self))
    }

    /// Answers a challenge of the peer's, if it is of our realm there. Whether it was.
    fn proves(&mut self, stack: &mut Stack, challenged: &Response, uri: &str) -> bool {
        let Some(credentials) = &self.change.credentials else { return false };
        let cnonce = stack.endpoint.new_tag();
        self.change.proof = credentials.answer(challenged, &Method::Invite, uri, &cnonce);
        self.change.proof.is_some()
    }

    /// What was refused for its moment only is wanted still, unless something newer is.
    fn want_again(&mut self, local: LocalMedia, is_again: bool) {
        match is_again {
            true => self.change.again = true,
            false => drop(self.change.wish.get_or_insert(local)),
        }
    }

    /// The time has come to try again, or to wait no longer.
    pub(super) fn change_due(&mut self, stack: &mut Stack, now: Instant) {
        if self.change.retry_at.is_some_and(|at| at <= now) {
            self.offer_wish(stack, now);
        }
        if let Some(change) = self.change.under_way.as_mut().filter(|change| change.until.is_some_and(|until| until <= now)) {
            change.until = None;
            // Its end is still told: a 487, or the answer that was on its way.
            stack.endpoint.cancel(now, change.tx, None);
        }
    }

    fn tell_refused(&self, stack: &mut Stack, status: Option<u16>) {
        stack.events.push_back(Event::MediaChangeRefused { leg: self.id, status });
    }
}
