//! Dialling somebody outside any queue: a `dial` step, or a number dialled on one of our phones.

use std::time::{Duration, Instant};

use carillon_dialplan::{Action, Next, Outcome};
use carillon_model::{AgentId, CallToAcd, EndedBy, Ending, LegId, LegRole, Now, PhoneId, PlayId, Reason, RecordingPolicy};

use crate::{
    Call, Destination, Effect, Target, Tone,
    call::Stage,
    leg::{Leg, LegState},
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
    leg: LegId,
    recording: RecordingPolicy,
    /// Set until they answer.
    pub(crate) ring_until: Option<Instant>,
    /// The caller hears it ring by a tone of ours.
    tone: bool,
    /// Set while they hear the consent prompt.
    pub(crate) consent: Option<PlayId>,
    /// Set once the consent prompt ended too early.
    pub(crate) gives_up: Option<Instant>,
}

impl Call {
    pub(crate) fn dial_directly(&mut self, now: Now, destination: Destination) {
        if let Some(reason) = self.begin_dial(now, destination, DIRECT_RING) {
            self.close(Ending::new(EndedBy::System, reason));
        }
    }

    /// The dialplan's `dial`; how it went, when that is known at once.
    pub(crate) fn dial(&mut self, now: Now, destination: Destination, ring: Duration) -> Option<Outcome> {
        self.begin_dial(now, destination, ring).map(Outcome::NotReached)
    }

    fn begin_dial(&mut self, now: Now, destination: Destination, ring: Duration) -> Option<Reason> {
        match destination.target {
            Target::Phone(phone) if Some(phone) == self.legs.get(&self.caller()).and_then(|caller| caller.phone) => Some(Reason::Busy),
            Target::Phone(phone) => {
                self.effect(Effect::Acd(CallToAcd::Reserve { phone }));
                self.stage = Stage::Reserving(Reserving { phone, destination, ring });
                None
            }
            Target::Trunk { trunk, .. } => {
                self.ring(now, destination, ring, Leg { trunk: Some(trunk), ..Leg::new(LegRole::Callee) });
                None
            }
        }
    }

    /// The phone is the call's.
    pub(crate) fn phone_reserved(&mut self, now: Now, phone: PhoneId, agent: Option<AgentId>) {
        match std::mem::replace(&mut self.stage, Stage::Talking) {
            Stage::Reserving(Reserving { phone: wanted, destination, ring }) if wanted == phone => {
                let leg = Leg { phone: Some(phone), agent, holds_phone: true, ..Leg::new(LegRole::Callee) };
                self.ring(now, destination, ring, leg);
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
        if matches!(&self.stage, Stage::Reserving(reserving) if reserving.phone == phone) {
            self.not_reached(now, Ending::new(EndedBy::System, Reason::Busy));
        }
    }

    fn ring(&mut self, now: Now, destination: Destination, ring: Duration, leg: Leg) {
        let Destination { target, party, recording } = destination;
        let id = LegId::new(self.ids.next(now.wall));
        self.add_leg(id, leg, party);
        self.effect(Effect::Dial { leg: id, target, from: self.setup.caller.clone(), from_name: self.setup.caller_name.clone() });
        let ring_until = Some(now.mono + ring);
        self.stage = Stage::Dialling(Dialling { leg: id, recording, ring_until, tone: false, consent: None, gives_up: None });
    }

    pub(crate) fn dialled_leg_rings(&mut self, now: Now, id: LegId) {
        if self.dialling(id).is_none() {
            return;
        }
        let leg = self.caller();
        match self.live_caller() {
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
        let Stage::Dialling(Dialling { leg, recording, consent: None, .. }) = &self.stage else { return };
        let (id, recording) = (*leg, recording.clone());
        let Some(callee) = self.legs.get(&id).filter(|leg| leg.is_answered()) else { return };
        if let Some(prompt) = callee.consent_due(&recording).filter(|_| callee.is_outside()) {
            let play = self.play_to(now, id, vec![prompt]);
            if let Some(dialling) = self.dialling(id) {
                dialling.consent = Some(play);
            }
        } else if self.is_caller_answered() {
            self.stop_tone();
            self.bridge(id);
            let outside = [self.caller(), id].into_iter().filter(|leg| self.legs.get(leg).is_some_and(Leg::is_outside)).collect::<Vec<_>>();
            self.talk(now, id, None, &recording, &outside);
        } else {
            self.answer_caller();
        }
    }

    pub(crate) fn callee_consents(&mut self, now: Now) {
        let Stage::Dialling(dialling) = &mut self.stage else { return };
        dialling.consent = None;
        let (leg, prompt) = (dialling.leg, dialling.recording.consent.clone());
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
        if answered { self.close(ending) } else { self.not_reached(now, ending) }
    }

    /// Without a plan, or where the plan names no exit for it, the failure is the end of the call, and whose it was is said.
    fn not_reached(&mut self, now: Now, ending: Ending) {
        let next = self.walk.as_mut().map(|walk| walk.next(Outcome::NotReached(ending.reason)));
        match next {
            None | Some(Next { entered: None, action: Action::HangUp { .. }, .. }) => self.close(ending),
            Some(next) => {
                self.stop_tone();
                self.follow(now, next);
            }
        }
    }

    fn stop_tone(&mut self) {
        if matches!(self.stage, Stage::Dialling(Dialling { tone: true, .. })) {
            self.effect(Effect::StopPlay { leg: self.caller() });
        }
    }

    fn dialling(&mut self, id: LegId) -> Option<&mut Dialling> {
        match &mut self.stage {
            Stage::Dialling(dialling) if dialling.leg == id => Some(dialling),
            _ => None,
        }
    }
}
