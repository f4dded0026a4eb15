//! What phones ask for by REFER and Replaces: to be put through to a number, to have two calls of theirs put together, to take a leg's place.
//!
//! Two calls that become one are two tasks, and neither waits for the other: each step is a letter, and what changed meanwhile is found by
//! whoever reads it. The call on which more hangs goes on; the other gives it its party, and ends.

use std::net::IpAddr;

use carillon_call::{Dialler, Newcomer, Onward, Party};
use carillon_dialplan::Ask;
use carillon_media_engine as media;
use carillon_model::{CallId, LegId, MediaSecurity, Number, Reason};
use carillon_sip_leg::{self as sip, ReferId};

use super::{
    legs::{Leg, media_leg, sip_leg},
    mailbox::Input,
    task::{CallTask, desk_leg},
};
use crate::clock;

/// One call to another, about a phone that is in both.
#[derive(Debug)]
pub enum TwoCalls {
    /// The phone's REFER came on its leg `own` of the call `from`, and names `leg` of the call this is for.
    Asked {
        /// The phone's leg here.
        leg: LegId,
        /// Who asks.
        from: CallId,
        /// The phone's leg there.
        own: LegId,
        /// Its REFER.
        refer: ReferId,
        /// With whom it talks there.
        partner: Number,
        /// How much hangs on that call.
        weight: u8,
        /// Its media thread.
        thread: media::ThreadIx,
    },
    /// It cannot be.
    Refused {
        /// The phone's leg here.
        own: LegId,
        /// Its REFER.
        refer: ReferId,
    },
    /// More hangs on the other call: this one is to give its party there.
    Rather {
        /// The phone's leg here.
        own: LegId,
        /// Its REFER.
        refer: ReferId,
        /// The phone's leg there.
        leg: LegId,
        /// With whom it talks there.
        partner: Number,
        /// The other call.
        to: CallId,
    },
    /// Here is whom the phone talked with in the other call.
    Given(Box<Given>),
}

/// A party on the way from one call to another.
#[derive(Debug)]
pub struct Given {
    /// The phone's leg in the call that takes.
    own: LegId,
    /// The REFER, where it came on that leg.
    refer: Option<ReferId>,
    party: Party,
    entry: Leg,
}

impl CallTask {
    /// A phone asks for the other side to be put through: to a number, as far as who works with the phone may dial that, or to whom it
    /// talks with on another leg.
    pub(super) async fn refer(&mut self, leg: sip::LegId, refer: ReferId, number: &str, replaces: Option<sip::LegId>) {
        if let Some(other) = replaces {
            return self.put_together(desk_leg(leg), refer, desk_leg(other)).await;
        }
        let onward = match self.call.dialler_of(desk_leg(leg)) {
            Some((phone, agent)) => {
                let ask = Ask { trunk: None, called: number, caller: "", local: self.around.local_time() };
                Onward::of(self.call.plan(), &self.around.directory.read().site, &ask, &Dialler { phone, agent, queue: None })
            }
            // A trunk puts nobody through.
            None => Err(Reason::Rejected),
        };
        let status = match onward.map(|onward| self.call.refer(clock::now(), desk_leg(leg), onward)) {
            Ok(Ok(())) => 200,
            Ok(Err(_)) => 603,
            Err(reason) => super::effects::refusal_status(reason),
        };
        self.tell_refer(desk_leg(leg), refer, status).await;
    }

    async fn put_together(&mut self, own: LegId, refer: ReferId, other: LegId) {
        let calls = &self.around.calls;
        let asked = calls.call_of_part(other.as_u128()).filter(|call| *call != self.id).and_then(|call| calls.mailbox(call));
        match asked.zip(self.call.partner_of(own)) {
            Some((mailbox, partner)) => {
                let (weight, thread) = (self.call.weight(), self.legs.thread);
                mailbox.post(Input::Refer(Box::new(TwoCalls::Asked { leg: other, from: self.id, own, refer, partner, weight, thread })));
            }
            None => self.tell_refer(own, refer, DECLINED).await,
        }
    }

    /// What the other call of a phone says.
    pub(super) async fn take_refer(&mut self, news: TwoCalls) {
        match news {
            TwoCalls::Asked { leg, from, own, refer, partner, weight, thread } => {
                let Some(ours) = self.call.partner_of(leg).filter(|_| thread == self.legs.thread) else {
                    return self.post(from, TwoCalls::Refused { own, refer });
                };
                if self.call.weight() > weight {
                    return self.post(from, TwoCalls::Rather { own, refer, leg, partner: ours, to: self.id });
                }
                if !self.give(leg, partner, from, own, Some(refer)) {
                    self.post(from, TwoCalls::Refused { own, refer });
                }
            }
            TwoCalls::Refused { own, refer } => self.tell_refer(own, refer, DECLINED).await,
            TwoCalls::Rather { own, refer, leg, partner, to } => {
                // Before the hang-up that follows.
                match self.call.partner_of(own) {
                    Some(_) => self.tell_refer(own, refer, DONE).await,
                    None => return self.tell_refer(own, refer, DECLINED).await,
                }
                self.give(own, partner, to, leg, None);
            }
            TwoCalls::Given(given) => {
                let Given { own, refer, party, entry } = *given;
                let leg = party.leg;
                let is_possible = self.call.partner_of(own).is_some();
                if let Some(refer) = refer {
                    self.tell_refer(own, refer, if is_possible { DONE } else { DECLINED }).await;
                }
                match self.call.adopt(clock::now(), own, party) {
                    Ok(()) => self.legs.put(leg, entry),
                    Err(_) => self.let_go(leg).await,
                }
            }
        }
    }

    /// Gives whom the phone talks with to another call. False when that cannot be.
    fn give(&mut self, leg: LegId, to_whom: Number, to: CallId, own: LegId, refer: Option<ReferId>) -> bool {
        if self.around.calls.mailbox(to).is_none() {
            return false;
        }
        let Ok(party) = self.call.give_away(clock::now(), leg, to_whom) else { return false };
        let entry = self.legs.take(party.leg);
        // Were the other call gone in this moment, what it leaves is ended with it.
        self.around.calls.give(party.leg, to);
        self.post(to, TwoCalls::Given(Box::new(Given { own, refer, party, entry })));
        true
    }

    /// Ends a leg that no call has any more.
    async fn let_go(&mut self, leg: LegId) {
        self.around.calls.disown(leg.as_u128());
        self.order(sip::Command::HangUp { leg: sip_leg(leg), cause: sip::HangUpCause::Normal }).await;
        self.order_media(media::Command::CloseLeg { leg: media_leg(leg) }).await;
    }

    /// A leg came in that shall take the place of one of ours.
    pub(super) async fn replace(&mut self, old: LegId, newcomer: Newcomer, signalled_from: IpAddr, security: MediaSecurity) {
        let leg = newcomer.leg;
        match self.call.replace(clock::now(), old, newcomer) {
            Ok(()) => {
                let entry = self.legs.entry(leg);
                (entry.signalled_from, entry.security) = (Some(signalled_from), security);
            }
            Err(_) => {
                self.around.calls.disown(leg.as_u128());
                self.order(sip::Command::Refuse { leg: sip_leg(leg), status: DECLINED, reason: None }).await;
            }
        }
    }

    /// Says how a REFER went, before the hang-up that may follow, so that the phone hears it.
    async fn tell_refer(&mut self, leg: LegId, refer: ReferId, status: u16) {
        let leg = sip_leg(leg);
        if status < 300 {
            self.order(sip::Command::ReferStatus { leg, refer, status: TRYING }).await;
        }
        self.order(sip::Command::ReferStatus { leg, refer, status }).await;
    }

    fn post(&self, to: CallId, news: TwoCalls) {
        if let Some(mailbox) = self.around.calls.mailbox(to) {
            mailbox.post(Input::Refer(Box::new(news)));
        }
    }
}

const TRYING: u16 = 100;
const DONE: u16 = 200;
const DECLINED: u16 = 603;
