//! An outgoing leg until somebody answers: one INVITE to each place its callee may be at (RFC 3261 13.2).

use super::{Key, Leg, Next, Up};
use crate::{
    End, EndCause, Event, HangUpCause, LegId,
    outcome::{cause_of, weight},
    reason,
    stack::{Ending, Stack},
};
use bytes::Bytes;
use carillon_media_sdp::{LocalMedia, MediaPlan, accept_answer};
use carillon_sip_core::{
    ClientTx, DialogId, Hop,
    message::{Request, Response},
};
use std::time::{Duration, Instant};

/// Nothing rings longer, whatever the application forgot (as Timer C of RFC 3261 16.6).
const RINGING: Duration = Duration::from_secs(180);

/// Who has not even said 100 by now is not there: four copies of the INVITE went out, and a caller should not listen to nothing for
/// the 32 seconds of Timer B.
const UNHEARD: Duration = Duration::from_secs(5);

/// One place to call.
pub(crate) struct Call {
    pub(crate) hop: Hop,
    /// The INVITE, complete but for what the endpoint adds.
    pub(crate) invite: Request,
}

/// INVITEs of ours that wait for an answer.
pub(crate) struct Outgoing {
    id: LegId,
    /// The phone called; `None` for a trunk.
    pub(super) phone: Option<String>,
    local: LocalMedia,
    branches: Vec<Branch>,
    rang: bool,
    /// The failure that counts most so far.
    failure: Option<Ending>,
    /// Whether any place has answered anything at all.
    heard: bool,
    /// When to give up.
    pub(super) until: Instant,
}

struct Branch {
    tx: ClientTx,
    /// SDP of a provisional response. Some gateways leave it out of the 200 (RFC 3261 13.2.1 lets them).
    early_answer: Option<Bytes>,
}

const UNREACHABLE: Ending = Ending { by: End::Network, status: None, cause: EndCause::Unreachable };

impl Outgoing {
    /// Calls every place at once.
    pub(crate) fn dial(stack: &mut Stack, now: Instant, id: LegId, phone: Option<String>, local: LocalMedia, calls: Vec<Call>) -> Next {
        let sent = calls.into_iter().filter_map(|call| stack.endpoint.send_request(now, call.invite, call.hop).ok());
        let branches: Vec<Branch> = sent.map(|tx| Branch { tx, early_answer: None }).collect();
        let leg = Outgoing { id, phone, local, branches, rang: false, failure: None, heard: false, until: now + UNHEARD };
        leg.unless_all_failed()
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.branches.iter().map(|branch| Key::Client(branch.tx)).collect()
    }

    pub(super) fn response(mut self, stack: &mut Stack, now: Instant, tx: ClientTx, response: &Response, dialog: Option<DialogId>) -> Next {
        if !self.heard {
            self.heard = true;
            self.until = now + RINGING;
        }
        match response.status {
            ..=100 => Next::Is(Leg::Outgoing(self)),
            101..=199 => {
                self.progress(stack, tx, response);
                Next::Is(Leg::Outgoing(self))
            }
            200..=299 => match dialog {
                Some(dialog) => self.answered(stack, now, tx, response, dialog),
                None => Next::Is(Leg::Outgoing(self)),
            },
            status @ 300.. => self.failed(stack, now, tx, Ending::new(End::Remote, Some(status), cause_of(status))),
        }
    }

    pub(super) fn unanswered(mut self, tx: ClientTx) -> Next {
        self.close(tx, UNREACHABLE);
        self.unless_all_failed()
    }

    pub(super) fn hang_up(self, stack: &mut Stack, now: Instant, cause: &HangUpCause) -> Next {
        self.cancel_all(stack, now, None, &cause.header());
        Next::Over(Ending::new(End::Local, None, cause.unanswered()))
    }

    pub(super) fn waited_too_long(self, stack: &mut Stack, now: Instant) -> Next {
        self.cancel_all(stack, now, None, reason::CANCELLED);
        Next::Over(if self.heard { Ending::new(End::Network, None, EndCause::NoAnswer) } else { UNREACHABLE })
    }

    fn progress(&mut self, stack: &mut Stack, tx: ClientTx, response: &Response) {
        if let Some(branch) = self.branches.iter_mut().find(|branch| branch.tx == tx)
            && !response.body.is_empty()
        {
            branch.early_answer = Some(response.body.clone());
        }
        if !self.rang {
            self.rang = true;
            stack.events.push_back(Event::Ringing { leg: self.id });
        }
    }

    /// The first 200 wins; the others are cancelled and told why (RFC 3326).
    fn answered(self, stack: &mut Stack, now: Instant, tx: ClientTx, response: &Response, dialog: DialogId) -> Next {
        let _ = stack.endpoint.ack(now, dialog, None);
        match self.agree(tx, response) {
            Some(media) => {
                self.cancel_all(stack, now, Some(tx), reason::COMPLETED_ELSEWHERE);
                let Outgoing { id, phone, local, .. } = self;
                Up::agreed(stack, id, phone, dialog, local, media)
            }
            None => {
                stack.bye(now, dialog, reason::NOT_ACCEPTABLE);
                self.cancel_all(stack, now, Some(tx), reason::CANCELLED);
                Next::Over(Ending::new(End::Network, Some(response.status), EndCause::MediaNotAcceptable))
            }
        }
    }

    fn agree(&self, tx: ClientTx, response: &Response) -> Option<MediaPlan> {
        let early = self.branches.iter().find(|branch| branch.tx == tx).and_then(|branch| branch.early_answer.as_ref());
        let body = Some(&response.body).filter(|body| !body.is_empty()).or(early)?;
        accept_answer(&self.local, body).ok()
    }

    /// A 6xx speaks for the callee wherever it is (RFC 3261 16.7); any other failure only for one place.
    fn failed(mut self, stack: &mut Stack, now: Instant, tx: ClientTx, ending: Ending) -> Next {
        self.close(tx, ending);
        if ending.status.is_some_and(|status| status >= 600) {
            self.cancel_all(stack, now, None, reason::CANCELLED);
            return Next::Over(ending);
        }
        self.unless_all_failed()
    }

    fn close(&mut self, tx: ClientTx, ending: Ending) {
        self.branches.retain(|branch| branch.tx != tx);
        if self.failure.is_none_or(|known| weight(ending.cause) > weight(known.cause)) {
            self.failure = Some(ending);
        }
    }

    fn unless_all_failed(self) -> Next {
        match self.branches.is_empty() {
            true => Next::Over(self.failure.unwrap_or(UNREACHABLE)),
            false => Next::Is(Leg::Outgoing(self)),
        }
    }

    fn cancel_all(&self, stack: &mut Stack, now: Instant, but: Option<ClientTx>, farewell: &str) {
        for branch in self.branches.iter().filter(|branch| Some(branch.tx) != but) {
            stack.cancel(now, branch.tx, farewell);
        }
    }
}
