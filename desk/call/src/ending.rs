//! How a call ends: once, for the first cause, after all its legs.

use carillon_model::{CallToAcd, Ending, Fact, LegId, LegRole, Now, Quality, Reason};

use crate::{
    Call, Effect, LegEnd,
    call::Stage,
    leg::{Claim, Leg, LegState},
    outcome,
};

/// How far the end of a call has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    /// Some leg lives, or ends.
    LegsOpen,
    /// The end is written; the recording's file may still be open.
    Ended,
    /// Nothing follows.
    Over,
}

impl Call {
    /// Ends the call. The first cause stands; later ones change nothing.
    pub(crate) fn close(&mut self, ending: Ending) {
        if self.ending.is_some() {
            return;
        }
        // Whoever hangs up on the tone that says why ends nothing that had not ended.
        let ending = if let Stage::Failing(failing) = &self.stage { failing.ending } else { ending };
        self.ending = Some(ending);
        self.stop_awaiting();
        self.leave_queue(ending);
        self.stage = Stage::Closing;
        let legs: Vec<_> = self.legs.iter().map(|(id, leg)| (*id, leg.ending_with(ending))).collect();
        legs.into_iter().for_each(|(id, ending)| self.hang_up(id, ending));
    }

    /// Tells a leg to end, once. A caller who was not answered is refused.
    pub(crate) fn hang_up(&mut self, id: LegId, ending: Ending) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.is_live()) else { return };
        let refuse = leg.came_in && matches!(leg.state, LegState::Trying | LegState::Ringing);
        leg.state = LegState::Closing { ending, answered: leg.is_answered() };
        let reason = ending.reason;
        self.effect(if refuse { Effect::Refuse { leg: id, reason } } else { Effect::HangUp { leg: id, reason } });
    }

    pub(crate) fn leg_ended(&mut self, now: Now, id: LegId, end: LegEnd, status: Option<u16>, reason: Reason, quality: Option<Quality>) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| !leg.has_ended()) else { return };
        let before = leg.state;
        let ending = match before {
            LegState::Closing { ending, .. } => ending,
            _ => Ending::new(outcome::ended_by(leg.role, end), reason),
        };
        leg.state = LegState::Ended(ending);
        let (offer, claim, talked) = (leg.offer, leg.claim, leg.talked);
        let waits = matches!(self.stage, Stage::Waiting(_));
        let told = matches!(before, LegState::Closing { .. });
        self.fact(Fact::LegEnded { call: self.setup.call, leg: id, ending, status, quality });
        if self.is_awaited_end(now, id, before == LegState::Answered, ending) {
            return;
        }
        self.release_phone(id);
        self.part(id);
        self.replacing.take_if(|replacing| replacing.newcomer == id);
        match (offer, claim) {
            _ if self.supervisor_left(now, id) => {}
            _ if !told && self.goes_on_without(now, id, before == LegState::Answered, ending) => {}
            _ if id == self.served => {
                self.close(Ending { reason: if talked && !waits { reason } else { given_up(ending.reason) }, ..ending })
            }
            _ if told => {}
            _ if talked => self.close(ending),
            (Some(offer), Claim::None) => self.offer_failed(offer, reason),
            // Answered and gone before the claim was: `acd`'s word decides what becomes of the call.
            (Some(_), Claim::Asked | Claim::Granted) => {}
            (None, _) => self.dialled_leg_ended(now, id, before == LegState::Answered, ending),
        }
        self.forget(id);
    }

    /// Tells `acd` that the agent's part is over.
    pub(crate) fn release_phone(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.holds_phone) else { return };
        leg.holds_phone = false;
        let worked = leg.worked;
        if let Some(phone) = leg.phone {
            if worked {
                self.effect(Effect::Acd(CallToAcd::Worked { phone, queue: self.queue }));
            }
            self.effect(Effect::Acd(CallToAcd::PhoneFree { phone }));
        }
    }

    /// Drops an ended leg that no message can concern any more, so that a long wait with many offers stays small.
    pub(crate) fn forget(&mut self, id: LegId) {
        let done = |leg: &Leg| leg.has_ended() && leg.claim != Claim::Asked && !leg.talked && leg.role != LegRole::Caller;
        if self.legs.get(&id).is_some_and(done) {
            self.legs.remove(&id);
        }
    }

    /// What follows from the legs after every event: the end of the recording, of the call, of everything.
    pub(crate) fn settle(&mut self, now: Now) {
        self.settle_supervision(now);
        self.stop_recording_at_the_end(now);
        if let Some(ending) = self.ending
            && self.closing == Closing::LegsOpen
            && self.legs.values().all(Leg::has_ended)
        {
            self.closing = Closing::Ended;
            self.fact(Fact::CallEnded { call: self.setup.call, ending });
        }
        if self.closing == Closing::Ended && !self.recording_is_open() {
            self.closing = Closing::Over;
            self.effect(Effect::Over);
        }
    }
}

impl Leg {
    /// The call's ending as this leg's: what never was answered is cancelled, not hung up.
    fn ending_with(&self, call: Ending) -> Ending {
        let cancelled = !self.came_in && !self.is_answered() && call.reason == Reason::HungUp;
        Ending { reason: if cancelled { Reason::Cancelled } else { call.reason }, ..call }
    }
}

/// A caller who hangs up before anybody was there gave up, although a greeting, music or an agent of another queue had answered.
fn given_up(reason: Reason) -> Reason {
    if reason == Reason::HungUp { Reason::Cancelled } else { reason }
}
