//! One party goes and the others stay as far as they can: an agent who hangs up on the desktop, a leg that fell silent.

use carillon_model::{AgentId, EndedBy, Ending, LegId, Now, Reason};

use crate::{
    Call, Start,
    call::Stage,
    dial::Dialling,
    leg::{Claim, Leg},
};

impl Call {
    /// An agent hangs up: the own leg ends, and the call as it would if the agent's phone had hung up or declined.
    pub(crate) fn leave(&mut self, now: Now, own: LegId) {
        let answered = self.legs.get(&own).is_some_and(Leg::is_answered);
        let hung_up = Ending::new(EndedBy::Agent, Reason::HungUp);
        let declined = Ending::new(EndedBy::Agent, Reason::Rejected);
        match &self.stage {
            _ if self.replacing.is_some_and(|replacing| replacing.newcomer == own) => self.hang_up(own, hung_up),
            Stage::Dialling(Dialling { leg, .. }) if *leg == own && !answered => {
                self.hang_up(own, declined);
                self.not_reached(now, declined);
            }
            Stage::Talking(_) if !answered => self.end_leg(now, own, declined),
            _ => self.end_leg(now, own, hung_up),
        }
    }

    /// Ends one leg, and the call with it unless two others are left to talk.
    pub(crate) fn end_leg(&mut self, now: Now, id: LegId, ending: Ending) {
        if self.consult_at_hand().is_none() {
            return self.close(ending);
        }
        let answered = self.legs.get(&id).is_some_and(Leg::is_answered);
        self.hang_up(id, ending);
        if !self.goes_on_without(now, id, answered, ending) {
            self.close(ending);
        }
    }

    /// The agent's leg, the answered one where there are two; of a click also before it is made. A phone that rings for an offer is the
    /// queue's still.
    pub(crate) fn own_leg(&self, agent: AgentId) -> Option<LegId> {
        let is_own = |leg: &Leg| leg.agent == Some(agent) && leg.is_live() && (leg.offer.is_none() || leg.claim != Claim::None);
        let own = self.legs.iter().filter(|(_, leg)| is_own(leg)).max_by_key(|(_, leg)| leg.is_answered()).map(|(id, _)| *id);
        own.or_else(|| self.is_to_summon(agent).then_some(self.setup.leg))
    }

    fn is_to_summon(&self, agent: AgentId) -> bool {
        let Start::Click { phone, .. } = &self.setup.start else { return false };
        matches!(self.stage, Stage::Opening) && self.setup.agents.get(phone) == Some(&agent)
    }
}
