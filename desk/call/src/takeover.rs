//! Attended transfer by the phones themselves: a phone puts its two calls together (REFER with Replaces), or a leg takes the place of
//! another (RFC 3891). What comes of both is what comes of a consultation that is completed.

use carillon_model::{AgentId, CallToAcd, EndedBy, Ending, Fact, LegId, LegRole, Now, Number, Origin, PhoneId, Reason, TrunkId};

use crate::{
    Call, ControlRefused, Effect, LegEnd,
    call::Stage,
    consult::With,
    leg::{Claim, Leg, LegState},
    outcome,
};

/// Somebody whom one call hands over to another, with the leg.
#[derive(Debug, Clone)]
pub struct Party {
    /// The leg; it is up.
    pub leg: LegId,
    as_it_was: Leg,
}

impl Party {
    /// Its phone, if it is one of ours.
    pub fn phone(&self) -> Option<PhoneId> {
        self.as_it_was.phone
    }
}

/// A leg that came in to take the place of another.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// Its leg, unanswered.
    pub leg: LegId,
    /// Where it comes from.
    pub origin: Origin,
    /// Its number.
    pub party: Number,
    /// Who works with the phone it comes from.
    pub agent: Option<AgentId>,
}

/// A leg on its way into the place of another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replacing {
    pub(crate) newcomer: LegId,
    old: LegId,
}

impl Call {
    /// How much hangs on this call going on, where it or another must end for both to become one: its recording, then its queue, then
    /// somebody outside.
    pub fn weight(&self) -> u8 {
        let is_outside = self.legs.values().any(|leg| leg.is_live() && leg.is_outside());
        u8::from(self.recording_is_open()) * 4 + u8::from(self.queue.is_some()) * 2 + u8::from(is_outside)
    }

    /// The number of who talks with the phone on this leg.
    pub fn partner_of(&self, own: LegId) -> Option<Number> {
        self.legs.get(&self.free_partner(own).ok()?).map(|leg| leg.party.clone())
    }

    /// The phone on this leg gives whom it talks with to another call, `to` somebody there, and leaves: this call ends.
    ///
    /// # Errors
    /// It does not talk with one party alone; nothing was changed.
    pub fn give_away(&mut self, now: Now, own: LegId, to: Number) -> Result<Party, ControlRefused> {
        let other = self.free_partner(own)?;
        let call = self.setup.call;
        let by = self.legs.get(&own).map_or(EndedBy::Agent, |leg| outcome::ended_by(leg.role, LegEnd::Remote));
        let ending = Ending::new(by, Reason::Transferred);
        self.fact(Fact::CallTransferred { call, by: own, to, attended: true });
        self.record_nobody();
        self.part(own);
        let Some(leg) = self.legs.get_mut(&other) else { return Err(ControlRefused::NotTalking) };
        let as_it_was = leg.clone();
        leg.state = LegState::Ended(ending);
        // The other call has the phone by now or will in a moment; until this one is gone it is not free.
        leg.holds_phone = false;
        self.fact(Fact::LegEnded { call, leg: other, ending, status: None, quality: None });
        self.close(ending);
        self.settle(now);
        Ok(Party { leg: other, as_it_was })
    }

    /// Takes over whom the phone on `own` talks with in another call: that one and this call's other side talk, and the phone leaves.
    ///
    /// # Errors
    /// The phone does not talk with one party alone; nothing was changed, and the party is nobody's.
    pub fn adopt(&mut self, now: Now, own: LegId, party: Party) -> Result<(), ControlRefused> {
        self.free_partner(own)?;
        let Party { leg: id, as_it_was } = party;
        let call = self.setup.call;
        let leg = Leg {
            role: LegRole::Callee,
            offer: None,
            claim: Claim::None,
            state: LegState::Answered,
            hears: None,
            worked: false,
            holds_phone: as_it_was.phone.is_some(),
            ..as_it_was
        };
        let (phone, number) = (leg.phone, leg.party.clone());
        self.add_leg(id, leg, number);
        self.fact(Fact::LegAnswered { call, leg: id });
        if let Some(phone) = phone {
            self.effect(Effect::Acd(CallToAcd::PhoneBusy { phone }));
        }
        self.hand_over(now, own, id, With::Asked);
        self.hang_up(own, Ending::new(EndedBy::Agent, Reason::Transferred));
        self.settle(now);
        Ok(())
    }

    /// A leg came in that shall take the place of `old`: it is answered, and then `old` leaves.
    ///
    /// # Errors
    /// `old` does not talk with one party alone; nothing was changed.
    pub fn replace(&mut self, now: Now, old: LegId, newcomer: Newcomer) -> Result<(), ControlRefused> {
        self.free_partner(old)?;
        let Newcomer { leg: id, origin, party, agent } = newcomer;
        let (phone, trunk): (Option<PhoneId>, Option<TrunkId>) = match origin {
            Origin::Phone(phone) => (Some(phone), None),
            Origin::Trunk(trunk) => (None, Some(trunk)),
        };
        let state = LegState::Answering;
        let leg = Leg { came_in: true, phone, trunk, agent, state, holds_phone: phone.is_some(), ..Leg::new(LegRole::Callee) };
        self.add_leg(id, leg, party);
        if let Some(phone) = phone {
            self.effect(Effect::Acd(CallToAcd::PhoneBusy { phone }));
        }
        self.replacing = Some(Replacing { newcomer: id, old });
        self.effect(Effect::Answer { leg: id });
        self.settle(now);
        Ok(())
    }

    /// The newcomer is there: whoever it replaces leaves. Whether this leg was one.
    pub(crate) fn newcomer_answered(&mut self, now: Now, id: LegId) -> bool {
        let Some(Replacing { old, .. }) = self.replacing.take_if(|replacing| replacing.newcomer == id) else { return false };
        let Ok(other) = self.free_partner(old) else {
            self.hang_up(id, Ending::new(EndedBy::System, Reason::OtherLegEnded));
            return true;
        };
        self.put_in_place_of(now, old, id, other, EndedBy::Agent);
        true
    }

    /// The leg `id` talks with `other` in place of `old`, which leaves: `by` whom is what its end says.
    pub(crate) fn put_in_place_of(&mut self, now: Now, old: LegId, id: LegId, other: LegId, by: EndedBy) {
        let call = self.setup.call;
        if let Some(party) = self.legs.get(&id).map(|leg| leg.party.clone()) {
            self.fact(Fact::CallTransferred { call, by: old, to: party, attended: true });
        }
        self.resumes(other);
        self.part(old);
        let partner = if old == self.served {
            self.served = id;
            other
        } else {
            id
        };
        self.is_given_on = true;
        self.bridge(partner);
        self.talk_on(now, partner);
        self.hang_up(old, Ending::new(by, Reason::Transferred));
    }

    /// Whom this leg talks with, or has on hold, while no third is asked or comes in.
    pub(crate) fn free_partner(&self, own: LegId) -> Result<LegId, ControlRefused> {
        let other = self.other_side(own).ok_or(ControlRefused::NotTalking)?;
        let Stage::Talking(talk) = &self.stage else { return Err(ControlRefused::NotTalking) };
        let is_there = self.legs.get(&own).is_some_and(Leg::is_answered);
        match talk.consult.is_some() || self.replacing.is_some() {
            _ if !is_there => Err(ControlRefused::NotTalking),
            true => Err(ControlRefused::Consulting),
            false => Ok(other),
        }
    }
}
