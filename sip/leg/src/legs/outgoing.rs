//! An outgoing leg until somebody answers: one INVITE to each place a phone may be at (RFC 3261 13.2), each of which may fork; to a trunk to one
//! place after the other (RFC 3263 4.3).

use super::{
    Key, Leg, Next, Up,
    incoming::{SDP, answer_aside},
    session::Session,
    up::Agreed,
};
use crate::{
    Credentials, End, EndCause, Event, HangUpCause, LegId,
    outcome::{cause_of, weight},
    reason,
    session_timer::{Bounds, Refresher, Terms, allows, wanted_by_422},
    stack::{Ending, Stack},
};
use carillon_media_sdp::{LocalMedia, MediaPlan, accept_answer, answer};
use carillon_sip_core::{
    ClientTx, DialogId, Hop, ServerTx, Transport,
    message::{CSeq, HeaderName, Method, Request, Response},
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

/// Nothing rings longer, whatever the application forgot (as Timer C of RFC 3261 16.6).
const RINGING: Duration = Duration::from_secs(180);

/// Who has not even said 100 by now is not there: three copies of the INVITE went out, and a caller should not listen to nothing for
/// the 32 seconds of Timer B. The places of a trunk share this time, so that another trunk is not waited for longer.
const UNHEARD: Duration = Duration::from_secs(3);

/// Places of a trunk that are tried for one call.
const TRIED: usize = 3;

/// One place to call.
pub(crate) struct Call {
    pub(crate) hop: Hop,
    /// The INVITE, complete but for what the endpoint adds.
    pub(crate) invite: Request,
    /// Who we are there, if it asks.
    pub(crate) credentials: Option<Credentials>,
}

/// A datagram over this may be cut into pieces on its way, which many routers drop (RFC 3261 18.1.1).
const LARGE: usize = 1300;
/// What the endpoint adds to an INVITE: Via, Call-ID, CSeq, Contact, and the names of what we can do.
const DRESSED: usize = 420;

impl Call {
    /// Whether its INVITE is too large for a datagram.
    pub(crate) fn is_large(&self) -> bool {
        self.hop.transport == Transport::Udp && self.invite.to_bytes().len() + DRESSED > LARGE
    }
}

/// INVITEs of ours that wait for an answer.
pub(crate) struct Outgoing {
    id: LegId,
    /// The phone called; `None` for a trunk.
    pub(super) phone: Option<String>,
    local: LocalMedia,
    branches: Vec<Branch>,
    /// Places of a trunk to try when those before cannot be had.
    spare: VecDeque<Call>,
    /// How long one of them may say nothing.
    patience: Duration,
    /// Everybody who has rung; the endpoint bounds how many an INVITE may bring.
    forks: BTreeMap<DialogId, Fork>,
    /// Whose early audio is listened to: the first that had some.
    heard_early: Option<DialogId>,
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
    call: Call,
    /// Our side of the audio as this place was offered it.
    local: LocalMedia,
    /// It asked for longer sessions, and was asked anew.
    is_lengthened: bool,
    /// It carries our answer to a challenge: another one means that it was wrong.
    is_proven: bool,
}

/// One callee that an INVITE reached.
struct Fork {
    tx: ClientTx,
    local: LocalMedia,
    /// What a provisional response agreed. Some gateways leave the SDP out of the 200 then (RFC 3261 13.2.1 lets them).
    media: Option<MediaPlan>,
}

/// The status of a trunk that takes no call now (RFC 3263 4.3).
const NO_ROOM: u16 = 503;

const UNREACHABLE: Ending = Ending { by: End::Network, status: None, cause: EndCause::Unreachable };

impl Outgoing {
    /// Calls every place of a phone at once, and those of a trunk one after the other.
    pub(crate) fn dial(stack: &mut Stack, now: Instant, id: LegId, phone: Option<String>, local: LocalMedia, calls: Vec<Call>) -> Next {
        let mut calls = VecDeque::from(calls);
        calls.truncate(if phone.is_some() { usize::MAX } else { TRIED });
        let spare = if phone.is_some() { VecDeque::new() } else { calls.split_off(1.min(calls.len())) };
        let patience = UNHEARD / u32::try_from(1 + spare.len()).unwrap_or(1);
        let mut leg = Outgoing {
            id,
            phone,
            local,
            branches: vec![],
            spare,
            patience,
            forks: BTreeMap::new(),
            heard_early: None,
            rang: false,
            failure: None,
            heard: false,
            until: now + patience,
        };
        for call in calls {
            leg.call(stack, now, call);
        }
        leg.unless_all_failed(stack, now)
    }

    /// Calls one place. What a further attempt there must repeat is chosen here (RFC 3261 22.2).
    fn call(&mut self, stack: &mut Stack, now: Instant, mut call: Call) {
        let (call_id, tag) = (stack.endpoint.new_call_id(), stack.endpoint.new_tag());
        stack.trace.watch(call_id.as_bytes(), self.id);
        call.invite.headers.set(HeaderName::CallId, call_id);
        if let Ok(from) = call.invite.headers.from() {
            call.invite.headers.set(HeaderName::From, from.with_tag(&tag));
        }
        if let Ok(tx) = stack.endpoint.send_request(now, call.invite.clone(), call.hop) {
            let local = stack.config.offered_to(&call.hop, &self.local);
            self.branches.push(Branch { tx, call, local, is_lengthened: false, is_proven: false });
        }
    }

    /// Sends the INVITE of a branch that has ended once more, changed. Whether it went out.
    fn call_again(&mut self, stack: &mut Stack, now: Instant, mut branch: Branch) -> bool {
        self.forks.retain(|_, fork| fork.tx != branch.tx);
        let headers = &mut branch.call.invite.headers;
        // Without one the endpoint began with 1.
        let last = headers.cseq().map_or(1, |cseq| cseq.seq);
        headers.set(HeaderName::CSeq, CSeq::new(last.saturating_add(1), Method::Invite));
        let sent = stack.endpoint.send_request(now, branch.call.invite.clone(), branch.call.hop);
        self.branches.extend(sent.ok().map(|tx| Branch { tx, ..branch }));
        sent.is_ok()
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        let requests = self.branches.iter().map(|branch| Key::Client(branch.tx));
        requests.chain(self.forks.keys().copied().map(Key::Dialog)).collect()
    }

    pub(super) fn response(mut self, stack: &mut Stack, now: Instant, tx: ClientTx, response: &Response, dialog: Option<DialogId>) -> Next {
        if !self.heard {
            self.heard = true;
            self.until = now + RINGING;
            self.note_place(stack, now, tx, response.status != NO_ROOM);
        }
        match response.status {
            ..=100 => Next::Is(Leg::Outgoing(self)),
            101..=199 => {
                self.progress(stack, tx, response, dialog);
                Next::Is(Leg::Outgoing(self))
            }
            200..=299 => match dialog {
                Some(dialog) => self.answered(stack, now, tx, response, dialog),
                None => Next::Is(Leg::Outgoing(self)),
            },
            401 | 407 if self.proved(stack, now, tx, response) => Next::Is(Leg::Outgoing(self)),
            422 if self.asked_anew(stack, now, tx, response) => Next::Is(Leg::Outgoing(self)),
            status @ 300.. => self.failed(stack, now, tx, Ending::new(End::Remote, Some(status), cause_of(status))),
        }
    }

    pub(super) fn unanswered(mut self, stack: &mut Stack, now: Instant, tx: ClientTx) -> Next {
        self.note_place(stack, now, tx, false);
        self.close(tx, UNREACHABLE);
        self.unless_all_failed(stack, now)
    }

    /// A place of a trunk took the call, or did not.
    fn note_place(&self, stack: &mut Stack, now: Instant, tx: ClientTx, answers: bool) {
        let Some(branch) = self.branches.iter().find(|branch| branch.tx == tx && self.phone.is_none()) else { return };
        match answers {
            true => stack.trunks.answered(&branch.call.hop, &mut stack.events),
            false => stack.trunks.failed(now, &branch.call.hop, &mut stack.events),
        }
    }

    /// Answers a challenge of the trunk's, once for each attempt (RFC 3261 22.2). Whether it was answered.
    fn proved(&mut self, stack: &mut Stack, now: Instant, tx: ClientTx, challenged: &Response) -> bool {
        let Some(place) = self.branches.iter().position(|branch| branch.tx == tx && !branch.is_proven) else { return false };
        let Call { invite, credentials, .. } = &self.branches[place].call;
        let Some(credentials) = credentials else { return false };
        let cnonce = stack.endpoint.new_tag();
        let Some((header, proof)) = credentials.answer(challenged, &Method::Invite, &invite.uri.to_string(), &cnonce) else { return false };
        let mut branch = self.branches.swap_remove(place);
        branch.call.invite.headers.set(header, proof);
        branch.is_proven = true;
        self.call_again(stack, now, branch)
    }

    pub(super) fn hang_up(self, stack: &mut Stack, now: Instant, cause: &HangUpCause) -> Next {
        self.cancel_all(stack, now, None, &cause.header());
        Next::Over(Ending::new(End::Local, None, cause.unanswered()))
    }

    pub(super) fn waited_too_long(mut self, stack: &mut Stack, now: Instant) -> Next {
        self.cancel_all(stack, now, None, reason::CANCELLED);
        if !self.heard {
            for tx in self.branches.iter().map(|branch| branch.tx).collect::<Vec<_>>() {
                self.note_place(stack, now, tx, false);
                self.close(tx, UNREACHABLE);
            }
            return self.unless_all_failed(stack, now);
        }
        Next::Over(Ending::new(End::Network, None, EndCause::NoAnswer))
    }

    fn progress(&mut self, stack: &mut Stack, tx: ClientTx, response: &Response, dialog: Option<DialogId>) {
        if !self.rang {
            self.rang = true;
            stack.events.push_back(Event::Ringing { leg: self.id });
        }
        let Some(dialog) = dialog else { return };
        let local = self.offered(tx).clone();
        let fork = self.forks.entry(dialog).or_insert_with(|| Fork { tx, local, media: None });
        // The first answer to an offer is the answer (RFC 3261 13.2.1); a ringing tone repeats it.
        if fork.media.is_none()
            && let Ok(media) = accept_answer(&fork.local, &response.body)
        {
            self.early(stack, dialog, media);
        }
    }

    /// A fork has early audio; of several the first is heard.
    fn early(&mut self, stack: &mut Stack, dialog: DialogId, media: MediaPlan) {
        if *self.heard_early.get_or_insert(dialog) == dialog {
            stack.tell_early(self.id, dialog, &media);
        }
        if let Some(fork) = self.forks.get_mut(&dialog) {
            fork.media = Some(media);
        }
    }

    /// A request of somebody who rings.
    pub(super) fn request(mut self, stack: &mut Stack, now: Instant, tx: ServerTx, dialog: DialogId, request: &Request) -> Next {
        match request.method {
            // A callee that will not answer says so by refusing; one that says goodbye is only gone from this dialog.
            Method::Bye => {
                stack.respond(now, tx, Response::new(200));
                self.forks.remove(&dialog);
            }
            Method::Update if !request.body.is_empty() => self.updated(stack, now, tx, dialog, request),
            _ => answer_aside(stack, now, self.id, tx, request),
        }
        Next::Is(Leg::Outgoing(self))
    }

    /// RFC 3311 5.2: a callee changes its early audio. While our offer has no answer of its, two would cross.
    fn updated(&mut self, stack: &mut Stack, now: Instant, tx: ServerTx, dialog: DialogId, request: &Request) {
        let Some(fork) = self.forks.get_mut(&dialog).filter(|fork| fork.media.is_some()) else {
            stack.respond(now, tx, Response::new(491));
            return;
        };
        let next = LocalMedia { version: fork.local.version + 1, ..fork.local.clone() };
        match answer(&next, &request.body) {
            Err(error) => drop(stack.respond(now, tx, Response::new(error.status()))),
            Ok((ours, media)) => {
                if stack.reply(now, tx, Response::new(200).with_body(SDP, ours)) {
                    fork.local = next;
                    self.early(stack, dialog, media);
                }
            }
        }
    }

    /// RFC 4028 7.4: a callee that wants longer sessions is asked once more, as it wants them. Whether it was.
    fn asked_anew(&mut self, stack: &mut Stack, now: Instant, tx: ClientTx, response: &Response) -> bool {
        let Some(wanted) = wanted_by_422(response) else { return false };
        let Some(place) = self.branches.iter().position(|branch| branch.tx == tx && !branch.is_lengthened) else { return false };
        let mut branch = self.branches.swap_remove(place);
        let Bounds { usual, .. } = stack.session_bounds();
        let headers = &mut branch.call.invite.headers;
        headers.set(HeaderName::SessionExpires, usual.max(wanted));
        headers.set(HeaderName::MinSe, wanted);
        // A proof is good for one request: it is challenged anew.
        [HeaderName::Authorization, HeaderName::ProxyAuthorization].iter().for_each(|name| headers.remove(name));
        (branch.is_lengthened, branch.is_proven) = (true, false);
        self.call_again(stack, now, branch)
    }

    /// The first 200 wins; the others are cancelled and told why (RFC 3326).
    fn answered(self, stack: &mut Stack, now: Instant, tx: ClientTx, response: &Response, dialog: DialogId) -> Next {
        let _ = stack.endpoint.ack(now, dialog, None);
        match self.agree(tx, dialog, response) {
            Some((local, media)) => {
                self.cancel_all(stack, now, Some(tx), reason::COMPLETED_ELSEWHERE);
                let Bounds { least, .. } = stack.session_bounds();
                let terms = Terms::of_response(response, least).map(|terms| (terms, terms.refresher == Refresher::Uac));
                let session = Session::new(now, terms, allows(&response.headers, Method::Update.as_str()));
                let credentials = self.branches.iter().find(|branch| branch.tx == tx).and_then(|branch| branch.call.credentials.clone());
                let Outgoing { id, phone, .. } = self;
                Up::agreed(stack, Agreed { id, phone, dialog, local, media, session, credentials })
            }
            None => {
                stack.bye(now, dialog, reason::NOT_ACCEPTABLE);
                self.cancel_all(stack, now, Some(tx), reason::CANCELLED);
                Next::Over(Ending::new(End::Network, Some(response.status), EndCause::MediaNotAcceptable))
            }
        }
    }

    /// Our side of the audio as a place was offered it.
    fn offered(&self, tx: ClientTx) -> &LocalMedia {
        self.branches.iter().find(|branch| branch.tx == tx).map_or(&self.local, |branch| &branch.local)
    }

    /// Our side and what was agreed, by the 200 or before it.
    fn agree(&self, tx: ClientTx, dialog: DialogId, response: &Response) -> Option<(LocalMedia, MediaPlan)> {
        let fork = self.forks.get(&dialog);
        let local = fork.map_or(self.offered(tx), |fork| &fork.local);
        let media = match response.body.is_empty() {
            true => fork.and_then(|fork| fork.media.clone())?,
            false => accept_answer(local, &response.body).ok()?,
        };
        Some((local.clone(), media))
    }

    /// A 6xx speaks for the callee wherever it is (RFC 3261 16.7); any other failure only for one place.
    fn failed(mut self, stack: &mut Stack, now: Instant, tx: ClientTx, ending: Ending) -> Next {
        self.close(tx, ending);
        if ending.status.is_some_and(|status| status >= 600) {
            self.cancel_all(stack, now, None, reason::CANCELLED);
            return Next::Over(ending);
        }
        self.unless_all_failed(stack, now)
    }

    fn close(&mut self, tx: ClientTx, ending: Ending) {
        self.branches.retain(|branch| branch.tx != tx);
        self.forks.retain(|_, fork| fork.tx != tx);
        if self.failure.is_none_or(|known| weight(ending.cause) > weight(known.cause)) {
            self.failure = Some(ending);
        }
    }

    /// Goes on to the next place of a trunk where the last one could not be had.
    fn unless_all_failed(mut self, stack: &mut Stack, now: Instant) -> Next {
        let may_go_on = !self.rang && self.failure.is_none_or(|failure| failure.is_way_gone());
        while self.branches.is_empty() && may_go_on {
            let Some(call) = self.spare.pop_front() else { break };
            (self.heard, self.until) = (false, now + self.patience);
            self.call(stack, now, call);
        }
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

impl Ending {
    /// Whether a place could not be reached or has no room: another one of the same trunk may.
    fn is_way_gone(self) -> bool {
        self.cause == EndCause::Unreachable && matches!(self.status, None | Some(NO_ROOM))
    }
}
