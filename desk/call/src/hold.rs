//! Hold: one side hears music, and nobody hears it.

use carillon_model::{Fact, LegId, Now};

use crate::{Call, Control, ControlRefused, Effect, call::Stage};

impl Call {
    /// One side of the talk puts the other on hold.
    pub(crate) fn hold(&mut self, now: Now, by: LegId) -> Result<(), ControlRefused> {
        let other = self.other_side(by).ok_or(ControlRefused::NotTalking)?;
        let Stage::Talking(talk) = &mut self.stage else { return Err(ControlRefused::NotTalking) };
        if talk.held_by.is_some() {
            return Err(ControlRefused::OnHold);
        }
        talk.held_by = Some(by);
        self.effect(Effect::Unbridge { leg: other });
        self.part(by);
        self.play_hold_music(now, other);
        self.fact(Fact::CallHeld { call: self.setup.call, leg: other, by });
        self.record_nobody();
        Ok(())
    }

    /// Whoever holds takes the other side back. Somebody being asked meanwhile is let go.
    pub(crate) fn resume(&mut self, now: Now, by: LegId) -> Result<(), ControlRefused> {
        let other = self.other_side(by).ok_or(ControlRefused::NotTalking)?;
        let Stage::Talking(talk) = &self.stage else { return Err(ControlRefused::NotTalking) };
        if talk.held_by != Some(by) {
            return Err(ControlRefused::NotOnHold);
        }
        if talk.consult.is_some() {
            return self.control_by(now, by, Control::CancelConsult);
        }
        self.take_back(now, by, other);
        Ok(())
    }

    /// Both sides hear each other again.
    pub(crate) fn take_back(&mut self, now: Now, by: LegId, other: LegId) {
        if let Stage::Talking(talk) = &mut self.stage {
            talk.held_by = None;
        }
        self.connect(by, other);
        self.fact(Fact::CallResumed { call: self.setup.call, leg: other });
        self.record_talk();
        self.tell_hold(now, by);
        self.tell_hold(now, other);
    }

    /// A phone holds or resumes by itself: the server only lets the other side hear music.
    pub(crate) fn leg_holds(&mut self, now: Now, id: LegId, holds: bool) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.is_live() && leg.holds != holds) else { return };
        leg.holds = holds;
        let hears = leg.hears;
        if self.three_way_of().is_some() {
            return self.mix();
        }
        match (holds, hears) {
            (true, Some(_)) => self.tell_hold(now, id),
            (false, Some(other)) => {
                self.effect(Effect::StopPlay { leg: other });
                self.fact(Fact::CallResumed { call: self.setup.call, leg: other });
            }
            (_, None) => {}
        }
    }

    /// Plays the music of a phone that holds, if it does, to whom it talks with.
    pub(crate) fn tell_hold(&mut self, now: Now, id: LegId) {
        let Some(other) = self.legs.get(&id).filter(|leg| leg.holds).and_then(|leg| leg.hears) else { return };
        self.play_hold_music(now, other);
        self.fact(Fact::CallHeld { call: self.setup.call, leg: other, by: id });
    }

    pub(crate) fn play_hold_music(&mut self, now: Now, leg: LegId) {
        if let Some(music) = self.setup.site.music(self.queue) {
            let play = self.new_play(now);
            self.effect(Effect::PlayMusic { leg, play, music });
        }
    }
}
