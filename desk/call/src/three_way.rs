//! Three-way: whoever asks brings both together, and all three hear each other until one of them goes.

use carillon_model::{Fact, LegId, Now};

use crate::{Call, ControlRefused, Effect, call::Stage, consult::With, leg::Leg};

impl Call {
    /// The one who waits joins the two who talk.
    pub(crate) fn three_way(&mut self, by: LegId) -> Result<(), ControlRefused> {
        let other = self.other_side(by).ok_or(ControlRefused::NotTalking)?;
        let (asked, with) = self.answered_consult(by)?;
        let waited = match with {
            With::Asked => other,
            With::Waiting => asked,
            With::Both => return Err(ControlRefused::ThreeWay),
        };
        let call = self.setup.call;
        if let Stage::Talking(talk) = &mut self.stage {
            talk.held_by = None;
        }
        self.speak_with(by, asked, With::Both);
        self.fact(Fact::CallResumed { call, leg: waited });
        self.fact(Fact::CallThreeWay { call, by, asked });
        self.mix();
        self.record_talk();
        Ok(())
    }

    /// All three hear each other, but for a phone that holds: it may play music of its own.
    pub(crate) fn mix(&mut self) {
        let Some((by, asked)) = self.three_way_of() else { return };
        let Some(other) = self.other_side(by) else { return };
        let three = [other, by, asked];
        let outside = three.iter().any(|leg| self.legs.get(leg).is_some_and(Leg::is_outside));
        let heard: Vec<LegId> = three.into_iter().filter(|leg| self.legs.get(leg).is_some_and(|leg| !leg.holds)).collect();
        for leg in three {
            self.part(leg);
            if let Some(leg) = self.legs.get_mut(&leg) {
                leg.worked |= outside && leg.offer.is_none() && leg.agent.is_some();
            }
        }
        let hears = three.map(|leg| (leg, heard.iter().copied().filter(|heard| *heard != leg).collect()));
        if !self.is_mixed(&three) {
            self.effect(Effect::Mix { hears: hears.into() });
        }
    }

    /// One of the three has gone: the other two of the talk go on.
    pub(crate) fn two_are_left(&mut self, now: Now, by: LegId, other: LegId) {
        self.connect(by, other);
        self.record_talk();
        self.tell_hold(now, by);
        self.tell_hold(now, other);
    }
}
