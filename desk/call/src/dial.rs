//! Dialling somebody outside any queue: a `dial` step, or a number dialled on one of our phones.

use std::time::{Duration, Instant};

use carillon_dialplan::{Action, Next, Outcome};
use carillon_model::{AgentId, CallToAcd, EndedBy, Ending, Fact, LegId, LegRole, Now, PhoneId, PlayId, Reason};

use crate::{
    Call, Destination, Effect, Taking, Target, Tone,
    call::Stage,
    leg::{Leg, LegState},
    outcome,
};

/// How long a number dialled on a phone may ring. Carriers give up sooner.
const DIRECT_RING: Duration = Duration::from_secs(120);

/// One of our phones asked for: `acd` says whether whoever works with it can be had.
pub(crate) struct Reserving {
    phone: PhoneId,
    destination: Destination,
    ring: Duration,
}

/// Somebody being dialled. Whether they ring or answered stands in the leg.
pub(crate) struct Dialling {
    pub(crate) leg: LegId,
    /// Where to, with the ways not tried yet.
    pub(crate) destination: Destination,
    /// Set until they answer.
    pub(crate) ring_until: Option<Instant>,
    /// The caller hears it ring by a tone of ours.
    pub(crate) tone: bool,
    /// Set while they hear the consent prompt.
    pub(crate) consent: Option<PlayId>,
    /// Set once the consent prompt ended too early.
    pub(crate) gives_up: Option<Instant>,
}

impl Call {
    pub(crate) fn dial_directly(&mut self, now: Now, destination: Destination) {
        if let Some(reason) = self.begin_dial(now, destination, DIRECT_RING) {
            self.not_reached(now, Ending::new(EndedBy::System, reason));
        }
    }

    /// The dialplan's `dial`; how it went, when that is known at once.
    pub(crate) fn dial(&mut self, now: Now, destination: Destination, ring: Duration) -> Option<Outcome> {
        self.begin_dial(now, destination, ring).map(Outcome::NotReached)
    }

    pub(crate) fn begin_dial(&mut self, now: Now, destination: Destination, ring: Duration) -> Option<Reason> {
        match destination.target {
            Target::Phone(phone) if Some(phone) == self.legs.get(&self.served).and_then(|served| served.phone) => Some(Reason::Busy),
            Target::Phone(phone) => {
                self.effect(Effect::Acd(CallToAcd::Reserve { phone, is_called: true }));
                self.stage = Stage::Reserving(Reserving { phone, destination, ring });
                None
            }
            Target::Trunk { trunk, .. } => {
                self.ring(now, destination, now.mono + ring, Leg { trunk: Some(trunk), ..Leg::new(LegRole::Callee) });
                None
            }
        }
    }

    /// The phone is the call's.
    pub(crate) fn phone_reserved(&mut self, now: Now, phone: PhoneId, agent: Option<AgentId>) {
        if self.supervisors_phone_reserved(now, phone, agent)
            || self.consulted_phone_reserved(now, phone, agent)
            || self.own_phone_reserved(now, phone, agent)
        {
            return;
        }
        match std::mem::replace(&mut self.stage, Stage::Turning) {
            Stage::Reserving(Reserving { phone: wanted, destination, ring }) if wanted == phone => {
                let leg = Leg { phone: Some(phone), agent, holds_phone: true, ..Leg::new(LegRole::Callee) };
                self.ring(now, destination, now.mono + ring, leg);
            }
            // It crossed the end of the call.
            stage => {
                self.stage = stage;
                self.effect(Effect::Acd(CallToAcd::PhoneFree { phone }));
            }
        }
    }

    /// Whoever works with the phone has something else to do.
    pub(crate) fn phone_taken(&mut self, now: Now, phone: PhoneId) {
        if self.supervisors_phone_taken(phone) {
            return;
        }
        let busy = Ending::new(EndedBy::System, Reason::Busy);
        match &self.stage {
            Stage::Reserving(reserving) if reserving.phone == phone => self.not_reached(now, busy),
            Stage::Opening => self.close(busy),
            Stage::Talking(_) => self.consulted_phone_taken(now, phone),
            _ => {}
        }
    }

    fn ring(&mut self, now: Now, destination: Destination, ring_until: Instant, leg: Leg) {
        let id = self.dial_leg(now, &destination, leg);
        self.stage =
            Stage::Dialling(Dialling { leg: id, destination, ring_until: Some(ring_until), tone: false, consent: None, gives_up: None });
    }

    /// Supervisors are told before an emergency number is dialled for whoever is on this leg.
    pub(crate) fn alarm_if_emergency(&mut self, by: LegId, destination: &Destination) {
        let Some(leg) = self.legs.get(&by).filter(|_| destination.is_emergency()) else { return };
        if let Some(phone) = leg.phone {
            let (call, agent, number) = (self.setup.call, leg.agent, destination.party.clone());
            self.fact(Fact::EmergencyDialled { call, phone, agent, number });
        }
    }

    /// Makes a leg and has it dialled.
    pub(crate) fn dial_leg(&mut self, now: Now, destination: &Destination, leg: Leg) -> LegId {
        let id = LegId::new(self.ids.next(now.wall));
        self.add_leg(id, leg, destination.party.clone());
        let (party, from_name) = self.served_party();
        let from = destination.shown.clone().unwrap_or(party);
        self.effect(Effect::Dial { leg: id, target: destination.target.clone(), from, from_name, taking: Taking::ByHand });
        id
    }

    /// The way out was gone before anybody answered: whether another is tried.
    fn next_way(&mut self, now: Now, ending: Ending) -> bool {
        let Stage::Dialling(dialling) = &self.stage else { return false };
        let next = dialling.destination.by_next_trunk().filter(|_| outcome::is_way_gone(ending.reason));
        let (Some(next), Some(until)) = (next, dialling.ring_until) else { return false };
        let Target::Trunk { trunk, .. } = next.target else { return false };
        self.stop_tone();
        self.ring(now, next, until, Leg { trunk: Some(trunk), ..Leg::new(LegRole::Callee) });
        true
    }

    pub(crate) fn dialled_leg_rings(&mut self, now: Now, id: LegId) {
        if self.dialling(id).is_none() || self.is_early(id) {
            return;
        }
        let leg = self.served;
        match self.live_served() {
            Some(caller) if caller.state == LegState::Trying => {
                caller.state = LegState::Ringing;
                self.effect(Effect::Ring { leg });
            }
            Some(caller) if caller.is_answered() => {
                let play = self.new_play(now);
                self.effect(Effect::PlayTone { leg, play, tone: Tone::Ringback });
                if let Some(dialling) = self.dialling(id) {
                    dialling.tone = true;
                }
            }
            _ => {}
        }
    }

    pub(crate) fn dialled_leg_answers(&mut self, now: Now, id: LegId) {
        if let Some(dialling) = self.dialling(id) {
            dialling.ring_until = None;
            self.advance_dial(now);
        }
    }

    /// From the answer to the bridge: who is dialled hears the consent prompt if one is due, while it still rings for the caller;
    /// then the caller is answered; then they hear each other.
    pub(crate) fn advance_dial(&mut self, now: Now) {
        let Stage::Dialling(Dialling { leg, destination, consent: None, .. }) = &self.stage else { return };
        // Whoever was recorded stays so wherever the call is given on to.
        let goes_on = self.is_given_on && self.policy.record;
        let (id, recording) = (*leg, if goes_on { self.policy.clone() } else { destination.recording.clone() });
        let queue = self.queue.filter(|_| self.is_given_on || self.setup.is_clicked());
        let Some(callee) = self.legs.get(&id).filter(|leg| leg.is_answered()) else { return };
        if let Some(prompt) = callee.consent_due(&recording).filter(|_| callee.is_outside()) {
            let play = self.play_to(now, id, vec![prompt]);
            if let Some(dialling) = self.dialling(id) {
                dialling.consent = Some(play);
            }
        } else if self.is_caller_answered() {
            self.stop_tone();
            self.bridge(id);
            let outside = [self.served, id].into_iter().filter(|leg| self.legs.get(leg).is_some_and(Leg::is_outside)).collect::<Vec<_>>();
            self.talk(now, id, queue, &recording, &outside);
        } else {
            self.answer_caller();
        }
    }

    pub(crate) fn callee_consents(&mut self, now: Now) {
        let Stage::Dialling(dialling) = &mut self.stage else { return };
        dialling.consent = None;
        let goes_on = self.is_given_on && self.policy.record;
        let (leg, prompt) =
            (dialling.leg, if goes_on { self.policy.consent.clone() } else { dialling.destination.recording.consent.clone() });
        if let Some(prompt) = prompt {
            self.consent_heard(leg, prompt);
        }
        self.advance_dial(now);
    }

    /// It rang as long as it may.
    pub(crate) fn rang_out(&mut self, now: Now) {
        let Stage::Dialling(dialling) = &self.stage else { return };
        let ending = Ending::new(EndedBy::System, Reason::NoAnswer);
        self.hang_up(dialling.leg, ending);
        self.not_reached(now, ending);
    }

    /// A dialled leg ended of itself. After an answer that is the end of the call; before it, the plan decides, or the caller is told.
    pub(crate) fn dialled_leg_ended(&mut self, now: Now, id: LegId, answered: bool, ending: Ending) {
        if self.dialling(id).is_none() {
            return;
        }
        match answered {
            true => self.close(ending),
            false if self.next_way(now, ending) => {}
            false => self.not_reached(now, ending),
        }
    }

    /// Without a plan, or where the plan names no exit for it, a call that was given on comes back; of any other the failure is the end, and
    /// whose it was is said.
    pub(crate) fn not_reached(&mut self, now: Now, ending: Ending) {
        // A call given to somebody follows no plan any more, one given into the dialplan follows that part of it.
        let follows_plan = !self.is_given_on || self.walk_before.is_some();
        let next = self.walk.as_mut().filter(|_| follows_plan).map(|walk| walk.next(Outcome::NotReached(ending.reason)));
        match next {
            None if self.is_given_on => self.comes_back(now, ending),
            Some(next) if self.is_given_on && is_the_end(&next) => self.comes_back(now, ending),
            None if self.setup.is_clicked() => self.fail_aloud(now, ending),
            None => self.close(ending),
            Some(next) if is_the_end(&next) => self.close(ending),
            Some(next) => {
                self.stop_tone();
                self.follow(now, next);
            }
        }
    }

    pub(crate) fn stop_tone(&mut self) {
        if matches!(self.stage, Stage::Dialling(Dialling { tone: true, .. })) {
            self.effect(Effect::StopPlay { leg: self.served });
        }
    }

    fn dialling(&mut self, id: LegId) -> Option<&mut Dialling> {
        match &mut self.stage {
            Stage::Dialling(dialling) if dialling.leg == id => Some(dialling),
            _ => None,
        }
    }
}

/// Whether the plan has no step for what happened.
pub(crate) fn is_the_end(next: &Next) -> bool {
    matches!(next, Next { entered: None, action: Action::HangUp { .. }, .. })
}
