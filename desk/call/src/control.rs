//! What an agent does with a call at hand: the same for every kind of phone.

use carillon_dialplan::{Ask, Plan};
use carillon_model::{AgentId, LegId, Now, Number, PhoneId, Reason};
use thiserror::Error;

use crate::{Call, Destination, Dialler, Keys, Site, call::Stage, leg::Leg};

/// What an agent wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// Put the other side on hold.
    Hold,
    /// Take it back.
    Resume,
    /// Give the call on, without asking.
    Transfer(Onward),
    /// Put the other side on hold and ask somebody.
    Consult(Destination),
    /// Speak with the other of the two: the one on hold, or the one asked.
    Swap,
    /// Give the call to whom was asked.
    Complete,
    /// Let go whom was asked, and take the other side back.
    CancelConsult,
    /// Speak with both at once, and they with each other.
    ThreeWay,
    /// Press keys towards whom one speaks with.
    Press(Keys),
    /// Record silence from now on.
    PauseRecording,
    /// Record what is said again.
    ResumeRecording,
    /// The page that is the agent's phone goes: whom it speaks with hears music until it is back.
    StepAway,
    /// The page is there again and has none of the call's audio: it is rung, and takes the place of the leg it lost.
    Return,
    /// Leave: as hanging up the phone would, or declining while it rings.
    HangUp,
}

/// Where a call is given on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Onward {
    /// A phone or a number.
    To(Destination),
    /// The queue of this name.
    Queue(String),
    /// This step of the dialplan, where a dialled number leads to.
    Step {
        /// The step.
        step: String,
        /// The number.
        number: Number,
    },
}

impl Onward {
    /// Where a number leads that somebody at one of our phones gives a call on to: to a phone or outside, else into the dialplan.
    ///
    /// # Errors
    /// [`Reason::Forbidden`], [`Reason::NumberUnknown`]: as for dialling it.
    pub fn of(plan: &Plan, site: &Site, ask: &Ask<'_>, by: &Dialler<'_>) -> Result<Self, Reason> {
        let number = Number::new(ask.called);
        match site.destination(&number, by) {
            Ok(destination) => Ok(Self::To(destination)),
            Err(Reason::NumberUnknown) => {
                let step = plan.route(ask).ok_or(Reason::NumberUnknown)?.to_owned();
                Ok(Self::Step { step, number })
            }
            Err(reason) => Err(reason),
        }
    }
}

/// Why it is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ControlRefused {
    /// The agent does not talk in this call.
    #[error("the agent does not talk in this call")]
    NotTalking,
    /// Somebody is on hold already.
    #[error("the other side is on hold already")]
    OnHold,
    /// Nobody is on hold by this agent.
    #[error("the other side is not on hold")]
    NotOnHold,
    /// Somebody is being asked already.
    #[error("somebody is being asked already")]
    Consulting,
    /// Nobody is being asked.
    #[error("nobody is being asked")]
    NotConsulting,
    /// Whoever is asked has not answered yet.
    #[error("whoever is asked has not answered yet")]
    NotAnswered,
    /// All three speak with each other.
    #[error("all three speak with each other")]
    ThreeWay,
    /// Nothing is recorded, or not any more.
    #[error("the call is not recorded")]
    NotRecorded,
    /// The recording is paused already.
    #[error("the recording is paused already")]
    RecordingPaused,
    /// The recording is not paused.
    #[error("the recording is not paused")]
    RecordingNotPaused,
    /// There is no such queue, or that is who talks already.
    #[error("the call cannot be given there")]
    NoSuchTarget,
    /// Another supervisor is beside the agent.
    #[error("another supervisor is in the call")]
    Supervised,
    /// This supervisor is not in the call.
    #[error("the supervisor is not in the call")]
    NotSupervising,
}

impl Call {
    /// An agent in the call wants something done. Answers at once; effects are drained afterwards, as after an event.
    ///
    /// # Errors
    /// It does not fit what the call is doing; nothing was changed.
    pub fn control(&mut self, now: Now, agent: AgentId, control: Control) -> Result<(), ControlRefused> {
        if let Some(done) = self.control_page(now, agent, &control) {
            self.settle(now);
            return done;
        }
        let by = if control == Control::HangUp { self.own_leg(agent) } else { self.side_of(agent) };
        let done = match by {
            Some(_) if control == Control::PauseRecording => self.pause_recording(agent),
            Some(_) if control == Control::ResumeRecording => self.resume_recording(agent),
            Some(by) => self.control_by(now, by, control),
            None => Err(ControlRefused::NotTalking),
        };
        self.settle(now);
        done
    }

    /// A phone wants the other side put through to somebody else by itself (REFER).
    ///
    /// # Errors
    /// It does not fit what the call is doing; nothing was changed.
    pub fn refer(&mut self, now: Now, leg: LegId, onward: Onward) -> Result<(), ControlRefused> {
        let done = match self.other_side(leg) {
            Some(_) => self.give_on(now, leg, onward),
            None => Err(ControlRefused::NotTalking),
        };
        self.settle(now);
        done
    }

    /// The dialplan that holds for this call.
    pub fn plan(&self) -> &Plan {
        &self.setup.plan
    }

    /// Whose leg it is: its phone, if it is one of ours, and the agent there.
    pub fn dialler_of(&self, leg: LegId) -> Option<(PhoneId, Option<AgentId>)> {
        let leg = self.legs.get(&leg)?;
        Some((leg.phone?, leg.agent))
    }

    pub(crate) fn control_by(&mut self, now: Now, by: LegId, control: Control) -> Result<(), ControlRefused> {
        match control {
            Control::Hold if self.three_way_of().is_some() => Err(ControlRefused::ThreeWay),
            Control::Hold => self.hold(now, by),
            Control::Resume => self.resume(now, by),
            Control::Transfer(onward) => self.give_on(now, by, onward),
            Control::Consult(destination) => self.consult(now, by, destination),
            Control::Swap => self.swap(now, by),
            Control::Complete => self.complete(now, by),
            Control::CancelConsult => self.cancel_consult(now, by),
            Control::ThreeWay => self.three_way(by),
            Control::Press(keys) => self.press(by, &keys),
            // An agent's wish, never a phone's.
            Control::PauseRecording | Control::ResumeRecording => Err(ControlRefused::NotRecorded),
            Control::StepAway | Control::Return => Err(ControlRefused::NotTalking),
            Control::HangUp => {
                self.leave(now, by);
                Ok(())
            }
        }
    }

    /// The agent's own leg among the two that talk.
    fn side_of(&self, agent: AgentId) -> Option<LegId> {
        let Stage::Talking(talk) = &self.stage else { return None };
        let own = |leg: &LegId| self.legs.get(leg).is_some_and(|leg| leg.agent == Some(agent) && leg.is_answered());
        [talk.partner, self.served].into_iter().find(own)
    }

    /// Whom a side of the talk talks with, while that one is there.
    pub(crate) fn other_side(&self, of: LegId) -> Option<LegId> {
        let Stage::Talking(talk) = &self.stage else { return None };
        let other = match of {
            of if of == self.served => talk.partner,
            of if of == talk.partner => self.served,
            _ => return None,
        };
        self.legs.get(&other).is_some_and(Leg::is_answered).then_some(other)
    }
}
