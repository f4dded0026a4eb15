//! A supervisor beside an agent who talks: listens, whispers to the agent, or speaks with everybody. The supervisor's own phone is rung; it
//! stays until it hangs up or the agent leaves the talk, whatever becomes of the talk meanwhile; or it takes the agent's place.

use std::time::Instant;

use carillon_model::{AgentId, CallToAcd, EndedBy, Ending, Fact, LegId, LegRole, Now, Number, PhoneId, Reason, Supervision, UserId};

use crate::{Call, ControlRefused, Effect, Keys, Taking, Target, call::Stage, click::OWN_RING, leg::Leg};

/// What a supervisor wants of a call.
#[derive(Debug, Clone)]
pub enum Supervise {
    /// To be beside the agent, or to be so in this way from now on.
    Begin {
        /// The phone to ring.
        phone: PhoneId,
        /// Its number.
        number: Number,
        /// How.
        mode: Supervision,
    },
    /// To take part in another way.
    Change(Supervision),
    /// To have the call in the agent's place, who leaves it.
    TakeOver,
    /// To leave.
    Stop,
}

/// Who is beside the agent, or on the way there.
pub(crate) struct Supervisor {
    user: UserId,
    mode: Supervision,
    /// The agent's leg.
    beside: LegId,
    /// The supervisor as an agent, where the phone is one that the supervisor is logged in with.
    agent: Option<AgentId>,
    step: Step,
    /// Who hears whom, as it was last said.
    mixed: Option<Circle>,
}

type Circle = Vec<(LegId, Vec<LegId>)>;

enum Step {
    /// `acd` has yet to say whether the phone can be had.
    Reserving {
        phone: PhoneId,
        number: Number,
    },
    Ringing {
        leg: LegId,
        until: Instant,
    },
    Up {
        leg: LegId,
    },
}

impl Supervisor {
    fn leg(&self) -> Option<LegId> {
        match self.step {
            Step::Reserving { .. } => None,
            Step::Ringing { leg, .. } | Step::Up { leg } => Some(leg),
        }
    }

    /// When the phone has rung long enough.
    pub(crate) fn until(&self) -> Option<Instant> {
        match self.step {
            Step::Ringing { until, .. } => Some(until),
            Step::Reserving { .. } | Step::Up { .. } => None,
        }
    }
}

impl Call {
    /// A supervisor wants something. Answers at once; effects are drained afterwards, as after an event.
    ///
    /// # Errors
    /// No agent talks, another supervisor is there or this one is not, or the phone is in this call; nothing was changed.
    pub fn supervise(&mut self, now: Now, user: UserId, wanted: Supervise) -> Result<(), ControlRefused> {
        let there = self.supervisor.as_ref().map(|there| there.user == user);
        let done = match (there, wanted) {
            (Some(true), Supervise::Begin { mode, .. } | Supervise::Change(mode)) => {
                self.supervise_by(mode);
                Ok(())
            }
            (Some(true), Supervise::TakeOver) => self.take_call_over(now),
            (Some(true), Supervise::Stop) => {
                self.send_supervisor_away(now, Ending::new(EndedBy::Supervisor, Reason::HungUp));
                Ok(())
            }
            (Some(false), Supervise::Begin { .. }) => Err(ControlRefused::Supervised),
            (None, Supervise::Begin { phone, number, mode }) => self.let_in(user, phone, number, mode),
            (Some(false) | None, Supervise::Change(_) | Supervise::TakeOver | Supervise::Stop) => Err(ControlRefused::NotSupervising),
        };
        self.settle(now);
        done
    }

    fn let_in(&mut self, user: UserId, phone: PhoneId, number: Number, mode: Supervision) -> Result<(), ControlRefused> {
        let beside = self.agent_who_talks().ok_or(ControlRefused::NotTalking)?;
        if self.legs.values().any(|leg| leg.is_live() && leg.phone == Some(phone)) {
            return Err(ControlRefused::NoSuchTarget);
        }
        self.supervisor = Some(Supervisor { user, mode, beside, agent: None, step: Step::Reserving { phone, number }, mixed: None });
        self.effect(Effect::Acd(CallToAcd::Reserve { phone, is_called: false }));
        Ok(())
    }

    /// Of two agents the one the call came to.
    fn agent_who_talks(&self) -> Option<LegId> {
        let Stage::Talking(talk) = &self.stage else { return None };
        let is_agent = |leg: &LegId| self.legs.get(leg).is_some_and(|leg| leg.agent.is_some() && leg.is_answered());
        [talk.partner, self.served].into_iter().find(is_agent)
    }

    fn supervise_by(&mut self, mode: Supervision) {
        let Some(there) = self.supervisor.as_mut().filter(|there| there.mode != mode) else { return };
        there.mode = mode;
        if matches!(there.step, Step::Up { .. }) {
            self.tell_supervision();
        }
    }

    /// The supervisor talks in the agent's place: whoever waits on hold is taken back, and the agent's work is over.
    fn take_call_over(&mut self, now: Now) -> Result<(), ControlRefused> {
        let Some(&Supervisor { beside, agent, step: Step::Up { leg }, .. }) = self.supervisor.as_ref() else {
            return Err(ControlRefused::NotAnswered);
        };
        let other = self.free_partner(beside)?;
        self.supervisor = None;
        if let Some(leg) = self.legs.get_mut(&leg) {
            leg.agent = agent;
        }
        self.put_in_place_of(now, beside, leg, other, EndedBy::Supervisor);
        Ok(())
    }

    fn tell_supervision(&mut self) {
        if let Some(Supervisor { user, mode, beside, step: Step::Up { leg }, .. }) = self.supervisor {
            self.fact(Fact::CallSupervised { call: self.setup.call, leg, supervisor: user, mode, beside });
        }
    }

    /// The supervisor's phone is the call's, and rung. Whether this was what the phone was asked for; one that another agent works with
    /// is given back.
    pub(crate) fn supervisors_phone_reserved(&mut self, now: Now, phone: PhoneId, agent: Option<AgentId>) -> bool {
        let Some(Supervisor { user, beside, step: Step::Reserving { phone: wanted, number }, .. }) = &self.supervisor else { return false };
        if *wanted != phone {
            return false;
        }
        let (user, beside, number) = (*user, *beside, number.clone());
        if agent.is_some_and(|agent| UserId::from(agent) != user) {
            self.supervisor = None;
            self.effect(Effect::Acd(CallToAcd::PhoneFree { phone }));
            return true;
        }
        let from = self.legs.get(&beside).map(|leg| leg.party.clone()).unwrap_or_else(|| self.setup.caller.clone());
        let leg = LegId::new(self.ids.next(now.wall));
        self.add_leg(leg, Leg { phone: Some(phone), holds_phone: true, ..Leg::new(LegRole::Supervisor) }, number);
        self.effect(Effect::Dial { leg, target: Target::Phone(phone), from, from_name: None, taking: Taking::AtOnce });
        if let Some(there) = &mut self.supervisor {
            there.agent = agent;
            there.step = Step::Ringing { leg, until: now.mono + OWN_RING };
        }
        true
    }

    /// The phone has something else to do. Whether it was the supervisor's.
    pub(crate) fn supervisors_phone_taken(&mut self, phone: PhoneId) -> bool {
        let is_wanted = |there: &mut Supervisor| matches!(there.step, Step::Reserving { phone: wanted, .. } if wanted == phone);
        self.supervisor.take_if(is_wanted).is_some()
    }

    pub(crate) fn supervisor_answers(&mut self, id: LegId) {
        if let Some(there) = &mut self.supervisor
            && matches!(there.step, Step::Ringing { leg, .. } if leg == id)
        {
            there.step = Step::Up { leg: id };
            self.tell_supervision();
        }
    }

    pub(crate) fn supervisor_rang_out(&mut self, now: Now) {
        if self.supervisor.as_ref().and_then(Supervisor::until).is_some_and(|until| until <= now.mono) {
            self.send_supervisor_away(now, Ending::new(EndedBy::System, Reason::NoAnswer));
        }
    }

    /// A supervisor's leg ended of itself. Whether it was one: nothing else of the call ends with it.
    pub(crate) fn supervisor_left(&mut self, now: Now, id: LegId) -> bool {
        let is_theirs = self.is_supervisor(id);
        if is_theirs {
            self.without_supervisor(now);
        }
        is_theirs
    }

    /// Ends the leg of a supervisor who fell silent. Whether it was one.
    pub(crate) fn supervisor_is_lost(&mut self, now: Now, id: LegId, ending: Ending) -> bool {
        let is_theirs = self.is_supervisor(id);
        if is_theirs {
            self.send_supervisor_away(now, ending);
        }
        is_theirs
    }

    pub(crate) fn is_supervisor(&self, id: LegId) -> bool {
        self.supervisor.as_ref().and_then(Supervisor::leg) == Some(id)
    }

    fn send_supervisor_away(&mut self, now: Now, ending: Ending) {
        let leg = self.supervisor.as_ref().and_then(Supervisor::leg);
        self.without_supervisor(now);
        if let Some(leg) = leg {
            self.hang_up(leg, ending);
        }
    }

    /// Keys that reach the far end by themselves on a bridge do not through a mix: they are pressed on. The supervisor's own choose how to
    /// take part: 4 listens, 5 whispers, 6 speaks with all.
    pub(crate) fn key_beside_supervisor(&mut self, id: LegId, digit: char) {
        let Some(Supervisor { step: Step::Up { leg }, mixed: Some(circle), .. }) = &self.supervisor else { return };
        if *leg == id {
            return match digit {
                '4' => self.supervise_by(Supervision::Listen),
                '5' => self.supervise_by(Supervision::Whisper),
                '6' => self.supervise_by(Supervision::Barge),
                _ => {}
            };
        }
        let hear_it = circle.iter().filter(|(other, hears)| other != leg && hears.contains(&id)).map(|(other, _)| *other);
        let hear_it: Vec<LegId> = hear_it.collect();
        let Some(keys) = Keys::new(&digit.to_string()) else { return };
        for leg in hear_it {
            self.effect(Effect::Press { leg, keys: keys.clone() });
        }
    }

    /// Whether these two are, or are to be, heard through the supervisor's mix, which a bridge would end.
    pub(crate) fn is_mixed(&self, legs: &[LegId]) -> bool {
        matches!(&self.supervisor, Some(Supervisor { beside, step: Step::Up { .. }, .. }) if legs.contains(beside))
    }

    /// Whether what the supervisor says belongs in the recording: it does when all hear it.
    pub(crate) fn supervisor_is_recorded(&self) -> bool {
        matches!(&self.supervisor, Some(Supervisor { mode: Supervision::Barge, step: Step::Up { .. }, .. }))
    }

    /// Whom a recording of all others leaves out.
    pub(crate) fn whisperer(&self) -> Option<LegId> {
        match &self.supervisor {
            Some(Supervisor { mode: Supervision::Whisper, step: Step::Up { leg }, .. }) => Some(*leg),
            Some(_) | None => None,
        }
    }

    /// After every event: the supervisor goes with the agent, and hears what the agent hears now.
    pub(crate) fn settle_supervision(&mut self, now: Now) {
        if self.ending.is_some() {
            self.supervisor = None;
            return;
        }
        let Some(beside) = self.supervisor.as_ref().map(|there| there.beside) else { return };
        if !self.is_in_the_talk(beside) {
            return self.send_supervisor_away(now, Ending::new(EndedBy::System, Reason::OtherLegEnded));
        }
        let circle = self.circle();
        let Some(there) = self.supervisor.as_mut().filter(|_| circle.is_some()) else { return };
        if there.mixed == circle {
            return;
        }
        there.mixed.clone_from(&circle);
        self.effect(Effect::Mix { hears: circle.unwrap_or_default() });
        self.record_anew();
    }

    fn is_in_the_talk(&self, leg: LegId) -> bool {
        let Stage::Talking(talk) = &self.stage else { return false };
        (leg == talk.partner || leg == self.served) && self.legs.get(&leg).is_some_and(Leg::is_answered)
    }

    /// Who hears whom while the supervisor is there.
    fn circle(&self) -> Option<Circle> {
        let Some(Supervisor { mode, beside, step: Step::Up { leg: supervisor }, .. }) = &self.supervisor else { return None };
        let speaks = |leg: &LegId| self.legs.get(leg).is_some_and(|leg| !leg.holds);
        let together = self.heard_with(*beside);
        let heard: Vec<LegId> = together.iter().copied().filter(speaks).collect();
        let hears_supervisor = |leg: LegId| match mode {
            Supervision::Listen => false,
            Supervision::Whisper => leg == *beside,
            Supervision::Barge => true,
        };
        let of = |leg: LegId| {
            let others = heard.iter().copied().filter(|other| *other != leg);
            (leg, others.chain((hears_supervisor(leg) && speaks(supervisor)).then_some(*supervisor)).collect())
        };
        Some(together.iter().map(|leg| of(*leg)).chain([(*supervisor, heard.clone())]).collect())
    }

    /// The agent and all who hear the agent now.
    fn heard_with(&self, beside: LegId) -> Vec<LegId> {
        let three = self.three_way_of().and_then(|(by, asked)| Some([self.other_side(by)?, by, asked]));
        match three {
            Some(three) => three.into(),
            None => {
                let other = self.legs.get(&beside).and_then(|leg| leg.hears);
                [beside].into_iter().chain(other.filter(|other| self.legs.get(other).is_some_and(Leg::is_live))).collect()
            }
        }
    }

    /// The supervisor is out, and what was mixed is as it was before.
    fn without_supervisor(&mut self, now: Now) {
        let Some(gone) = self.supervisor.take() else { return };
        if gone.mixed.is_none() || self.ending.is_some() {
            return;
        }
        let live = |leg: LegId| self.legs.get(&leg).is_some_and(Leg::is_live);
        let other = self.legs.get(&gone.beside).and_then(|leg| leg.hears).filter(|other| live(*other));
        match other {
            _ if self.three_way_of().is_some_and(|(by, asked)| live(by) && live(asked)) => self.mix(),
            Some(other) if live(gone.beside) => {
                self.effect(Effect::Bridge { a: gone.beside, b: other });
                for leg in [gone.beside, other] {
                    self.hold_music_again(now, leg);
                }
            }
            Some(_) | None => self.effect(Effect::Mix { hears: Vec::new() }),
        }
        self.record_anew();
    }

    /// A bridge ends what plays: the music of a phone that holds is heard on.
    fn hold_music_again(&mut self, now: Now, id: LegId) {
        let held = self.legs.get(&id).filter(|leg| leg.holds).and_then(|leg| leg.hears);
        if let Some(held) = held {
            self.play_hold_music(now, held);
        }
    }
}
