//! The session timer of a leg that is up (RFC 4028): refreshed by us or by its peer, and ended when neither is heard any more.

use super::{Leg, Next, Up};
use crate::{
    End, EndCause, reason,
    session_timer::{Bounds, Refresher, Terms, wanted_by_422},
    stack::{Ending, Stack},
};
use carillon_sip_core::{
    ClientTx,
    message::{Headers, Method, Request, Response},
};
use std::time::{Duration, Instant};

/// A peer that finds every interval too brief gets none.
const TRIES: u8 = 3;
/// A change of the audio that is under way is a sign of life too, and waited for.
const LATER: Duration = Duration::from_secs(4);

/// How long the session may still stand.
pub(crate) struct Session {
    live: Option<Live>,
    /// Whether the peer takes UPDATE, which disturbs less than an INVITE.
    takes_update: bool,
    under_way: Option<ClientTx>,
    tries: u8,
}

struct Live {
    seconds: u32,
    we_refresh: bool,
    /// When we refresh, or when the peer should have.
    at: Option<Instant>,
}

impl Session {
    /// `we_refresh` is what `terms` mean for us.
    pub(super) fn new(now: Instant, terms: Option<(Terms, bool)>, takes_update: bool) -> Self {
        let mut session = Session { live: None, takes_update, under_way: None, tries: 0 };
        session.agree(now, terms);
        session
    }

    fn agree(&mut self, now: Instant, terms: Option<(Terms, bool)>) {
        self.live = terms.map(|(Terms { seconds, .. }, we_refresh)| {
            let whole = Duration::from_secs(seconds.into());
            // RFC 4028 10: half of the interval, or a little before its end.
            let at = if we_refresh { whole / 2 } else { whole - (whole / 3).min(Duration::from_secs(32)) };
            Live { seconds, we_refresh, at: Some(now + at) }
        });
    }

    pub(super) fn key(&self) -> Option<ClientTx> {
        self.under_way
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.live.as_ref().and_then(|live| live.at)
    }

    /// What a request of ours asks for: the terms as they stand.
    pub(super) fn terms(&self) -> Option<Terms> {
        let refresher = |live: &Live| if live.we_refresh { Refresher::Uac } else { Refresher::Uas };
        self.live.as_ref().map(|live| Terms { seconds: live.seconds, refresher: refresher(live) })
    }

    /// Who refreshes, seen from a request of the peer's.
    fn refreshing(&self) -> Option<Refresher> {
        self.live.as_ref().map(|live| if live.we_refresh { Refresher::Uas } else { Refresher::Uac })
    }

    /// A request of the peer's was accepted on these terms.
    pub(super) fn granted(&mut self, now: Instant, terms: Terms) {
        self.agree(now, Some((terms, terms.refresher == Refresher::Uas)));
    }

    /// The peer accepted a request of ours.
    pub(super) fn accepted(&mut self, now: Instant, response: &Response, least: u32) {
        self.tries = 0;
        self.agree(now, Terms::of_response(response, least).map(|terms| (terms, terms.refresher == Refresher::Uac)));
    }

    /// A 422 names the least the peer takes. Whether it is worth another try.
    pub(super) fn too_brief(&mut self, response: &Response) -> bool {
        self.tries += 1;
        match (&mut self.live, wanted_by_422(response)) {
            (Some(live), Some(least)) if self.tries < TRIES => {
                live.seconds = live.seconds.max(least);
                true
            }
            _ => false,
        }
    }

    /// The peer is there but would not be asked: another interval begins.
    pub(super) fn alive(&mut self, now: Instant) {
        self.under_way = None;
        self.tries = 0;
        if let Some(terms) = self.terms() {
            self.agree(now, Some((terms, terms.refresher == Refresher::Uac)));
        }
    }

    fn put_off(&mut self, until: Option<Instant>) {
        if let Some(live) = &mut self.live {
            live.at = until;
        }
    }
}

impl Up {
    /// The terms for a request of the peer's that may keep the session alive, or its refusal.
    pub(super) fn session_of(&self, stack: &Stack, headers: &Headers) -> Result<Terms, Response> {
        let bounds = stack.session_bounds();
        bounds.refuse(headers).map_or_else(|| Ok(bounds.grant(headers, self.session.refreshing())), Err)
    }

    /// Asks for the session's terms in a request of ours.
    pub(super) fn with_session(&self, stack: &Stack, request: Request) -> Request {
        let Bounds { least, .. } = stack.session_bounds();
        match self.session.terms() {
            Some(terms) => terms.in_request(request, least),
            None => request,
        }
    }

    /// Whether the time of the session has come.
    pub(super) fn session_due(mut self, stack: &mut Stack, now: Instant) -> Next {
        match &self.session.live {
            Some(Live { at: Some(at), we_refresh, .. }) if *at <= now => {
                if !*we_refresh {
                    stack.bye(now, self.dialog, reason::SESSION_EXPIRED);
                    return Next::Over(Ending::new(End::Network, None, EndCause::SessionExpired));
                }
                self.refresh(stack, now);
            }
            _ => {}
        }
        Next::Is(Leg::Up(self))
    }

    /// Tells the peer that we are here, and learns whether it is.
    fn refresh(&mut self, stack: &mut Stack, now: Instant) {
        if self.change.is_offering() || self.offered.is_some() {
            return self.session.put_off(Some(now + LATER));
        }
        self.session.put_off(None);
        if !self.session.takes_update {
            return self.offer_again(stack, now);
        }
        let sent = stack.endpoint.request_in_dialog(self.dialog, Method::Update).and_then(|update| {
            let update = self.with_session(stack, update);
            stack.endpoint.send_in_dialog(now, self.dialog, update)
        });
        match sent {
            Ok(tx) => self.session.under_way = Some(tx),
            Err(_) => self.session.put_off(Some(now + LATER)),
        }
    }

    /// The answer to an UPDATE that refreshed.
    pub(super) fn refresh_answered(mut self, stack: &mut Stack, now: Instant, response: &Response) -> Next {
        if response.is_provisional() {
            return Next::Is(Leg::Up(self));
        }
        self.session.under_way = None;
        match response.status {
            ..=299 => {
                let Bounds { least, .. } = stack.session_bounds();
                self.session.accepted(now, response, least);
            }
            408 | 481 => return super::up::lost(stack, now, self.dialog, reason::PEER_LOST),
            422 => match self.session.too_brief(response) {
                true => self.refresh(stack, now),
                false => self.session.alive(now),
            },
            491 | 500 => self.session.put_off(Some(now + LATER)),
            _ => {
                self.session.takes_update = false;
                self.refresh(stack, now);
            }
        }
        Next::Is(Leg::Up(self))
    }
}
