//! Asking somebody while the other side waits: dialled, spoken with, changed between, given the call or let go.

use std::time::{Duration, Instant};

use carillon_model::{AgentId, CallToAcd, EndedBy, Ending, Fact, LegId, LegRole, Now, PhoneId, Reason};

use crate::{Call, ControlRefused, Destination, Effect, Target, Tone, call::Stage, dial::Dialling, leg::Leg, outcome, talk::Talk};

/// How long whoever is asked may ring.
const CONSULT_RING: Duration = Duration::from_secs(60);

/// Somebody being asked.
pub(crate) struct Consult {
    /// The leg of who asks.
    by: LegId,
    step: Step,
}

enum Step {
    /// `acd` has yet to say whether the phone can be had.
    Reserving { phone: PhoneId, destination: Destination },
    /// Dialled.
    Ringing { leg: LegId, destination: Destination, until: Instant },
    /// Answered.
    Up { leg: LegId, with: With },
}

/// Whom who asks speaks with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum With {
    /// Whom was asked; the other waits on hold.
    Asked,
    /// The other; whom was asked waits on hold.
    Waiting,
    /// Both: all three hear each other.
    Both,
}

impl Consult {
    fn leg(&self) -> Option<LegId> {
        match self.step {
            Step::Reserving { .. } => None,
            Step::Ringing { leg, .. } | Step::Up { leg, .. } => Some(leg),
        }
    }

    /// Names legs anew.
    pub(crate) fn rename(&mut self, rename: impl Fn(&mut LegId)) {
        rename(&mut self.by);
        match &mut self.step {
            Step::Reserving { .. } => {}
            Step::Ringing { leg, .. } | Step::Up { leg, .. } => rename(leg),
        }
    }

    /// Whom who asks speaks with, or will once there is an answer.
    fn with(&self) -> With {
        match self.step {
            Step::Reserving { .. } | Step::Ringing { .. } => With::Asked,
            Step::Up { with, .. } => with,
        }
    }
}

impl Talk {
    /// When whoever is asked has rung long enough.
    pub(crate) fn consult_until(&self) -> Option<Instant> {
        match &self.consult.as_ref()?.step {
            Step::Ringing { until, .. } => Some(*until),
            Step::Reserving { .. } | Step::Up { .. } => None,
        }
    }
}

impl Call {
    pub(crate) fn consult(&mut self, now: Now, by: LegId, destination: Destination) -> Result<(), ControlRefused> {
        let Stage::Talking(talk) = &self.stage else { return Err(ControlRefused::NotTalking) };
        let (held_by, consulting) = (talk.held_by, talk.consult.is_some());
        if consulting {
            return Err(ControlRefused::Consulting);
        }
        let is_here = |phone: PhoneId| self.legs.values().any(|leg| leg.is_live() && leg.phone == Some(phone));
        if matches!(destination.target, Target::Phone(phone) if is_here(phone)) {
            return Err(ControlRefused::NoSuchTarget);
        }
        match held_by {
            None => self.hold(now, by)?,
            Some(holder) if holder != by => return Err(ControlRefused::OnHold),
            Some(_) => {}
        }
        self.alarm_if_emergency(by, &destination);
        let step = match destination.target {
            Target::Phone(phone) => {
                self.effect(Effect::Acd(CallToAcd::Reserve { phone, is_called: true }));
                Step::Reserving { phone, destination }
            }
            Target::Trunk { trunk, .. } => {
                self.ring_consulted(now, destination, now.mono + CONSULT_RING, Leg { trunk: Some(trunk), ..Leg::new(LegRole::Callee) })
            }
        };
        self.set_consult(Some(Consult { by, step }));
        Ok(())
    }

    fn ring_consulted(&mut self, now: Now, destination: Destination, until: Instant, leg: Leg) -> Step {
        let leg = self.dial_leg(now, &destination, leg);
        Step::Ringing { leg, destination, until }
    }

    /// Whether the phone was asked for to consult.
    pub(crate) fn consulted_phone_reserved(&mut self, now: Now, phone: PhoneId, agent: Option<AgentId>) -> bool {
        let Some(Consult { by, step: Step::Reserving { phone: wanted, destination } }) = self.consult_at_hand() else { return false };
        if *wanted != phone {
            return false;
        }
        let (by, destination) = (*by, destination.clone());
        let leg = Leg { phone: Some(phone), agent, holds_phone: true, ..Leg::new(LegRole::Callee) };
        let step = self.ring_consulted(now, destination, now.mono + CONSULT_RING, leg);
        self.set_consult(Some(Consult { by, step }));
        true
    }

    pub(crate) fn consulted_phone_taken(&mut self, now: Now, phone: PhoneId) {
        if let Some(Consult { by, step: Step::Reserving { phone: wanted, .. } }) = self.consult_at_hand()
            && *wanted == phone
        {
            let by = *by;
            self.set_consult(None);
            self.tone_to(now, by, Tone::Busy);
        }
    }

    pub(crate) fn consulted_rings(&mut self, now: Now, id: LegId) {
        if let Some(Consult { by, step: Step::Ringing { leg, .. } }) = self.consult_at_hand()
            && *leg == id
            && !self.is_early(id)
        {
            let by = *by;
            self.tone_to(now, by, Tone::Ringback);
        }
    }

    pub(crate) fn consulted_answers(&mut self, now: Now, id: LegId) {
        if let Some(Consult { by, step: Step::Ringing { leg, .. } }) = self.consult_at_hand()
            && *leg == id
        {
            let by = *by;
            self.connect(by, id);
            self.speak_with(by, id, With::Asked);
            self.tell_hold(now, id);
        }
    }

    pub(crate) fn consult_rang_out(&mut self, now: Now) {
        let Some(consult) = self.consult_at_hand() else { return };
        let (by, leg) = (consult.by, consult.leg());
        self.set_consult(None);
        if let Some(leg) = leg {
            self.hang_up(leg, Ending::new(EndedBy::System, Reason::NoAnswer));
        }
        self.tone_to(now, by, Tone::Busy);
    }

    /// Who asks speaks with the other of the two.
    pub(crate) fn swap(&mut self, now: Now, by: LegId) -> Result<(), ControlRefused> {
        let other = self.other_side(by).ok_or(ControlRefused::NotTalking)?;
        let (leg, with) = self.answered_consult(by)?;
        let call = self.setup.call;
        match with {
            With::Asked => {
                self.take_back(now, by, other);
                self.play_hold_music(now, leg);
                self.fact(Fact::CallHeld { call, leg, by });
                self.speak_with(by, leg, With::Waiting);
            }
            With::Waiting | With::Both => {
                self.speak_with(by, leg, With::Asked);
                self.hold(now, by)?;
                self.connect(by, leg);
                if with == With::Waiting {
                    self.fact(Fact::CallResumed { call, leg });
                }
            }
        }
        Ok(())
    }

    pub(crate) fn cancel_consult(&mut self, now: Now, by: LegId) -> Result<(), ControlRefused> {
        let other = self.other_side(by).ok_or(ControlRefused::NotTalking)?;
        let consult = self.consult_of(by)?;
        let (leg, with) = (consult.leg(), consult.with());
        self.set_consult(None);
        if let Some(leg) = leg {
            self.hang_up(leg, self.let_go());
        }
        match with {
            With::Asked => self.take_back(now, by, other),
            With::Both => self.two_are_left(now, by, other),
            With::Waiting => {}
        }
        Ok(())
    }

    /// Whoever asked leaves, and the other two talk.
    pub(crate) fn complete(&mut self, now: Now, by: LegId) -> Result<(), ControlRefused> {
        let (leg, with) = self.answered_consult(by)?;
        self.other_side(by).ok_or(ControlRefused::NotTalking)?;
        self.hand_over(now, by, leg, with);
        self.hang_up(by, Ending::new(EndedBy::Agent, Reason::Transferred));
        Ok(())
    }

    pub(crate) fn hand_over(&mut self, now: Now, by: LegId, to: LegId, with: With) {
        let Some(party) = self.legs.get(&to).map(|leg| leg.party.clone()) else { return };
        self.fact(Fact::CallTransferred { call: self.setup.call, by, to: party, attended: true });
        if with == With::Waiting {
            self.fact(Fact::CallResumed { call: self.setup.call, leg: to });
        }
        self.serve_instead_of(by);
        self.is_given_on = true;
        self.resumes(self.served);
        self.bridge(to);
        self.talk_on(now, to);
    }

    /// The two talk in the name of the queue, and recorded, as those before them.
    pub(crate) fn talk_on(&mut self, now: Now, partner: LegId) {
        let (queue, policy) = (self.queue, self.policy.clone());
        let outside = [self.served, partner].into_iter().filter(|leg| self.legs.get(leg).is_some_and(Leg::is_outside));
        let outside: Vec<LegId> = outside.collect();
        self.talk(now, partner, queue, &policy, &outside);
    }

    /// The fact that whoever waits on hold is not on hold any more.
    pub(crate) fn resumes(&mut self, leg: LegId) {
        if let Stage::Talking(Talk { held_by: Some(_), .. }) = &self.stage {
            self.fact(Fact::CallResumed { call: self.setup.call, leg });
        }
    }

    /// One of the legs around a consultation ended of itself: whether the call goes on without it.
    pub(crate) fn goes_on_without(&mut self, now: Now, id: LegId, answered: bool, ending: Ending) -> bool {
        let Some(consult) = self.consult_at_hand() else { return false };
        let (by, leg) = (consult.by, consult.leg());
        if leg != Some(id) && self.away.is_some() {
            return false;
        }
        if leg == Some(id) {
            self.consulted_left(now, by, answered, ending);
            return true;
        }
        match (&consult.step, leg) {
            // Hanging up on who was asked is giving the call on.
            (Step::Up { with, .. }, Some(leg)) if id == by => self.hand_over(now, by, leg, *with),
            (Step::Ringing { .. }, Some(_)) if id == by => self.leaves_it_ringing(now, by),
            // Whoever waited is gone: the two who talk may go on.
            (Step::Up { with, .. }, Some(leg)) => {
                let with = *with;
                self.served = by;
                self.set_talk(Talk { partner: leg, held_by: None, consult: None });
                self.record_nobody();
                if with == With::Waiting {
                    self.fact(Fact::CallResumed { call: self.setup.call, leg });
                }
                if with != With::Asked {
                    self.connect(by, leg);
                    self.tell_hold(now, by);
                    self.tell_hold(now, leg);
                }
            }
            _ => return false,
        }
        true
    }

    fn consulted_left(&mut self, now: Now, by: LegId, answered: bool, ending: Ending) {
        let Some(Consult { step, .. }) = self.take_consult() else { return };
        if let Step::Ringing { destination, until, .. } = &step
            && !answered
            && outcome::is_way_gone(ending.reason)
            && let Some(next) = destination.by_next_trunk()
            && let Target::Trunk { trunk, .. } = next.target
        {
            let step = self.ring_consulted(now, next, *until, Leg { trunk: Some(trunk), ..Leg::new(LegRole::Callee) });
            return self.set_consult(Some(Consult { by, step }));
        }
        match (step, self.other_side(by)) {
            (Step::Up { with: With::Both, .. }, Some(other)) => self.two_are_left(now, by, other),
            (Step::Up { with: With::Waiting | With::Both, .. }, _) => {}
            (Step::Reserving { .. } | Step::Ringing { .. } | Step::Up { .. }, _) => self.tone_to(now, by, Tone::Busy),
        }
    }

    /// Whoever asks hangs up while it rings there: whoever waits hears it ring on.
    fn leaves_it_ringing(&mut self, now: Now, by: LegId) {
        let Some(Consult { step: Step::Ringing { leg, destination, until }, .. }) = self.take_consult() else { return };
        self.fact(Fact::CallTransferred { call: self.setup.call, by, to: destination.party.clone(), attended: false });
        self.serve_instead_of(by);
        self.resumes(self.served);
        self.is_given_on = true;
        self.record_nobody();
        self.stage = Stage::Dialling(Dialling { leg, destination, ring_until: Some(until), tone: false, consent: None, gives_up: None });
        if self.legs.get(&leg).is_some_and(|leg| leg.state == crate::leg::LegState::Ringing) {
            self.dialled_leg_rings(now, leg);
        }
    }

    /// Who asks whom that leg is to be, while it rings there.
    pub(crate) fn asks_by(&self, id: LegId) -> Option<LegId> {
        match self.consult_at_hand()? {
            Consult { by, step: Step::Ringing { leg, .. } } if *leg == id => Some(*by),
            Consult { .. } => None,
        }
    }

    pub(crate) fn answered_consult(&self, by: LegId) -> Result<(LegId, With), ControlRefused> {
        match self.consult_of(by)?.step {
            Step::Up { leg, with } => Ok((leg, with)),
            Step::Reserving { .. } | Step::Ringing { .. } => Err(ControlRefused::NotAnswered),
        }
    }

    pub(crate) fn consult_of(&self, by: LegId) -> Result<&Consult, ControlRefused> {
        self.consult_at_hand().filter(|consult| consult.by == by).ok_or(ControlRefused::NotConsulting)
    }

    pub(crate) fn consult_at_hand(&self) -> Option<&Consult> {
        match &self.stage {
            Stage::Talking(talk) => talk.consult.as_ref(),
            _ => None,
        }
    }

    /// Whom was asked, while all three hear each other, and who asked.
    pub(crate) fn three_way_of(&self) -> Option<(LegId, LegId)> {
        match self.consult_at_hand()? {
            Consult { by, step: Step::Up { leg, with: With::Both } } => Some((*by, *leg)),
            Consult { .. } => None,
        }
    }

    /// Whoever was asked is there, and who asked speaks with these.
    pub(crate) fn speak_with(&mut self, by: LegId, leg: LegId, with: With) {
        self.set_consult(Some(Consult { by, step: Step::Up { leg, with } }));
    }

    /// Whoever is asked is let go.
    pub(crate) fn let_go_of_consult(&mut self) {
        if let Some(leg) = self.take_consult().and_then(|consult| consult.leg()) {
            self.hang_up(leg, self.let_go());
        }
    }

    fn take_consult(&mut self) -> Option<Consult> {
        match &mut self.stage {
            Stage::Talking(talk) => talk.consult.take(),
            _ => None,
        }
    }

    fn set_consult(&mut self, consult: Option<Consult>) {
        if let Stage::Talking(talk) = &mut self.stage {
            talk.consult = consult;
        }
    }

    fn set_talk(&mut self, talk: Talk) {
        self.stage = Stage::Talking(talk);
    }

    /// How a leg ends that its own side let go.
    fn let_go(&self) -> Ending {
        Ending::new(EndedBy::Agent, Reason::HungUp)
    }

    pub(crate) fn tone_to(&mut self, now: Now, leg: LegId, tone: Tone) {
        if self.legs.get(&leg).is_some_and(Leg::is_live) {
            let play = self.new_play(now);
            self.effect(Effect::PlayTone { leg, play, tone });
        }
    }
}
