//! All legs, found by what the endpoint names in its events.
//!
//! A leg is a value of the state it is in; each input consumes it and gives back what it is next, or how it ended. Ended
//! legs are forgotten at once: what may still come of them (a 200 that crosses a CANCEL, a BYE that waits for an ACK) is
//! dealt with by [`Stack`] and the endpoint without them.

mod change;
mod incoming;
mod outgoing;
mod refer;
mod session;
mod up;

pub(crate) use incoming::{Incoming, Known, Offering, SDP};
pub(crate) use outgoing::{Call, Outgoing};
pub(crate) use up::{Up, refuse_body};

use crate::{
    Credentials, HangUpCause, LegId, ReferId,
    refer_to::Wanted,
    stack::{Ending, Stack},
};
use carillon_media_sdp::{Direction, LocalMedia};
use carillon_sip_core::{
    ClientTx, DialogId, ServerTx,
    message::{Request, Response},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

/// A leg in one of its states.
#[expect(clippy::large_enum_variant, reason = "nearly every leg is up, and a box would be one more thing to follow")]
pub(crate) enum Leg {
    /// An INVITE that waits for our answer.
    Incoming(Incoming),
    /// Answered with our offer: the ACK must bring the answer.
    Offering(Offering),
    /// INVITEs of ours that wait for an answer.
    Outgoing(Outgoing),
    /// Both sides have agreed.
    Up(Up),
}

/// What a leg is after an input.
#[expect(clippy::large_enum_variant, reason = "taken apart by the one who gets it, never kept")]
pub(crate) enum Next {
    Is(Leg),
    Over(Ending),
}

/// What the endpoint knows a leg by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Server(ServerTx),
    Client(ClientTx),
    Dialog(DialogId),
}

#[derive(Default)]
pub(crate) struct Legs {
    legs: BTreeMap<LegId, Leg>,
    leg_by_key: BTreeMap<Key, LegId>,
    deadlines: BTreeSet<(Instant, LegId)>,
}

impl Legs {
    pub(crate) fn len(&self) -> usize {
        self.legs.len()
    }

    pub(crate) fn contains(&self, id: LegId) -> bool {
        self.legs.contains_key(&id)
    }

    pub(crate) fn find(&self, key: Key) -> Option<LegId> {
        self.leg_by_key.get(&key).copied()
    }

    pub(crate) fn insert(&mut self, id: LegId, leg: Leg) {
        for key in leg.keys() {
            self.leg_by_key.insert(key, id);
        }
        if let Some(deadline) = leg.deadline() {
            self.deadlines.insert((deadline, id));
        }
        self.legs.insert(id, leg);
    }

    /// Takes one step with a leg; the one place where legs change and end.
    pub(crate) fn step(&mut self, stack: &mut Stack, id: LegId, step: impl FnOnce(Leg, &mut Stack) -> Next) {
        let Some(leg) = self.legs.remove(&id) else { return };
        for key in leg.keys() {
            self.leg_by_key.remove(&key);
        }
        if let Some(deadline) = leg.deadline() {
            self.deadlines.remove(&(deadline, id));
        }
        let account = leg.account();
        match step(leg, stack) {
            Next::Is(leg) => self.insert(id, leg),
            Next::Over(ending) => {
                if let Some((dialog, account)) = account {
                    stack.leave_as(dialog, account);
                }
                stack.trace.over(id);
                stack.events.push_back(ending.of(id));
            }
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// The legs whose deadline has come.
    pub(crate) fn due(&self, now: Instant) -> Vec<LegId> {
        self.deadlines.iter().take_while(|(deadline, _)| *deadline <= now).map(|(_, id)| *id).collect()
    }

    /// The leg that is up on a dialog.
    pub(crate) fn up_on(&self, dialog: DialogId) -> Option<(LegId, &Up)> {
        let id = self.find(Key::Dialog(dialog))?;
        match self.legs.get(&id)? {
            Leg::Up(up) => Some((id, up)),
            Leg::Incoming(_) | Leg::Offering(_) | Leg::Outgoing(_) => None,
        }
    }

    /// Whether the peer of a leg is also that of another one: the same phone, or a trunk at the same address.
    pub(crate) fn is_with_same_peer(&self, stack: &Stack, leg: LegId, other: &Up) -> bool {
        let Some(Leg::Up(leg)) = self.legs.get(&leg) else { return false };
        let host = |dialog| stack.signalled_from(dialog).map(|from| from.ip());
        leg.phone == other.phone && (leg.phone.is_some() || host(leg.dialog) == host(other.dialog))
    }

    /// The dialogs of a phone's legs.
    pub(crate) fn dialogs_of_phone(&self, phone: &str) -> Vec<DialogId> {
        let legs = self.legs.values().filter(|leg| leg.phone() == Some(phone));
        legs.flat_map(Leg::keys).filter_map(|key| if let Key::Dialog(dialog) = key { Some(dialog) } else { None }).collect()
    }
}

impl Leg {
    fn keys(&self) -> Vec<Key> {
        match self {
            Leg::Incoming(leg) => leg.keys(),
            Leg::Offering(leg) => vec![Key::Dialog(leg.dialog)],
            Leg::Outgoing(leg) => leg.keys(),
            Leg::Up(leg) => leg.keys(),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self {
            Leg::Outgoing(leg) => Some(leg.until),
            Leg::Up(leg) => leg.deadline(),
            Leg::Incoming(_) | Leg::Offering(_) => None,
        }
    }

    fn phone(&self) -> Option<&str> {
        match self {
            Leg::Incoming(leg) => leg.phone.as_deref(),
            Leg::Offering(leg) => leg.phone.as_deref(),
            Leg::Outgoing(leg) => leg.phone.as_deref(),
            Leg::Up(leg) => leg.phone.as_deref(),
        }
    }

    /// Who we are to its peer, once it has agreed.
    fn account(&self) -> Option<(DialogId, Credentials)> {
        match self {
            Leg::Offering(leg) => Some((leg.dialog, leg.credentials.clone()?)),
            Leg::Up(leg) => Some((leg.dialog, leg.change.account()?.clone())),
            Leg::Incoming(_) | Leg::Outgoing(_) => None,
        }
    }

    pub(crate) fn ring(self, stack: &mut Stack, now: Instant) -> Next {
        match self {
            Leg::Incoming(leg) => leg.ring(stack, now),
            other => Next::Is(other),
        }
    }

    pub(crate) fn answer(self, stack: &mut Stack, now: Instant, local: LocalMedia) -> Next {
        match self {
            Leg::Incoming(leg) => leg.answer(stack, now, local),
            other => Next::Is(other),
        }
    }

    pub(crate) fn progress(self, stack: &mut Stack, now: Instant, local: LocalMedia) -> Next {
        match self {
            Leg::Incoming(leg) => leg.progress(stack, now, local),
            other => Next::Is(other),
        }
    }

    pub(crate) fn send_digit(self, stack: &mut Stack, now: Instant, digit: char, duration_ms: u32) -> Next {
        match self {
            Leg::Up(leg) => leg.send_digit(stack, now, digit, duration_ms),
            other => Next::Is(other),
        }
    }

    pub(crate) fn prack_missing(self, stack: &mut Stack, now: Instant) -> Next {
        match self {
            Leg::Incoming(leg) => leg.prack_missing(stack, now),
            other => Next::Is(other),
        }
    }

    pub(crate) fn refuse(self, stack: &mut Stack, now: Instant, status: u16, reason: Option<&str>) -> Next {
        match self {
            Leg::Incoming(leg) => leg.refuse(stack, now, status, reason),
            other => Next::Is(other),
        }
    }

    pub(crate) fn hang_up(self, stack: &mut Stack, now: Instant, cause: &HangUpCause) -> Next {
        match self {
            Leg::Incoming(leg) => leg.hang_up(stack, now, cause),
            Leg::Offering(leg) => leg.hang_up(stack, now, cause),
            Leg::Outgoing(leg) => leg.hang_up(stack, now, cause),
            Leg::Up(leg) => leg.hang_up(stack, now, cause),
        }
    }

    pub(crate) fn set_direction(self, stack: &mut Stack, now: Instant, direction: Direction) -> Next {
        match self {
            Leg::Up(leg) => leg.set_direction(stack, now, direction),
            other => Next::Is(other),
        }
    }

    pub(crate) fn set_media(self, stack: &mut Stack, now: Instant, local: LocalMedia) -> Next {
        match self {
            Leg::Up(leg) => leg.set_media(stack, now, local),
            other => Next::Is(other),
        }
    }

    pub(crate) fn refer_status(self, stack: &mut Stack, now: Instant, refer: ReferId, status: u16) -> Next {
        match self {
            Leg::Up(leg) => leg.refer_status(stack, now, refer, status),
            other => Next::Is(other),
        }
    }

    /// A REFER in the leg's dialog, read already.
    pub(crate) fn referred(self, stack: &mut Stack, now: Instant, tx: ServerTx, request: &Request, wanted: Wanted) -> Next {
        match self {
            Leg::Up(leg) => leg.referred(stack, now, tx, request, wanted),
            // Nobody can be put through who was not put through yet: it may be asked again.
            other => {
                stack.respond(now, tx, carillon_sip_core::message::Response::new(491));
                Next::Is(other)
            }
        }
    }

    /// A request in the leg's dialog, which must be answered here.
    pub(crate) fn request(self, stack: &mut Stack, now: Instant, tx: ServerTx, dialog: DialogId, request: &Request) -> Next {
        match self {
            Leg::Incoming(leg) => leg.request(stack, now, tx, request),
            Leg::Offering(leg) => leg.request(stack, now, tx, request),
            Leg::Up(leg) => leg.request(stack, now, tx, request),
            Leg::Outgoing(leg) => leg.request(stack, now, tx, dialog, request),
        }
    }

    pub(crate) fn response(self, stack: &mut Stack, now: Instant, tx: ClientTx, response: &Response, dialog: Option<DialogId>) -> Next {
        match self {
            Leg::Outgoing(leg) => leg.response(stack, now, tx, response, dialog),
            Leg::Up(leg) => leg.response(stack, now, tx, response),
            other => Next::Is(other),
        }
    }

    /// A request of ours has no answer: it timed out or could not be sent.
    pub(crate) fn unanswered(self, stack: &mut Stack, now: Instant, tx: ClientTx) -> Next {
        match self {
            Leg::Outgoing(leg) => leg.unanswered(stack, now, tx),
            Leg::Up(leg) => leg.unanswered(stack, now, tx),
            other => Next::Is(other),
        }
    }

    pub(crate) fn acked(self, stack: &mut Stack, now: Instant, tx: ServerTx, ack: &Request) -> Next {
        match self {
            Leg::Offering(leg) => leg.acked(stack, now, ack),
            Leg::Up(leg) => leg.acked(stack, tx, ack),
            other => Next::Is(other),
        }
    }

    pub(crate) fn ack_missing(self, stack: &mut Stack, now: Instant) -> Next {
        match self {
            Leg::Offering(Offering { dialog, .. }) | Leg::Up(Up { dialog, .. }) => up::end_without_ack(stack, now, dialog),
            other => Next::Is(other),
        }
    }

    pub(crate) fn cancelled(self) -> Next {
        match self {
            Leg::Incoming(leg) => leg.cancelled(),
            other => Next::Is(other),
        }
    }

    pub(crate) fn caller_lost(self) -> Next {
        match self {
            Leg::Incoming(leg) => leg.caller_lost(),
            other => Next::Is(other),
        }
    }

    pub(crate) fn deadline_passed(self, stack: &mut Stack, now: Instant) -> Next {
        match self {
            Leg::Outgoing(leg) => leg.waited_too_long(stack, now),
            Leg::Up(leg) => leg.deadline_passed(stack, now),
            other => Next::Is(other),
        }
    }
}
