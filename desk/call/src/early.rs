//! Audio before the answer: whoever calls hears what the other side's network says, in place of a tone of ours.

use carillon_model::LegId;

use crate::{
    Call, Effect,
    call::Stage,
    leg::{Leg, LegState},
};

impl Call {
    /// A leg is heard before it is answered: who is dialled, or, as we wished it, whoever calls.
    pub(crate) fn leg_early(&mut self, id: LegId) {
        let unanswered = |leg: &&mut Leg| matches!(leg.state, LegState::Trying | LegState::Ringing);
        let Some(leg) = self.legs.get_mut(&id).filter(unanswered) else { return };
        leg.early = true;
        if let Some(by) = self.asks_by(id) {
            return self.effect(Effect::BridgeEarly { a: by, b: id });
        }
        let served = self.served;
        let Some(caller) = self.live_served() else { return };
        let can_be_heard = caller.is_answered() || caller.early;
        let is_unanswered = caller.came_in && matches!(caller.state, LegState::Trying | LegState::Ringing);
        match &self.stage {
            Stage::Dialling(dialling) if can_be_heard => self.hear_early(dialling.leg),
            Stage::Dialling(dialling) if dialling.leg == id && is_unanswered => self.effect(Effect::Progress { leg: served }),
            _ => {}
        }
    }

    /// Whoever is served hears whom is being dialled. It is no talk: nothing is recorded, and who fails now was never reached.
    fn hear_early(&mut self, dialled: LegId) {
        if !self.legs.get(&dialled).is_some_and(|leg| leg.early && leg.is_live()) {
            return;
        }
        self.stop_tone();
        if let Stage::Dialling(dialling) = &mut self.stage {
            dialling.tone = false;
        }
        self.effect(Effect::BridgeEarly { a: self.served, b: dialled });
    }

    /// Whether a dialled leg says itself how it goes.
    pub(crate) fn is_early(&self, id: LegId) -> bool {
        self.legs.get(&id).is_some_and(|leg| leg.early)
    }
}
