//! The caller and somebody hear each other, and are recorded if that is wanted and who must be told was told.

use std::time::{Duration, Instant};

use carillon_model::{AgentId, CallKind, Fact, LegId, Now, QueueId, RecordingId, RecordingPolicy};

use crate::{Call, ControlRefused, Effect, call::Stage, consult::Consult, leg::Leg};

/// How long the writer may take to close a file before the call ends without knowing its length.
const FILE_CLOSES_WITHIN: Duration = Duration::from_secs(60);

/// A talk between the party served and another.
pub(crate) struct Talk {
    /// The other one's leg.
    pub(crate) partner: LegId,
    /// Who of the two has the other on hold.
    pub(crate) held_by: Option<LegId>,
    /// Whom one of the two asks meanwhile.
    pub(crate) consult: Option<Consult>,
}

/// The call's recording: one file a call. Who is served stands on one side of it, whoever that party hears on the other.
pub(crate) struct Recording {
    id: RecordingId,
    state: RecordingState,
    /// Whether the one served is on the left.
    pub(crate) served_is_left: bool,
    /// Whose sound each side takes now.
    left: Option<LegId>,
    right: Side,
    /// An agent wished that nothing said now be recorded.
    is_paused: bool,
}

/// Whose sound a side of the recording takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Nobody,
    Leg(LegId),
    /// All whom the left leg hears, but for who whispers to it.
    Others(Option<LegId>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RecordingState {
    Running,
    /// Told to end; the file is to be closed by then.
    Stopping(Instant),
    Closed,
}

impl Call {
    /// Lets the caller and `partner` hear each other.
    pub(crate) fn bridge(&mut self, partner: LegId) {
        let caller = self.served;
        if matches!(self.stage, Stage::Waiting(_)) {
            self.effect(Effect::StopPlay { leg: caller });
        }
        self.connect(caller, partner);
    }

    /// Lets two legs hear each other and nobody else.
    pub(crate) fn connect(&mut self, a: LegId, b: LegId) {
        if self.is_mixed(&[a, b]) {
            // They hear each other through the mix; as on a bridge, nothing plays to them any more.
            self.effect(Effect::StopPlay { leg: a });
            self.effect(Effect::StopPlay { leg: b });
        } else {
            self.effect(Effect::Bridge { a, b });
        }
        self.part(a);
        self.part(b);
        let is_work = self.setup.kind == CallKind::Outbound || self.is_given_on || self.queue.is_some();
        let outside = [a, b].iter().any(|leg| self.legs.get(leg).is_some_and(Leg::is_outside));
        for (leg, hears) in [(a, b), (b, a)] {
            if let Some(leg) = self.legs.get_mut(&leg) {
                leg.hears = Some(hears);
                leg.talked = true;
                leg.worked |= is_work && outside && leg.offer.is_none() && leg.agent.is_some();
            }
        }
    }

    /// Whoever heard this leg hears it no more, and it hears nobody: none of the two has the other on hold by its phone any more.
    pub(crate) fn part(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let (holds, heard) = (leg.holds, leg.hears.take());
        let Some((other_id, other)) = heard.and_then(|other| Some((other, self.legs.get_mut(&other)?))) else { return };
        let held = other.holds && other.hears == Some(id);
        if other.hears == Some(id) {
            other.hears = None;
        }
        let call = self.setup.call;
        for (is_so, leg) in [(holds, other_id), (held, id)] {
            if is_so && self.legs.get(&leg).is_some_and(|leg| !leg.has_ended()) {
                self.fact(Fact::CallResumed { call, leg });
            }
        }
    }

    /// They talk. `listeners` are those who must have heard the policy's consent prompt before anything is recorded.
    pub(crate) fn talk(&mut self, now: Now, partner: LegId, queue: Option<QueueId>, policy: &RecordingPolicy, listeners: &[LegId]) {
        self.fact(Fact::CallBridged { call: self.setup.call, a: self.served, b: partner });
        self.stage = Stage::Talking(Talk { partner, held_by: None, consult: None });
        self.is_given_on = false;
        self.walk_before = None;
        self.queue = queue;
        self.policy = policy.clone();
        let told = listeners.iter().all(|leg| self.consent_due(*leg, policy).is_none());
        match &self.recording {
            None if policy.record && told => self.record(now, partner, queue),
            None => {}
            Some(_) if policy.record && told => self.record_talk(),
            Some(_) => self.record_nobody(),
        }
        for leg in [self.served, partner] {
            self.tell_hold(now, leg);
        }
    }

    /// The recording takes both parties of the talk, as far as they hear each other.
    pub(crate) fn record_talk(&mut self) {
        let Stage::Talking(talk) = &self.stage else { return };
        let (served, partner) = (self.served, talk.partner);
        let third = self.three_way_of().map(|(_, asked)| asked);
        let hears = third.is_some() || self.legs.get(&served).is_some_and(|leg| leg.hears == Some(partner));
        if !hears || !self.was_told(served) || !self.was_told(partner) {
            return self.record_nobody();
        }
        let is_left = self.recording.as_ref().is_some_and(|recording| recording.served_is_left);
        let (left, right) = if is_left { (served, partner) } else { (partner, served) };
        // A third party who was not told is in the talk and not in the recording.
        let all_told = third.is_none_or(|third| self.was_told(third));
        let are_others = third.is_some() || self.supervisor_is_recorded();
        let right = if are_others && all_told { Side::Others(self.whisperer()) } else { Side::Leg(right) };
        self.set_sides(Some(left), right);
    }

    /// Others are heard in the talk than before: what is recorded of it follows, where it is recorded.
    pub(crate) fn record_anew(&mut self) {
        if self.policy.record && self.recording.as_ref().is_some_and(|recording| recording.right != Side::Nobody) {
            self.record_talk();
        }
    }

    /// Whether a leg may be recorded: people on our own phones need not be told.
    fn was_told(&self, leg: LegId) -> bool {
        let is_outside = self.legs.get(&leg).is_some_and(Leg::is_outside);
        !is_outside || self.consent_due(leg, &self.policy).is_none()
    }

    /// The recording goes on with silence.
    pub(crate) fn record_nobody(&mut self) {
        self.set_sides(None, Side::Nobody);
    }

    fn set_sides(&mut self, left: Option<LegId>, right: Side) {
        let Some(recording) = self.recording.as_mut().filter(|recording| recording.state == RecordingState::Running) else { return };
        // Whatever becomes of the talk meanwhile: until the agent wishes otherwise.
        let (left, right) = if recording.is_paused { (None, Side::Nobody) } else { (left, right) };
        let id = recording.id;
        let was = (std::mem::replace(&mut recording.left, left), std::mem::replace(&mut recording.right, right));
        if was.0 != left {
            self.effect(Effect::SetRecordingLeft { recording: id, left });
        }
        match right {
            right if right == was.1 => {}
            Side::Nobody => self.effect(Effect::SetRecordingRight { recording: id, right: None }),
            Side::Leg(right) => self.effect(Effect::SetRecordingRight { recording: id, right: Some(right) }),
            Side::Others(without) => self.effect(Effect::RecordMix { recording: id, without }),
        }
    }

    /// Records silence until the agent, or another one the call is given to, wishes otherwise. The file's length stays the talk's.
    pub(crate) fn pause_recording(&mut self, agent: AgentId) -> Result<(), ControlRefused> {
        let recording = self.running()?;
        if std::mem::replace(&mut recording.is_paused, true) {
            return Err(ControlRefused::RecordingPaused);
        }
        let recording = recording.id;
        self.record_nobody();
        self.fact(Fact::RecordingPaused { recording, call: self.setup.call, agent });
        Ok(())
    }

    /// Records again what is said.
    pub(crate) fn resume_recording(&mut self, agent: AgentId) -> Result<(), ControlRefused> {
        let recording = self.running()?;
        if !std::mem::take(&mut recording.is_paused) {
            return Err(ControlRefused::RecordingNotPaused);
        }
        let recording = recording.id;
        if self.policy.record {
            self.record_talk();
        }
        self.fact(Fact::RecordingResumed { recording, call: self.setup.call, agent });
        Ok(())
    }

    fn running(&mut self) -> Result<&mut Recording, ControlRefused> {
        let running = self.recording.as_mut().filter(|recording| recording.state == RecordingState::Running);
        running.ok_or(ControlRefused::NotRecorded)
    }

    /// The consent prompt this leg must still hear before it may be recorded.
    pub(crate) fn consent_due(&self, leg: LegId, policy: &RecordingPolicy) -> Option<String> {
        self.legs.get(&leg)?.consent_due(policy)
    }

    /// The same for a caller outside, before the call goes out again: people on our own phones are not told.
    pub(crate) fn outside_caller_consent_due(&self, policy: &RecordingPolicy) -> Option<String> {
        self.legs.get(&self.served).filter(|leg| leg.is_outside())?.consent_due(policy)
    }

    pub(crate) fn consent_heard(&mut self, leg: LegId, prompt: String) {
        if let Some(heard) = self.legs.get_mut(&leg) {
            heard.consents.insert(prompt.clone());
            self.fact(Fact::CallConsent { call: self.setup.call, leg, prompt });
        }
    }

    fn record(&mut self, now: Now, partner: LegId, queue: Option<QueueId>) {
        let recording = RecordingId::new(self.ids.next(now.wall));
        let file = format!("{}/{recording}.wav", now.wall.strftime("%Y/%m/%d"));
        let agent = [partner, self.served].iter().find_map(|leg| self.legs.get(leg)?.agent);
        // Ours stand on the right, whoever called: with them whoever of ours is asked, since of three the right side takes all whom the left one hears.
        let is_outside = |leg: &LegId| self.legs.get(leg).is_some_and(Leg::is_outside);
        let served_is_left = is_outside(&self.served) || !is_outside(&partner);
        let (left, right) = if served_is_left { (self.served, partner) } else { (partner, self.served) };
        self.effect(Effect::StartRecording { recording, left, file: file.clone() });
        self.effect(Effect::SetRecordingRight { recording, right: Some(right) });
        self.fact(Fact::RecordingStarted { recording, call: self.setup.call, queue, agent, file });
        self.recording = Some(Recording {
            id: recording,
            state: RecordingState::Running,
            served_is_left,
            left: Some(left),
            right: Side::Leg(right),
            is_paused: false,
        });
    }

    /// Ends the recording with the last talk. A call that is given on, or waits anew, keeps it.
    pub(crate) fn stop_recording_at_the_end(&mut self, now: Now) {
        if self.ending.is_none() {
            return;
        }
        if let Some(recording) = self.recording.as_mut().filter(|recording| recording.state == RecordingState::Running) {
            recording.state = RecordingState::Stopping(now.mono + FILE_CLOSES_WITHIN);
            let recording = recording.id;
            self.effect(Effect::StopRecording { recording });
            self.fact(Fact::RecordingStopped { recording, call: self.setup.call });
        }
    }

    pub(crate) fn recording_closed(&mut self, id: RecordingId, length_ms: u64, bytes: u64, gap_ms: u64, error: Option<String>) {
        let call = self.setup.call;
        let Some(recording) = self.recording.as_mut().filter(|recording| recording.id == id) else { return };
        match std::mem::replace(&mut recording.state, RecordingState::Closed) {
            RecordingState::Closed => return,
            RecordingState::Stopping(_) => {}
            // The writer gave up in mid-call (disk full): the span ends here.
            RecordingState::Running => self.fact(Fact::RecordingStopped { recording: id, call }),
        }
        self.fact(Fact::RecordingClosed { recording: id, call, length_ms, bytes, gap_ms, error });
    }

    pub(crate) fn recording_timeout(&mut self, now: Now) {
        if self.recording_until().is_some_and(|until| until <= now.mono)
            && let Some(id) = self.recording.as_ref().map(|recording| recording.id)
        {
            let error = format!("the writer did not close the file within {} s", FILE_CLOSES_WITHIN.as_secs());
            self.recording_closed(id, 0, 0, 0, Some(error));
        }
    }

    pub(crate) fn recording_is_open(&self) -> bool {
        self.recording.as_ref().is_some_and(|recording| recording.state != RecordingState::Closed)
    }

    /// When waiting for the file to be closed ends; `None` when nothing is waited for.
    pub(crate) fn recording_until(&self) -> Option<Instant> {
        match self.recording.as_ref()?.state {
            RecordingState::Stopping(until) => Some(until),
            RecordingState::Running | RecordingState::Closed => None,
        }
    }
}

impl Leg {
    pub(crate) fn consent_due(&self, policy: &RecordingPolicy) -> Option<String> {
        policy.consent.as_ref().filter(|prompt| policy.record && !self.consents.contains(*prompt)).cloned()
    }
}
