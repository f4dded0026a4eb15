//! Giving a call on without asking, and what becomes of it when nobody takes it.

use std::time::{Duration, Instant};

use carillon_dialplan::{Action, Walk};
use carillon_model::{EndedBy, Ending, Fact, LegId, Now, Number, Queue, QueueId, Reason};

use crate::{Call, ControlRefused, Onward, Target, Tone, call::Stage};

/// How long somebody rings whom a call is given on to.
const RING: Duration = Duration::from_secs(30);

/// How long the tone is heard that says nobody can be had.
const BUSY_TONE: Duration = Duration::from_secs(5);

/// The call's ending, while its tone is heard.
pub(crate) struct Failing {
    pub(crate) ending: Ending,
    pub(crate) until: Instant,
}

/// The way through the dialplan that led to a talk, if one did, once the call is given on by another.
pub(crate) struct WalkBefore(Option<Walk>);

impl Call {
    /// Gives the call on: whoever does so leaves at once.
    pub(crate) fn give_on(&mut self, now: Now, by: LegId, onward: Onward) -> Result<(), ControlRefused> {
        let other = self.other_side(by).ok_or(ControlRefused::NotTalking)?;
        let Stage::Talking(talk) = &self.stage else { return Err(ControlRefused::NotTalking) };
        let was_held = talk.held_by.is_some();
        if talk.consult.is_some() {
            return Err(ControlRefused::Consulting);
        }
        let to = match &onward {
            Onward::Queue(name) if self.setup.site.queue(name).is_none() => return Err(ControlRefused::NoSuchTarget),
            Onward::Queue(name) => Number::new(name.as_str()),
            Onward::Step { number, .. } => number.clone(),
            Onward::To(destination) => {
                let is_here = |leg: LegId, phone| self.legs.get(&leg).is_some_and(|leg| leg.phone == Some(phone));
                if matches!(destination.target, Target::Phone(phone) if is_here(by, phone) || is_here(other, phone)) {
                    return Err(ControlRefused::NoSuchTarget);
                }
                destination.party.clone()
            }
        };
        self.fact(Fact::CallTransferred { call: self.setup.call, by, to, attended: false });
        self.serve_instead_of(by);
        self.is_given_on = true;
        self.record_nobody();
        self.stage = Stage::Turning;
        self.hang_up(by, Ending::new(EndedBy::Agent, Reason::Transferred));
        if was_held {
            self.fact(Fact::CallResumed { call: self.setup.call, leg: other });
        }
        match onward {
            Onward::Step { step, number } => {
                self.walk_before = Some(WalkBefore(self.walk.take()));
                self.walk_from(now, &step, &number);
            }
            Onward::Queue(queue) => {
                let priority = self.setup.site.queue(&queue).map_or(0, |queue| self.priority_in(queue));
                self.carry_out(now, Action::Queue { queue, priority, wait_for_nobody: false });
            }
            Onward::To(destination) => {
                self.alarm_if_emergency(by, &destination);
                if !was_held {
                    self.play_hold_music(now, other);
                }
                if let Some(reason) = self.begin_dial(now, destination, RING) {
                    self.comes_back(now, Ending::new(EndedBy::System, reason));
                }
            }
        }
        Ok(())
    }

    /// When the leg served leaves of its own will, the other side of its talk is served from here on.
    pub(crate) fn serve_instead_of(&mut self, leaving: LegId) {
        let Stage::Talking(talk) = &self.stage else { return };
        if leaving == self.served {
            self.served = talk.partner;
            if let Some(recording) = &mut self.recording {
                recording.served_is_left = !recording.served_is_left;
            }
        }
        self.part(leaving);
    }

    /// Nobody took the call: it goes back to the queue it came from, at its old place; a call of no queue ends.
    pub(crate) fn comes_back(&mut self, now: Now, ending: Ending) {
        // A call that was made in a queue's name was never in it.
        let from_queue = self.queue.filter(|queue| self.places_by_queue.contains_key(queue));
        if let Some(WalkBefore(walk)) = self.walk_before.take() {
            self.walk = walk;
        }
        match from_queue.and_then(|queue| self.queue_again(queue)) {
            Some(action) => {
                self.is_given_on = false;
                self.carry_out(now, action);
            }
            None => self.fail_aloud(now, ending),
        }
    }

    /// The way back into a queue the call was in, to its old place.
    pub(crate) fn queue_again(&self, queue: QueueId) -> Option<Action> {
        let queue = self.setup.site.queue_named(queue)?;
        Some(Action::Queue { queue: queue.name.clone(), priority: self.priority_in(queue), wait_for_nobody: true })
    }

    /// The priority the call had in a queue it was in.
    fn priority_in(&self, queue: &Queue) -> i32 {
        self.places_by_queue.get(&queue.id).map_or(0, |(_, priority)| *priority)
    }

    /// Ends the call; whoever is there hears a tone first that says so.
    pub(crate) fn fail_aloud(&mut self, now: Now, ending: Ending) {
        if !self.is_caller_answered() {
            return self.close(ending);
        }
        self.tone_to(now, self.served, Tone::Busy);
        self.stage = Stage::Failing(Failing { ending, until: now.mono + BUSY_TONE });
    }
}
