//! An incoming leg until both sides have agreed (RFC 3261 13.3), with early audio and reliable provisional responses (RFC 3262).

use super::{Key, Leg, Next, Up, session::Session, up::Agreed};
use crate::{
    Credentials, End, EndCause, Event, HangUpCause, LegId, digits,
    outcome::cause_of,
    reason,
    session_timer::{Refresher, Terms, allows, names_tag},
    stack::{Ending, Stack},
};
use bytes::Bytes;
use carillon_media_sdp::{LocalMedia, MediaPlan, accept_answer, answer, offer};
use carillon_sip_core::{
    DialogId, ServerTx,
    message::{HeaderName, Method, Request, Response},
};
use std::{net::IpAddr, time::Instant};

pub(crate) const SDP: &str = "application/sdp";

/// An INVITE that waits for our answer.
pub(crate) struct Incoming {
    pub(crate) id: LegId,
    tx: ServerTx,
    /// Where it came from.
    peer: IpAddr,
    /// The phone that calls; `None` for a trunk.
    pub(super) phone: Option<String>,
    /// Who we are to the trunk that calls, if it asks.
    credentials: Option<Credentials>,
    /// The SDP offer; `None` when the caller wants ours.
    offer: Option<Bytes>,
    /// The early dialog, once it rings.
    dialog: Option<DialogId>,
    reliability: Reliability,
    early: Early,
    /// A provisional response of ours waits for its PRACK, and everything else for that.
    awaits_prack: bool,
    next: Option<Wish>,
    terms: Terms,
    takes_update: bool,
}

/// What is known of a caller.
pub(crate) struct Known {
    /// The phone; `None` for a trunk.
    pub(crate) phone: Option<String>,
    /// Who we are to a trunk, if it asks.
    pub(crate) credentials: Option<Credentials>,
}

/// What the caller thinks of reliable provisional responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reliability {
    Unknown,
    Known,
    Demanded,
}

/// What was agreed before the answer.
#[expect(clippy::large_enum_variant, reason = "a leg has one, and only until it is answered")]
enum Early {
    Nothing,
    /// Our answer went out with a provisional response; if `body` is there, it must be said once more with the 200.
    Answered {
        local: LocalMedia,
        media: MediaPlan,
        body: Option<String>,
    },
    /// Our offer went out with a reliable provisional response: its PRACK has the answer.
    Offered {
        local: LocalMedia,
    },
}

/// What is to be said once the PRACK has come.
enum Wish {
    Ring,
    Progress(LocalMedia),
    Answer(LocalMedia),
}

impl Incoming {
    /// An INVITE that was let in.
    pub(crate) fn new(stack: &Stack, id: LegId, tx: ServerTx, peer: IpAddr, known: Known, invite: &Request) -> Self {
        let knows = |header| names_tag(&invite.headers, &header, "100rel");
        let reliability = match (knows(HeaderName::Require), knows(HeaderName::Supported)) {
            (true, _) => Reliability::Demanded,
            (false, true) => Reliability::Known,
            (false, false) => Reliability::Unknown,
        };
        Incoming {
            id,
            tx,
            peer,
            phone: known.phone,
            credentials: known.credentials,
            offer: (!invite.body.is_empty()).then(|| invite.body.clone()),
            dialog: None,
            reliability,
            early: Early::Nothing,
            awaits_prack: false,
            next: None,
            terms: stack.session_bounds().grant(&invite.headers, None),
            takes_update: allows(&invite.headers, Method::Update.as_str()),
        }
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        [Key::Server(self.tx)].into_iter().chain(self.dialog.map(Key::Dialog)).collect()
    }

    pub(super) fn ring(mut self, stack: &mut Stack, now: Instant) -> Next {
        if self.awaits_prack {
            self.next.get_or_insert(Wish::Ring);
            return Next::Is(Leg::Incoming(self));
        }
        let is_offerless = self.offer.is_none() && matches!(self.early, Early::Nothing);
        match self.reliability {
            // RFC 3262 5: the first reliable response would have to carry an offer.
            Reliability::Demanded if is_offerless => {}
            Reliability::Demanded => self.say_reliably(stack, now, Response::new(180)),
            Reliability::Known | Reliability::Unknown => {
                self.dialog = stack.respond(now, self.tx, Response::new(180)).or(self.dialog);
            }
        }
        Next::Is(Leg::Incoming(self))
    }

    /// Our side as its peer is told of it. An answer has the IP version of the offer; an offer of ours that of the signalling.
    fn ours(&self, stack: &Stack, local: &LocalMedia) -> LocalMedia {
        let local = stack.config.seen_by(self.peer, local);
        if self.offer.is_some() { local } else { local.towards(self.peer) }
    }

    /// Early audio (RFC 3960): our answer, or our offer, with a 183.
    pub(super) fn progress(mut self, stack: &mut Stack, now: Instant, local: LocalMedia) -> Next {
        let local = self.ours(stack, &local);
        if !matches!(self.early, Early::Nothing) {
            return Next::Is(Leg::Incoming(self));
        }
        if self.awaits_prack {
            self.next = Some(Wish::Progress(local));
            return Next::Is(Leg::Incoming(self));
        }
        match (&self.offer, self.reliability) {
            (Some(theirs), _) => match answer(&local, theirs) {
                Err(error) => self.unacceptable(stack, now, error.status()),
                Ok((body, media)) => {
                    self.say_progress(stack, now, Response::new(183).with_body(SDP, body.clone()));
                    if let Some(dialog) = self.dialog {
                        stack.tell_early(self.id, dialog, &media);
                    }
                    self.early = Early::Answered { local: local.towards(media.remote.ip()), media, body: Some(body) };
                    Next::Is(Leg::Incoming(self))
                }
            },
            (None, Reliability::Unknown) => self.ring(stack, now),
            (None, Reliability::Known | Reliability::Demanded) => {
                self.say_reliably(stack, now, Response::new(183).with_body(SDP, offer(&local)));
                self.early = Early::Offered { local };
                Next::Is(Leg::Incoming(self))
            }
        }
    }

    fn say_progress(&mut self, stack: &mut Stack, now: Instant, response: Response) {
        match self.reliability {
            Reliability::Unknown => self.dialog = stack.respond(now, self.tx, response).or(self.dialog),
            Reliability::Known | Reliability::Demanded => self.say_reliably(stack, now, response),
        }
    }

    fn say_reliably(&mut self, stack: &mut Stack, now: Instant, response: Response) {
        if let Ok(dialog) = stack.endpoint.respond_reliably(now, self.tx, response) {
            self.dialog = dialog.or(self.dialog);
            self.awaits_prack = true;
        }
    }

    pub(super) fn answer(mut self, stack: &mut Stack, now: Instant, local: LocalMedia) -> Next {
        let local = self.ours(stack, &local);
        // RFC 3262 3: not before what was said reliably has arrived.
        if self.awaits_prack {
            self.next = Some(Wish::Answer(local));
            return Next::Is(Leg::Incoming(self));
        }
        let early = std::mem::replace(&mut self.early, Early::Nothing);
        match (early, &self.offer) {
            (Early::Answered { local, media, body }, _) => self.accept(stack, now, body, local, media),
            (Early::Nothing, Some(theirs)) => match answer(&local, theirs) {
                Err(error) => self.unacceptable(stack, now, error.status()),
                Ok((body, media)) => self.accept(stack, now, Some(body), local, media),
            },
            (Early::Nothing, None) => self.offer_ours(stack, now, local),
            // Its PRACK came without an answer, and the leg would be over.
            (Early::Offered { local }, _) => self.offer_ours(stack, now, local),
        }
    }

    /// Sends the 200.
    fn accept(self, stack: &mut Stack, now: Instant, body: Option<String>, local: LocalMedia, media: MediaPlan) -> Next {
        let ok = self.terms.in_response(Response::new(200));
        let ok = match body {
            Some(body) => ok.with_body(SDP, body),
            None => ok,
        };
        let Some(dialog) = stack.respond(now, self.tx, ok) else { return self.caller_lost() };
        let session = self.session(now);
        let Incoming { id, phone, credentials, .. } = self;
        Up::agreed(stack, Agreed { id, phone, dialog, local, media, session, credentials })
    }

    fn session(&self, now: Instant) -> Session {
        Session::new(now, Some((self.terms, self.terms.refresher == Refresher::Uas)), self.takes_update)
    }

    fn unacceptable(self, stack: &mut Stack, now: Instant, status: u16) -> Next {
        stack.respond(now, self.tx, Response::new(status));
        Next::Over(Ending::new(End::Network, Some(status), EndCause::MediaNotAcceptable))
    }

    /// RFC 3261 13.2.1: an INVITE without an offer gets ours in the 200, and its ACK has the answer.
    fn offer_ours(self, stack: &mut Stack, now: Instant, local: LocalMedia) -> Next {
        let ok = self.terms.in_response(Response::new(200)).with_body(SDP, offer(&local));
        match stack.respond(now, self.tx, ok) {
            Some(dialog) => {
                let session = self.session(now);
                let Incoming { id, phone, credentials, .. } = self;
                Next::Is(Leg::Offering(Offering { id, phone, dialog, local, session, credentials }))
            }
            None => self.caller_lost(),
        }
    }

    /// The PRACK came; what waited for it is said now.
    fn acknowledged(mut self, stack: &mut Stack, now: Instant, tx: ServerTx, prack: &Request) -> Next {
        self.awaits_prack = false;
        match std::mem::replace(&mut self.early, Early::Nothing) {
            Early::Offered { local } => match accept_answer(&local, &prack.body) {
                Ok(media) => {
                    stack.respond(now, tx, Response::new(200));
                    if let Some(dialog) = self.dialog {
                        stack.tell_early(self.id, dialog, &media);
                    }
                    self.early = Early::Answered { local, media, body: None };
                }
                Err(error) => {
                    stack.respond(now, tx, Response::new(error.status()));
                    return self.unacceptable(stack, now, 488);
                }
            },
            // A new offer so early (RFC 3262 5) is rare; that it is refused leaves what was agreed.
            early => {
                stack.respond(now, tx, Response::new(if prack.body.is_empty() { 200 } else { 488 }));
                self.early = early;
            }
        }
        match self.next.take() {
            Some(Wish::Ring) => self.ring(stack, now),
            Some(Wish::Progress(local)) => self.progress(stack, now, local),
            Some(Wish::Answer(local)) => self.answer(stack, now, local),
            None => Next::Is(Leg::Incoming(self)),
        }
    }

    /// A caller that asks for reliable responses and never acknowledges one (RFC 3262 3).
    pub(super) fn prack_missing(self, stack: &mut Stack, now: Instant) -> Next {
        stack.respond(now, self.tx, Response::new(504));
        Next::Over(Ending::new(End::Network, Some(504), EndCause::ProtocolError))
    }

    pub(super) fn refuse(self, stack: &mut Stack, now: Instant, status: u16, reason: Option<&str>) -> Next {
        let status = status.clamp(300, 699);
        let response = Response::new(status);
        stack.respond(now, self.tx, reason.map_or(response.clone(), |reason| response.with_reason(reason)));
        let cause = match cause_of(status) {
            // The other side's reasons; here it was we who did not want the call.
            EndCause::Unreachable | EndCause::Forbidden | EndCause::NumberUnknown | EndCause::Redirected => EndCause::Rejected,
            cause => cause,
        };
        Next::Over(Ending::new(End::Local, Some(status), cause))
    }

    pub(super) fn hang_up(self, stack: &mut Stack, now: Instant, cause: &HangUpCause) -> Next {
        let status = cause.refusal();
        let response = Response::new(status).with(HeaderName::Reason, cause.header());
        stack.respond(now, self.tx, response);
        Next::Over(Ending::new(End::Local, Some(status), cause.unanswered()))
    }

    /// A request in the early dialog. A BYE there has ended the INVITE already.
    pub(super) fn request(mut self, stack: &mut Stack, now: Instant, tx: ServerTx, request: &Request) -> Next {
        match request.method {
            Method::Bye => {
                stack.respond(now, tx, Response::new(200));
                return self.cancelled();
            }
            Method::Prack => return self.acknowledged(stack, now, tx, request),
            Method::Update if !request.body.is_empty() && !self.awaits_prack && self.reliability != Reliability::Unknown => {
                self.updated(stack, now, tx, request);
            }
            _ => answer_aside(stack, now, self.id, tx, request),
        }
        Next::Is(Leg::Incoming(self))
    }

    /// RFC 3311 5.2: a change of what was agreed early, once that has arrived for certain.
    fn updated(&mut self, stack: &mut Stack, now: Instant, tx: ServerTx, request: &Request) {
        let (Early::Answered { local, media, body }, Some(dialog)) = (&mut self.early, self.dialog) else {
            return answer_aside(stack, now, self.id, tx, request);
        };
        let next = LocalMedia { version: local.version + 1, ..local.clone() };
        match answer(&next, &request.body) {
            Err(error) => drop(stack.respond(now, tx, Response::new(error.status()))),
            Ok((ours, plan)) => {
                if stack.reply(now, tx, Response::new(200).with_body(SDP, ours)) {
                    stack.tell_early(self.id, dialog, &plan);
                    // What the 200 could repeat no longer holds.
                    (*local, *media, *body) = (next, plan, None);
                }
            }
        }
    }

    pub(super) fn cancelled(self) -> Next {
        Next::Over(Ending::new(End::Remote, Some(487), EndCause::Cancelled))
    }

    pub(super) fn caller_lost(self) -> Next {
        Next::Over(Ending::new(End::Network, None, EndCause::PeerLost))
    }
}

/// An incoming leg whose 200 carried our offer.
pub(crate) struct Offering {
    pub(crate) id: LegId,
    pub(crate) phone: Option<String>,
    pub(crate) dialog: DialogId,
    pub(crate) local: LocalMedia,
    pub(super) session: Session,
    pub(super) credentials: Option<Credentials>,
}

impl Offering {
    pub(super) fn acked(self, stack: &mut Stack, now: Instant, ack: &Request) -> Next {
        let Offering { id, phone, dialog, local, session, credentials } = self;
        match accept_answer(&local, &ack.body) {
            Ok(media) => Up::agreed(stack, Agreed { id, phone, dialog, local, media, session, credentials }),
            Err(_) => {
                stack.bye(now, dialog, reason::NOT_ACCEPTABLE);
                Next::Over(Ending::new(End::Network, None, EndCause::MediaNotAcceptable))
            }
        }
    }

    /// The BYE waits for the ACK (RFC 3261 15); the endpoint sees to it.
    pub(super) fn hang_up(self, stack: &mut Stack, now: Instant, cause: &HangUpCause) -> Next {
        stack.bye(now, self.dialog, &cause.header());
        Next::Over(Ending::new(End::Local, None, EndCause::HungUp))
    }

    pub(super) fn request(self, stack: &mut Stack, now: Instant, tx: ServerTx, request: &Request) -> Next {
        match request.method {
            Method::Bye => {
                stack.respond(now, tx, Response::new(200));
                Next::Over(Ending::new(End::Remote, None, EndCause::HungUp))
            }
            // Our offer waits for its answer (RFC 3264 section 4).
            Method::Invite => {
                stack.respond(now, tx, Response::new(491));
                Next::Is(Leg::Offering(self))
            }
            _ => {
                answer_aside(stack, now, self.id, tx, request);
                Next::Is(Leg::Offering(self))
            }
        }
    }
}

/// Answers a request in a dialog that changes nothing about the call: INFO, OPTIONS, and an UPDATE that comes too early.
pub(super) fn answer_aside(stack: &mut Stack, now: Instant, leg: LegId, tx: ServerTx, request: &Request) {
    let response = match request.method {
        Method::Info => Response::new(take_info(stack, leg, request)),
        Method::Options => Response::new(200),
        Method::Update if request.body.is_empty() => Response::new(200),
        // RFC 3311 5.2: an offer of either side waits for its answer.
        Method::Update => Response::new(500).with(HeaderName::RetryAfter, stack.roll(11)),
        _ => Response::new(405),
    };
    stack.respond(now, tx, response);
}

/// An INFO without a body only asks whether the call is still there.
fn take_info(stack: &mut Stack, leg: LegId, request: &Request) -> u16 {
    let content_type = request.headers.content_type().ok().flatten().map(|content_type| content_type.media_type).unwrap_or_default();
    match digits::read(&content_type, &request.body) {
        Some((digit, duration_ms)) => {
            stack.events.push_back(Event::Digit { leg, digit, duration_ms });
            200
        }
        None if request.body.is_empty() => 200,
        None if digits::is_digits(&content_type) => 400,
        None => 415,
    }
}
