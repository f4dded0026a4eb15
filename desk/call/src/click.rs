//! Calls an agent asks for on the desktop: the agent's own phone rings first; only once it answered is anybody dialled.

use std::time::Duration;

use carillon_model::{AgentId, CallToAcd, LegId, LegRole, Now, PhoneId, QueueId};

use crate::{Call, Destination, Effect, Start, Taking, Target, call::Stage, leg::Leg};

/// How long an agent's own phone rings for a call the agent asked for.
pub(crate) const OWN_RING: Duration = Duration::from_secs(30);

impl Call {
    /// Asks for the agent's phone.
    pub(crate) fn summon(&mut self, phone: PhoneId, _destination: Destination, queue: Option<QueueId>) {
        self.queue = queue;
        self.effect(Effect::Acd(CallToAcd::Reserve { phone, is_called: false }));
    }

    /// The agent's phone is the call's: it is rung, and answers by itself where it can. Whether this was what the phone was asked for.
    pub(crate) fn own_phone_reserved(&mut self, now: Now, phone: PhoneId, agent: Option<AgentId>) -> bool {
        let (Stage::Opening, Start::Click { phone: own, destination, .. }) = (&self.stage, &self.setup.start) else { return false };
        if *own != phone {
            return false;
        }
        let (shown, party) = (destination.party.clone(), self.setup.caller.clone());
        let leg = self.served;
        self.add_leg(leg, Leg { phone: Some(phone), agent, holds_phone: true, ..Leg::new(LegRole::Caller) }, party);
        self.effect(Effect::Dial { leg, target: Target::Phone(phone), from: shown, from_name: None, taking: Taking::AtOnce });
        self.stage = Stage::Summoning(now.mono + OWN_RING);
        true
    }

    /// The agent is there: now the other side is dialled.
    pub(crate) fn summoned(&mut self, now: Now, id: LegId) {
        if let (Stage::Summoning(_), Start::Click { destination, .. }) = (&self.stage, &self.setup.start)
            && id == self.served
        {
            let destination = destination.clone();
            self.dial_directly(now, destination);
        }
    }
}
