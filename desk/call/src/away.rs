//! The page that is an agent's phone is gone for a while: loaded anew, closed by mistake, cut off. Whoever it spoke with hears music, and it
//! comes back by a leg of its own, which takes the place of the lost one. A page that stays away gives its caller back to the queue.

use std::time::{Duration, Instant};

use carillon_model::{AgentId, EndedBy, Ending, Fact, LegId, LegRole, Now, Reason};

use crate::{
    Call, Control, ControlRefused, Effect, Taking, Target,
    call::Stage,
    leg::{Claim, Leg},
};

/// How long a page may stay away.
const GRACE: Duration = Duration::from_secs(30);

/// How long the page's new leg may take to be answered: it answers by itself.
const COMES_WITHIN: Duration = Duration::from_secs(10);

/// A page that the call waits for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Away {
    /// Its leg; it has ended or ends.
    lost: LegId,
    /// Whom it spoke with, who hears music.
    heard: Option<LegId>,
    /// Until then.
    pub(crate) until: Instant,
    /// However often the page is rung, no longer than this.
    last: Instant,
    /// The leg it comes back by, once it rings.
    newcomer: Option<LegId>,
}

const LOST: Ending = Ending { by: EndedBy::Network, reason: Reason::PeerLost };

impl Call {
    /// What an agent whose phone is a page wants around its going and coming; `None`: it is none of that.
    pub(crate) fn control_page(&mut self, now: Now, agent: AgentId, control: &Control) -> Option<Result<(), ControlRefused>> {
        let is_awaited = self.away.is_some_and(|away| self.legs.get(&away.lost).is_some_and(|leg| leg.agent == Some(agent)));
        match control {
            Control::StepAway => Some(self.step_away(now, agent)),
            Control::Return if is_awaited => Some(self.ring_page(now)),
            Control::Return => Some(self.step_away(now, agent).and_then(|()| self.ring_page(now))),
            Control::HangUp if is_awaited => {
                // Whoever was asked and answered gets the other side, as always when who asked hangs up.
                match self.away.is_some_and(|away| self.answered_consult(away.lost).is_ok()) {
                    true => self.page_stays_away(now),
                    false => self.close(Ending::new(EndedBy::Agent, Reason::HungUp)),
                }
                Some(Ok(()))
            }
            _ => None,
        }
    }

    /// The page says that it goes, or that it has none of its leg's audio any more: nothing is waited for that will not come.
    fn step_away(&mut self, now: Now, agent: AgentId) -> Result<(), ControlRefused> {
        let id = self.own_leg(agent).ok_or(ControlRefused::NotTalking)?;
        if !self.waits_for_page(now, id) {
            return Err(ControlRefused::NotTalking);
        }
        self.hang_up(id, LOST);
        Ok(())
    }

    /// The page on this leg is gone. Whether the call waits for it: while it talks with one party at a time.
    pub(crate) fn waits_for_page(&mut self, now: Now, id: LegId) -> bool {
        let is_page = self.legs.get(&id).and_then(|leg| leg.phone).is_some_and(|phone| self.setup.site.is_page(phone));
        let Stage::Talking(talk) = &self.stage else { return false };
        let talks = id == self.served || id == talk.partner;
        if !is_page || !talks || self.away.is_some() || self.replacing.is_some() || self.three_way_of().is_some() {
            return false;
        }
        if self.consult_at_hand().is_some() {
            if self.consult_of(id).is_err() {
                return false;
            }
            if self.answered_consult(id).is_err() {
                // Nobody is there to speak with whoever answers.
                self.let_go_of_consult();
            }
        }
        let heard = self.legs.get(&id).and_then(|leg| leg.hears);
        if let Some(other) = heard {
            self.effect(Effect::Unbridge { leg: other });
        }
        self.part(id);
        if let Some(other) = heard {
            self.play_hold_music(now, other);
            self.fact(Fact::CallHeld { call: self.setup.call, leg: other, by: id });
        }
        self.record_nobody();
        let until = now.mono + GRACE;
        self.away = Some(Away { lost: id, heard, until, last: until + COMES_WITHIN, newcomer: None });
        true
    }

    /// The page is there again: a leg to it rings.
    fn ring_page(&mut self, now: Now) -> Result<(), ControlRefused> {
        let away = self.away.ok_or(ControlRefused::NotTalking)?;
        let lost = self.legs.get(&away.lost).ok_or(ControlRefused::NotTalking)?.clone();
        let phone = lost.phone.ok_or(ControlRefused::NotTalking)?;
        if let Some(earlier) = away.newcomer {
            self.hang_up(earlier, LOST);
        }
        let heard = away.heard.and_then(|heard| self.legs.get(&heard)).filter(|leg| leg.role != LegRole::Caller);
        let (from, from_name) = match heard {
            Some(leg) => (leg.party.clone(), None),
            None => (self.setup.caller.clone(), self.setup.caller_name.clone()),
        };
        let id = LegId::new(self.ids.next(now.wall));
        let leg = Leg { phone: Some(phone), agent: lost.agent, ..Leg::new(lost.role) };
        self.add_leg(id, leg, lost.party);
        self.effect(Effect::Dial { leg: id, target: Target::Phone(phone), from, from_name, taking: Taking::ToReturn });
        let until = away.until.max((now.mono + COMES_WITHIN).min(away.last));
        self.away = Some(Away { newcomer: Some(id), until, ..away });
        Ok(())
    }

    /// A leg was answered: if a page comes back by it, it takes the place of the lost one.
    pub(crate) fn page_answers(&mut self, now: Now, id: LegId) {
        let Some(Away { lost, heard, .. }) = self.away.take_if(|away| away.newcomer == Some(id)) else { return };
        self.takes_place_of(lost, id);
        let Stage::Talking(talk) = &self.stage else { return };
        let (partner, held, consult) = (talk.partner, talk.held_by.is_some(), talk.consult.is_some());
        let heard = heard.filter(|heard| self.legs.get(heard).is_some_and(Leg::is_answered));
        if let Some(heard) = heard {
            self.fact(Fact::CallResumed { call: self.setup.call, leg: heard });
        }
        match heard {
            Some(_) if !consult && !held => {
                self.bridge(partner);
                self.talk_on(now, partner);
            }
            Some(heard) => {
                self.connect(id, heard);
                self.record_talk();
                self.fact(Fact::CallBridged { call: self.setup.call, a: self.served, b: partner });
            }
            None => self.fact(Fact::CallBridged { call: self.setup.call, a: self.served, b: partner }),
        }
    }

    /// All that was the old leg's is the new one's.
    fn takes_place_of(&mut self, old: LegId, new: LegId) {
        let Some(before) = self.legs.get_mut(&old) else { return };
        let (offer, claim) = (before.offer.take(), std::mem::replace(&mut before.claim, Claim::None));
        let (holds_phone, worked) = (std::mem::take(&mut before.holds_phone), before.worked);
        if let Some(leg) = self.legs.get_mut(&new) {
            (leg.offer, leg.claim, leg.holds_phone, leg.worked, leg.talked) = (offer, claim, holds_phone, worked, true);
        }
        let rename = |leg: &mut LegId| {
            if *leg == old {
                *leg = new;
            }
        };
        rename(&mut self.served);
        if let Stage::Talking(talk) = &mut self.stage {
            rename(&mut talk.partner);
            talk.held_by.iter_mut().for_each(rename);
            if let Some(consult) = &mut talk.consult {
                consult.rename(rename);
            }
        }
    }

    /// A leg ended: whether it is the one a page is waited for, or the one it was to come back by.
    pub(crate) fn is_awaited_end(&mut self, now: Now, id: LegId, was_up: bool, ending: Ending) -> bool {
        if let Some(away) = &mut self.away
            && away.newcomer == Some(id)
        {
            away.newcomer = None;
            self.forget(id);
            return true;
        }
        self.away.is_some_and(|away| away.lost == id) || (was_up && ending.by == EndedBy::Network && self.waits_for_page(now, id))
    }

    /// The page did not come back in time.
    pub(crate) fn page_stays_away(&mut self, now: Now) {
        let Some(Away { lost, heard, newcomer, .. }) = self.away.take() else { return };
        if let Some(newcomer) = newcomer {
            self.hang_up(newcomer, LOST);
        }
        if let Some(heard) = heard {
            self.fact(Fact::CallResumed { call: self.setup.call, leg: heard });
        }
        self.release_phone(lost);
        if self.goes_on_without(now, lost, true, LOST) {
            return;
        }
        self.serve_instead_of(lost);
        if heard.is_none() {
            self.resumes(self.served);
        }
        let queue = self.queue.filter(|_| !self.setup.is_clicked());
        self.let_go_of_consult();
        self.stage = Stage::Turning;
        match queue.and_then(|queue| self.queue_again(queue)) {
            Some(action) => {
                self.is_given_on = false;
                self.carry_out(now, action);
            }
            None => self.fail_aloud(now, LOST),
        }
    }

    /// Nobody comes back to a call that ends.
    pub(crate) fn stop_awaiting(&mut self) {
        if let Some(away) = self.away.take() {
            self.release_phone(away.lost);
        }
    }
}
