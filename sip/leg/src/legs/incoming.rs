//! An incoming leg until both sides have agreed (RFC 3261 13.3).

use super::{Key, Leg, Next, Up};
use crate::{
    End, EndCause, Event, HangUpCause, LegId, digits,
    outcome::cause_of,
    reason,
    stack::{Ending, Stack},
};
use bytes::Bytes;
use carillon_media_sdp::{LocalMedia, accept_answer, answer, offer};
use carillon_sip_core::{
    DialogId, ServerTx,
    message::{HeaderName, Method, Request, Response},
};
use std::time::Instant;

pub(crate) const SDP: &str = "application/sdp";

/// An INVITE that waits for our answer.
pub(crate) struct Incoming {
    pub(crate) id: LegId,
    pub(crate) tx: ServerTx,
    /// The phone that calls; `None` for a trunk.
    pub(crate) phone: Option<String>,
    /// The SDP offer; `None` when the caller wants ours.
    pub(crate) offer: Option<Bytes>,
    /// The early dialog, once it rings.
    pub(crate) dialog: Option<DialogId>,
}

impl Incoming {
    pub(super) fn keys(&self) -> Vec<Key> {
        [Key::Server(self.tx)].into_iter().chain(self.dialog.map(Key::Dialog)).collect()
    }

    pub(super) fn ring(self, stack: &mut Stack, now: Instant) -> Next {
        let dialog = stack.respond(now, self.tx, Response::new(180)).or(self.dialog);
        Next::Is(Leg::Incoming(Incoming { dialog, ..self }))
    }

    pub(super) fn answer(self, stack: &mut Stack, now: Instant, local: LocalMedia) -> Next {
        match &self.offer {
            None => self.offer_ours(stack, now, local),
            Some(theirs) => match answer(&local, theirs) {
                Err(error) => {
                    stack.respond(now, self.tx, Response::new(error.status()));
                    Next::Over(Ending::new(End::Network, Some(error.status()), EndCause::MediaNotAcceptable))
                }
                Ok((body, media)) => {
                    let Some(dialog) = stack.respond(now, self.tx, Response::new(200).with_body(SDP, body)) else {
                        return self.caller_lost();
                    };
                    Up::agreed(stack, self.id, self.phone, dialog, local, media)
                }
            },
        }
    }

    /// RFC 3261 13.2.1: an INVITE without an offer gets ours in the 200, and its ACK has the answer.
    fn offer_ours(self, stack: &mut Stack, now: Instant, local: LocalMedia) -> Next {
        match stack.respond(now, self.tx, Response::new(200).with_body(SDP, offer(&local))) {
            Some(dialog) => Next::Is(Leg::Offering(Offering { id: self.id, phone: self.phone, dialog, local })),
            None => self.caller_lost(),
        }
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
    pub(super) fn request(self, stack: &mut Stack, now: Instant, tx: ServerTx, request: &Request) -> Next {
        match request.method {
            Method::Bye => {
                stack.respond(now, tx, Response::new(200));
                self.cancelled()
            }
            _ => {
                answer_aside(stack, now, self.id, tx, request, Digits::ByInfo);
                Next::Is(Leg::Incoming(self))
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
}

impl Offering {
    pub(super) fn acked(self, stack: &mut Stack, now: Instant, ack: &Request) -> Next {
        let Offering { id, phone, dialog, local } = self;
        match accept_answer(&local, &ack.body) {
            Ok(media) => Up::agreed(stack, id, phone, dialog, local, media),
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
                answer_aside(stack, now, self.id, tx, request, Digits::ByInfo);
                Next::Is(Leg::Offering(self))
            }
        }
    }
}

/// Where the digits of a leg come from: one source, for some phones send every key by both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// SIP INFO.
    ByInfo,
    /// RFC 4733 was agreed: INFO is answered and says nothing new.
    InMedia,
}

/// Answers a request in a dialog that changes nothing about the call: INFO, OPTIONS, and an UPDATE that comes too early.
pub(super) fn answer_aside(stack: &mut Stack, now: Instant, leg: LegId, tx: ServerTx, request: &Request, digits: Digits) {
    let response = match request.method {
        Method::Info => Response::new(take_info(stack, leg, request, digits)),
        Method::Options => Response::new(200),
        Method::Update if request.body.is_empty() => Response::new(200),
        // RFC 3311 5.2: an offer of either side waits for its answer.
        Method::Update => Response::new(500).with(HeaderName::RetryAfter, stack.roll(11)),
        _ => Response::new(405),
    };
    stack.respond(now, tx, response);
}

/// An INFO without a body only asks whether the call is still there.
fn take_info(stack: &mut Stack, leg: LegId, request: &Request, source: Digits) -> u16 {
    let content_type = request.headers.content_type().ok().flatten().map(|content_type| content_type.media_type).unwrap_or_default();
    match digits::read(&content_type, &request.body) {
        Some((digit, duration_ms)) => {
            match source {
                Digits::ByInfo => stack.events.push_back(Event::Digit { leg, digit, duration_ms }),
                Digits::InMedia => {}
            }
            200
        }
        None if request.body.is_empty() => 200,
        None if digits::is_digits(&content_type) => 400,
        None => 415,
    }
}
