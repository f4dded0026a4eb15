//! A REFER of the peer's (RFC 3515): answered as the application says, then told how it goes by NOTIFY.

use super::{Leg, Next, Up};
use crate::{Event, ReferId, refer_to::Wanted, stack::Stack};
use carillon_sip_core::{
    ClientTx, ServerTx,
    message::{HeaderName, Method, Request, Response, reason_phrase},
};
use std::time::{Duration, Instant};

/// The application answers within this, or the REFER is declined.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// A phone is told how its REFER goes for as long as anything may ring.
const TOLD_FOR: Duration = Duration::from_secs(180);

/// One REFER under way.
pub(crate) struct Refer {
    id: ReferId,
    stage: Stage,
    /// Whether the peer wants to hear how it goes.
    is_tracked: bool,
    /// What stands in Event. Not every phone knows an id of its first REFER, and from the second on one must be there (RFC 3515 2.4.6).
    event: String,
    /// When it is declined, or when the peer is told no longer.
    until: Instant,
    /// The newest NOTIFY that has no answer.
    notify: Option<ClientTx>,
}

enum Stage {
    /// The application has not said yet whether it will be done.
    Asked(ServerTx),
    Accepted,
}

impl Refer {
    pub(super) fn key(&self) -> Option<ClientTx> {
        self.notify
    }

    pub(super) fn deadline(&self) -> Instant {
        self.until
    }
}

impl Up {
    pub(super) fn referred(mut self, stack: &mut Stack, now: Instant, tx: ServerTx, request: &Request, wanted: Wanted) -> Next {
        if self.refer.is_some() {
            stack.respond(now, tx, Response::new(491));
            return Next::Is(Leg::Up(self));
        }
        let id = ReferId(request.headers.cseq().map_or(0, |cseq| cseq.seq));
        let Wanted { number, replaces, is_tracked } = wanted;
        let event = if std::mem::replace(&mut self.was_referred, true) { format!("refer;id={}", id.0) } else { "refer".to_owned() };
        self.refer = Some(Refer { id, stage: Stage::Asked(tx), is_tracked, event, until: now + ANSWERED_WITHIN, notify: None });
        stack.events.push_back(Event::Referred { leg: self.id, refer: id, number, replaces });
        Next::Is(Leg::Up(self))
    }

    /// What the application says of a REFER: the first word answers it, a status of 300 or more with a refusal; later ones are told by
    /// NOTIFY, and a final one is the last.
    pub(super) fn refer_status(mut self, stack: &mut Stack, now: Instant, id: ReferId, status: u16) -> Next {
        let status = status.clamp(100, 699);
        let Some(mut refer) = self.refer.take_if(|refer| refer.id == id) else { return Next::Is(Leg::Up(self)) };
        if let Stage::Asked(tx) = refer.stage {
            if status >= 300 {
                stack.respond(now, tx, Response::new(status));
                return Next::Is(Leg::Up(self));
            }
            let accepted = Response::new(202);
            stack.respond(now, tx, if refer.is_tracked { accepted } else { accepted.with(HeaderName::ReferSub, "false") });
            refer.stage = Stage::Accepted;
            refer.until = now + TOLD_FOR;
        }
        self.refer = self.notified(stack, now, refer, status, "noresource");
        Next::Is(Leg::Up(self))
    }

    /// The REFER was not answered in time, or has gone on for too long.
    pub(super) fn refer_due(&mut self, stack: &mut Stack, now: Instant) {
        let Some(refer) = self.refer.take_if(|refer| refer.until <= now) else { return };
        match refer.stage {
            Stage::Asked(tx) => drop(stack.respond(now, tx, Response::new(603))),
            Stage::Accepted => drop(self.notified(stack, now, refer, 408, "timeout")),
        }
    }

    /// A peer that does not want the NOTIFY has ended the subscription (RFC 6665 4.4.1); its call goes on (RFC 5057).
    pub(super) fn notify_answered(&mut self, tx: ClientTx, status: Option<u16>) {
        let Some(refer) = self.refer.as_mut().filter(|refer| refer.notify == Some(tx)) else { return };
        if status.is_some_and(|status| status < 200) {
            return;
        }
        refer.notify = None;
        if status.is_none_or(|status| status >= 300) {
            refer.is_tracked = false;
        }
    }

    /// We end the call: a peer that still waits for news of its REFER gets the last.
    pub(super) fn end_refer(&mut self, stack: &mut Stack, now: Instant) {
        match self.refer.take() {
            Some(Refer { stage: Stage::Asked(tx), .. }) => drop(stack.respond(now, tx, Response::new(603))),
            Some(refer) => drop(self.notified(stack, now, refer, 487, "noresource")),
            None => {}
        }
    }

    /// Tells the peer where its REFER stands; gives it back unless that was the last of it.
    fn notified(&self, stack: &mut Stack, now: Instant, mut refer: Refer, status: u16, ended: &str) -> Option<Refer> {
        let is_final = status >= 200;
        if refer.is_tracked {
            let left = refer.until.saturating_duration_since(now).as_secs().max(1);
            let state = if is_final { format!("terminated;reason={ended}") } else { format!("active;expires={left}") };
            let notify = stack.endpoint.request_in_dialog(self.dialog, Method::Notify).and_then(|notify| {
                let notify = notify
                    .with(HeaderName::Event, refer.event.as_str())
                    .with(HeaderName::SubscriptionState, state)
                    .with_body("message/sipfrag;version=2.0", format!("SIP/2.0 {status} {}\r\n", reason_phrase(status)));
                stack.endpoint.send_in_dialog(now, self.dialog, notify)
            });
            refer.notify = notify.ok();
        }
        (!is_final).then_some(refer)
    }
}
